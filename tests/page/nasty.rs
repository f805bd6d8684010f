//! An audit of repositories that are out to break the page.

use cargo_pinned::reporter::audit::{Audit, Change, Counts, Gone, Item, Packed, Row, Run};

/// Names that end texts, attributes, elements, comments and lines, in HTML, JSON and JavaScript; that reorder; that are gaps.
pub(crate) const NAMES: [&str; 17] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "--><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</table></main></body></html>",
    "]]></style><base href=https://evil.example/>",
    "line\u{2028}separator\u{2029}and\nnew\r\nline\0",
    "\u{202e}reversed\u{2066}",
    "&lt;b&gt;&amp;&#x3c;",
    "\\u003c\\\"\\",
    "\u{1}\u{2}\u{3}`$&`$1",
    "javascript:alert(1)",
    "__proto__",
    "</script/x",
    "<!-- <script x",
    "\"#\"",
];

/// An audit that says this wherever it can.
pub(crate) fn audit(nasty: &str) -> Audit {
    let say = || nasty.to_owned();
    let item = |fingerprint: &str| Item {
        rule: say(),
        level: say(),
        surface: say(),
        name: say(),
        requirement: Some(say()),
        pin: Some(say()),
        required: Some(say()),
        locked: Some(say()),
        message: format!("before {nasty} after"),
        help: Some(say()),
        path: say(),
        line: 7,
        column: 3,
        fingerprint: fingerprint.to_owned(),
        since: Some(say()),
        reason: Some(say()),
        expires: Some("2026-12-01".to_owned()),
        subject: say(),
        ..Item::default()
    };
    let row = |error: Option<String>, url: String| Row {
        name: say(),
        path: say(),
        url: Some(url),
        owner: Some(say()),
        labels: vec![say()],
        reference: Some(format!("{nasty}{}", error.is_some())),
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        error,
        stale: Some(say()),
        counts: Counts { deny: 1, warn: 1, declarations: 5, pinned: 3, ..Counts::default() },
        findings: Packed::new(&[item("a"), item("b")]),
        excepted: Packed::new(&[item("c")]),
        waived: Packed::new(&[item("a")]),
        change: Some(Change {
            new: vec!["a".to_owned()],
            resolved: vec![Gone { fingerprint: say(), rule: say(), name: say(), path: say() }],
        }),
    };
    let run = || Run { at: say(), repositories: 1, failed: 0, deny: 1, warn: 1, new: 1, resolved: 1 };
    Audit {
        rows: vec![row(None, format!("https://github.com/o/{nasty}")), row(Some(say()), say())],
        today: "2026-11-25".parse().expect("a day"),
        at: say(),
        runs: vec![run(), run()],
        notes: vec![say()],
    }
}

/// All of them at once.
pub(crate) fn all() -> Audit {
    let mut audit = audit("plain");
    audit.rows = NAMES.into_iter().flat_map(|name| self::audit(name).rows).collect();
    audit
}
