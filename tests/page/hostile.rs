//! What comes from a repository is text wherever it stands, whatever it holds.

use cargo_pinned::reporter::escape;

use crate::Page;
use crate::nasty::{self, NAMES, audit};

/// The names of the elements, and of their attributes, in their order.
fn skeleton(page: &Page) -> Vec<String> {
    let elements = page.all("*").into_iter().filter(|element| element.value().name() != "a");
    let shape = elements.map(|element| {
        let mut names: Vec<&str> = element.value().attrs().map(|(name, _)| name).collect();
        names.sort_unstable();
        format!("{} {}", element.value().name(), names.join(" "))
    });
    // Backticks in a message are code, in any message.
    shape.filter(|each| each != "code ").collect()
}

#[test]
fn no_name_changes_what_elements_there_are() {
    let plain = skeleton(&Page::of(&audit("plain")));
    for nasty in NAMES {
        assert_eq!(skeleton(&Page::of(&audit(nasty))), plain, "{nasty:?}");
    }
}

#[test]
fn every_name_is_shown_as_it_is_or_as_an_escape() {
    for nasty in NAMES {
        let page = Page::of(&audit(nasty));
        let shown = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = shown(&escape(nasty));
        for selector in [".attention details:first-of-type td", ".breakdown .pick", ".ranking td.owner"] {
            let said = page.texts(selector);
            // What stands between backticks is code, without them.
            let fits = |said: &String| *said == name || *said == name.replace('`', "");
            assert!(!said.is_empty() && said.iter().all(fits), "{selector}: {said:?}");
        }
        let openers = page.texts(".opener");
        assert!(openers.contains(&shown(&format!("{name} {name}false"))), "{openers:?}");
        let raw = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2028}');
        assert!(!page.bytes.contains(raw), "{nasty:?}");
    }
}

#[test]
fn the_data_says_the_same_and_every_link_stays_on_the_forge() {
    for nasty in NAMES {
        let page = Page::of(&audit(nasty));
        let data = page.data();
        let row = &data["rows"][0];
        assert_eq!(row["name"], escape(nasty));
        let text = |at: &serde_json::Value| data["texts"][at.as_u64().expect("a number") as usize].clone();
        assert_eq!(text(&row["findings"][1]), escape(nasty));
        assert_eq!(text(&row["owner"]), escape(nasty));
        if nasty != "__proto__" {
            let path = row["findings"][4].to_string();
            let encoded = data["encoded"][&path].as_str().expect("it does not stand for itself in a link");
            assert!(encoded.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/%".contains(c)), "{encoded}");
        }
        for link in page.all("a[href^=https]") {
            let href = link.attr("href").expect("a link");
            assert!(href.starts_with("https://github.com/o/"), "{href}");
            let safe = |c: char| c.is_ascii_alphanumeric() || "-._~/%:#!$&'()*+,;=@\\|[]^`{}".contains(c);
            assert!(href.chars().all(safe), "{href}");
        }
    }
}

#[test]
fn all_of_them_at_once_are_rows_of_one_page() {
    let page = Page::of(&nasty::all());
    assert_eq!(page.all(".ranking tbody tr").len(), NAMES.len() * 2);
    assert_eq!(page.data()["rows"].as_array().map(Vec::len), Some(NAMES.len() * 2));
}
