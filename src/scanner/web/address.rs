//! URLs as browsers take them apart.

use std::ops::Range;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// An absolute URL of the web: its host, and the segments of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The host, in lower case.
    pub(super) host: String,
    /// The segments, without the escapes of URLs; what has no name at the end of a path is none.
    pub(super) segments: Vec<String>,
}

/// A version in a segment of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    segment: String,
    within: Range<usize>,
}

impl Version {
    /// The version at a range of a segment.
    pub(super) fn new(segment: &str, within: Range<usize>) -> Self {
        Self { segment: segment.to_owned(), within }
    }

    /// Where it is in a URL as written; nowhere, where an escape hides it.
    pub(super) fn find(&self, raw: &str) -> Option<Range<usize>> {
        // Behind the host, which can have the same text in it.
        let scheme = raw.find("//").map_or(0, |at| at + 2);
        let path = raw[scheme..].find('/').map_or(scheme, |at| scheme + at + 1);
        let found = path + raw[path..].find(&self.segment)?;
        Some(found + self.within.start..found + self.within.end)
    }
}

/// What opens an expression of a template.
const EXPRESSIONS: [&str; 7] = ["{{", "{%", "{#", "<%", "<?", "${", "#{"];

/// Whether a text holds an expression of a template, so that what it comes to is not known.
pub(super) fn is_expression(text: &str) -> bool {
    EXPRESSIONS.iter().any(|open| text.contains(open))
}

impl Address {
    /// Takes a URL apart as a page would that is served by HTTPS. None for what the page's own site serves, for what is no
    /// URL of the web, and for a host that is not known or that only the machine or network of the reader has.
    pub(super) fn parse(text: &str) -> Option<Self> {
        static PAGE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://page.invalid/").ok());
        let page = PAGE.as_ref()?;
        let url = page.join(text).ok()?;
        let is_elsewhere = matches!(url.scheme(), "http" | "https") && url.host() != page.host();
        if !is_elsewhere || is_near(&url.host()?) {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.').to_owned();
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let segments = url.path_segments()?.map(decode).filter(|segment| !segment.is_empty()).collect();
        Some(Self { host, segments })
    }

    /// The segments of its path.
    pub(super) fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// Whether a host is the reader's own machine or network, or an expression.
fn is_near(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            !name.trim_end_matches('.').contains('.')
                || matches!(last, "localhost" | "local")
                || name.contains(['{', '}', '$', '<', '>', '%'])
        }
        Host::Ipv4(address) => address.is_loopback() || address.is_private() || address.is_unspecified(),
        Host::Ipv6(address) => address.is_loopback() || address.is_unique_local() || address.is_unspecified(),
    }
}
