//! The page needs nothing but itself, and lets nothing else in.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use crate::{Page, sample};

#[test]
fn nothing_is_fetched_from_anywhere() {
    let page = Page::of(&sample::audit(60, 20));
    for element in page.all("*") {
        let name = element.value().name();
        let banned =
            ["img", "iframe", "object", "embed", "base", "audio", "video", "source", "image", "use", "foreignObject"];
        assert!(!banned.contains(&name), "<{name}>");
        for (attribute, value) in element.value().attrs() {
            assert!(!attribute.starts_with("on") && attribute != "style", "<{name} {attribute}={value}>");
            assert!(!["src", "srcset", "action", "formaction", "data", "xlink:href", "ping"].contains(&attribute));
            match (name, attribute) {
                ("link", "href") => assert_eq!(value, "data:,"),
                ("a", "href") => assert!(value.starts_with("https://") || value.starts_with('#'), "{value}"),
                (_, "href") => panic!("<{name} href={value}>"),
                _ => {}
            }
        }
    }
    let style: String = page.one("style").text().collect();
    assert!(!style.contains("url(") && !style.contains("@import"));
    let script: String = page.one("script:not([type])").text().collect();
    for word in ["fetch(", "XMLHttpRequest", "import(", "WebSocket", "innerHTML", "eval(", "sendBeacon"] {
        assert!(!script.contains(word), "{word}");
    }
    // The one address in it is the name of SVG's namespace, and how a link begins.
    let addresses: Vec<&str> = script.split('"').filter(|text| text.contains("://")).collect();
    assert_eq!(addresses, ["https://", "http://www.w3.org/2000/svg"]);
}

#[test]
fn the_policy_allows_this_style_and_this_script_and_nothing_else() {
    let page = Page::of(&sample::audit(3, 4));
    let policy = page.one("meta[http-equiv=Content-Security-Policy]").attr("content").expect("a policy");
    let hash = |selector: &str| {
        let text: String = page.one(selector).text().collect();
        format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text.as_bytes())))
    };
    let directives: Vec<&str> = policy.split("; ").collect();
    assert_eq!(
        directives,
        [
            "default-src 'none'",
            &format!("script-src {}", hash("script:not([type])")),
            &format!("style-src {}", hash("style")),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    );
    // What stands before it would not be held by it.
    let before = &page.bytes[..page.bytes.find("Content-Security-Policy").expect("a policy")];
    assert!(before.ends_with("<head><meta charset=\"utf-8\"><meta http-equiv=\""), "{before}");
    // A browser hashes the text with its line ends made one character.
    assert!(!page.bytes.contains('\r'));
}
