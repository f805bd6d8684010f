use super::*;
use proptest::prelude::*;

/// Everything that a page loads, as `name requirement pin`.
fn loads(text: &str) -> Vec<String> {
    let sheet = read(FileId(0), text);
    let one = |dependency: &Dependency| {
        let written = dependency.requirement.as_deref().unwrap_or_default();
        assert_eq!(&text[dependency.span.range()], written, "a span is where it is written");
        format!("{} {} {}", dependency.name, written, dependency.pin)
    };
    sheet.dependencies.iter().map(one).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(loads(text), expected, "{text}");
}

/// One URL: its name, version and pin. A version of `-` is none, so that the whole URL is what is written.
#[track_caller]
fn url(url: &str, name: &str, version: &str, pin: &str) {
    let version = if version == "-" { url } else { version };
    check(&format!("<script src=\"{url}\"></script>"), &[&format!("{name} {version} {pin}")]);
}

#[test]
fn packages_of_npm() {
    for host in ["unpkg.com", "cdn.jsdelivr.net/npm", "esm.sh", "cdn.skypack.dev", "esm.run"] {
        url(&format!("https://{host}/vue"), "vue", "-", "latest");
        url(&format!("https://{host}/vue/dist/vue.js"), "vue", "-", "latest");
        url(&format!("https://{host}/vue@/dist/vue.js"), "vue", "-", "latest");
        url(&format!("https://{host}/vue@latest"), "vue", "latest", "latest");
        url(&format!("https://{host}/vue@next/dist/vue.js"), "vue", "next", "latest");
        url(&format!("https://{host}/vue@3"), "vue", "3", "range");
        url(&format!("https://{host}/vue@3.4/x.js"), "vue", "3.4", "range");
        url(&format!("https://{host}/vue@^3.4.1"), "vue", "^3.4.1", "range");
        url(&format!("https://{host}/vue@3.4.1"), "vue", "3.4.1", "exact");
        url(&format!("https://{host}/vue@3.5.0-beta.1/x.js"), "vue", "3.5.0-beta.1", "exact");
        url(&format!("https://{host}/@scope/x@2/a@b.js"), "@scope/x", "2", "range");
        url(&format!("https://{host}/@scope/x@2.0.1"), "@scope/x", "2.0.1", "exact");
        url(&format!("https://{host}/@scope/x"), "@scope/x", "-", "latest");
        url(&format!("https://{host}/vue@{{{{ version }}}}/x.js"), "vue", "{{ version }}", "unknown");
    }
    url("https://esm.sh/v135/react@18.2.0/es2022/react.mjs", "react", "18.2.0", "exact");
    url("https://esm.sh/*preact@10&dev", "preact", "10", "range");
    url(
        "https://cdn.skypack.dev/pin/canvas-confetti@v1.4.0-POmgSMO0U5q84otJfYlN/mode=imports/a.js",
        "canvas-confetti",
        "v1.4.0-POmgSMO0U5q84otJfYlN",
        "exact",
    );
    url("https://ga.jspm.io/npm:lit@2.7.5/index.js", "lit", "2.7.5", "exact");
    url("https://unpkg.com/%40scope/x@1", "@scope/x", "1", "range");
}

#[test]
fn repositories_and_lists() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    url("https://cdn.jsdelivr.net/gh/user/repo/a.js", "user/repo", "-", "latest");
    url("https://cdn.jsdelivr.net/gh/user/repo@main/a.js", "user/repo", "main", "latest");
    url("https://cdn.jsdelivr.net/gh/user/repo@1.2/a.js", "user/repo", "1.2", "range");
    url("https://cdn.jsdelivr.net/gh/user/repo@v1.2.3/a.js", "user/repo", "v1.2.3", "exact");
    url("https://cdn.jsdelivr.net/gh/user/repo@0123456/a.js", "user/repo", "0123456", "tag");
    url(&format!("https://cdn.jsdelivr.net/gh/user/repo@{commit}/a.js"), "user/repo", commit, "content");
    url(&format!("https://raw.githubusercontent.com/user/repo/{commit}/a.js"), "user/repo", commit, "content");
    url("https://raw.githubusercontent.com/user/repo/v1.2.3/a.js", "user/repo", "v1.2.3", "tag");
    url("https://raw.githubusercontent.com/user/repo/refs/heads/main/a.js", "user/repo", "main", "latest");
    check(
        "<script src=https://cdn.jsdelivr.net/combine/npm/jquery@3,npm/@s/b@4.6.2/dist/b.js,gh/u/r@1.2.3/x.js></script>",
        &["jquery 3 range", "@s/b 4.6.2 exact", "u/r 1.2.3 exact"],
    );
}

#[test]
fn libraries() {
    url("https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.1/MathJax.js?config=TeX", "mathjax", "2.7.1", "exact");
    url("https://cdnjs.cloudflare.com/ajax/libs/three.js/r128/three.min.js", "three.js", "r128", "exact");
    url("https://cdnjs.cloudflare.com/ajax/libs/jquery/latest/jquery.js", "jquery", "latest", "latest");
    url("https://ajax.googleapis.com/ajax/libs/jquery/3.7.1/jquery.min.js", "jquery", "3.7.1", "exact");
    url("https://ajax.googleapis.com/ajax/libs/jquery/1.12/jquery.min.js", "jquery", "1.12", "range");
    url("https://ajax.googleapis.com/ajax/libs/jquery/1/jquery.min.js", "jquery", "1", "range");
    url("https://code.jquery.com/jquery-3.7.1.min.js", "code.jquery.com/jquery.min.js", "3.7.1", "exact");
    url("https://code.jquery.com/jquery-1.7.js", "code.jquery.com/jquery-1.7.js", "1.7", "exact");
    url("https://code.jquery.com/ui/1.13.2/jquery-ui.js", "code.jquery.com/ui/jquery-ui.js", "1.13.2", "exact");
    url("https://code.jquery.com/jquery-latest.min.js", "code.jquery.com/jquery-latest.min.js", "latest", "latest");
    url("https://code.jquery.com/jquery.js", "code.jquery.com/jquery.js", "-", "latest");
    url("https://cdn.tailwindcss.com", "tailwindcss", "-", "latest");
    url("https://cdn.tailwindcss.com/3.4.1", "tailwindcss", "3.4.1", "exact");
}

#[test]
fn vendors() {
    for (path, version, pin) in [
        ("v2/a.js", "v2", "range"),
        ("v3/", "v3", "range"),
        ("v2.latest/a.js", "v2.latest", "range"),
        ("2.x/a.js", "2.x", "range"),
        ("3/a.js", "3", "range"),
        ("latest/a.js", "latest", "latest"),
        ("stable/a.js", "stable", "latest"),
        ("a-latest.js", "latest", "latest"),
        ("d3.v7.min.js", "v7", "range"),
        ("lib-1.7.js", "1.7", "range"),
        ("a.js", "-", "latest"),
        ("main.js", "-", "latest"),
        ("123456/a.js", "-", "latest"),
        ("a.js?v=1.2.3", "-", "latest"),
        ("c/0a1b2c3d4e.js", "-", "latest"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.js", "-", "latest"),
        ("a/{{ file }}.js", "-", "unknown"),
    ] {
        let name = format!("cdn.vendor.example/{}", path.split('?').next().unwrap_or_default().trim_end_matches('/'));
        url(&format!("https://cdn.vendor.example/{path}"), &name, version, pin);
    }
    for (path, version, bare) in [
        ("1.2.3/a.js", "1.2.3", "a.js"),
        ("v1.2.3/a.js", "1.2.3", "a.js"),
        ("lib/a-v1.2.3.min.js", "1.2.3", "lib/a.min.js"),
        ("a.1.2.3.min.js", "1.2.3", "a.min.js"),
        ("a-1.2.3-beta.4.min.js", "1.2.3-beta.4", "a.min.js"),
        ("a-1.2.3-dev.js", "1.2.3-dev", "a.js"),
        ("a-1.2.3-development.js", "1.2.3", "a-development.js"),
        ("a@1.2.3/x.js", "1.2.3", "a/x.js"),
        ("v2/2026-01-31/a.js", "2026-01-31", "v2/a.js"),
        ("app.8c4f2b1a.js", "8c4f2b1a", "app.js"),
    ] {
        url(&format!("https://cdn.vendor.example/{path}"), &format!("cdn.vendor.example/{bare}"), version, "exact");
    }
}

#[test]
fn what_is_the_sites_own_is_not_declared() {
    for source in [
        "app.js",
        "/app.js",
        "../a/b.js",
        "?x",
        "data:text/javascript,1",
        "blob:https://a.example/x",
        "http://localhost:3000/v2/a.js",
        "http://127.0.0.1/a.js",
        "//web:8080/a.js",
        "https://{{ cdn }}/a.js",
        "{{ cdn }}/vue@3",
        "",
        "https://[::1]/a.js",
        "http://10.0.0.7/v1/a.js",
        "https://",
    ] {
        check(&format!("<script src=\"{source}\"></script>"), &[]);
    }
    let page = |own: &str| format!("<head>{own}<script src=https://own.example/v2/a.js></script>");
    check(&page("<link rel=canonical href=\"https://own.example/\">"), &[]);
    check(&page("<base href=\"https://own.example/x/\">"), &[]);
    check(&page("<meta property=\"og:url\" content=\"https://own.example/x/\">"), &[]);
    check(&page("<link rel=canonical href=\"https://other.example/\">"), &["own.example/v2/a.js v2 range"]);
    let shown = "<link rel=canonical href=https://unpkg.com/x/demo.html><script src=https://unpkg.com/x@1></script>";
    check(shown, &["x 1 range"]);
}

#[test]
fn tags_that_load() {
    let found = &["x 1 range"];
    let url = "https://unpkg.com/x@1";
    for loading in [
        "<SCRIPT SRC='U'></SCRIPT>",
        "<script async src=U defer></script>",
        "<script\n\tsrc\n=\n\"U\">",
        "<script src=\"\n U \n\">",
        "<link rel=stylesheet href=U>",
        "<link rel=\"alternate StyleSheet\" href=U>",
        "<link rel=modulepreload href=U />",
        "<link rel=preload as=script href=U>",
        "<link as=style rel=preload href=U>",
        "<noscript><link rel=stylesheet href=U></noscript>",
        "<svg><script src=U>",
        "<template><script src=U></script></template>",
        "<script src=U src=https://unpkg.com/y>",
        "<p title='<script>'><script src=U>",
    ] {
        check(&loading.replace('U', url), found);
    }
    check(
        &format!("<!-- <script src={url}></script> --><link rel=icon href={url}><a href={url}><link href={url}>"),
        &[],
    );
    check(
        &format!(
            "<link rel=preconnect href={url}><iframe src={url}></iframe><img src={url}><textarea><script src={url}>"
        ),
        &[],
    );
    check(
        "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Roboto&amp;display=swap'><script></script>",
        &[],
    );
    check(
        "<script src=//unpkg.com/x@1></script>\r\n<script src=HTTPS://UNPKG.COM/x@1></script>",
        &["x 1 range", "x 1 range"],
    );
    check("<script src='\\\\unpkg.com\\x@1'></script>", &["x 1 range"]);
}

#[test]
fn escapes_hide_nothing() {
    check("<script src=\"https:&#47;&#47;unpkg.com/x@1\">", &["x 1 range"]);
    check("<script src=\"https://unpkg.com/x&commat;1/a.js\">", &["x https://unpkg.com/x&commat;1/a.js range"]);
    check("<script src=\"https://unpkg.com/x@%5E1.2/a.js\">", &["x https://unpkg.com/x@%5E1.2/a.js range"]);
}

#[test]
fn a_hash_holds() {
    let hash = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC";
    check(&format!("<script src=https://unpkg.com/x@1 integrity='{hash}' crossorigin>"), &["x 1 content"]);
    check(
        &format!("<link integrity=\"md5-x {hash}\" rel=stylesheet href=https://a.example/v2/a.css>"),
        &["a.example/v2/a.css v2 content"],
    );
    for none in ["", "md5-abc", "sha384-", "sha1-abc"] {
        check(&format!("<script src=https://unpkg.com/x@1 integrity='{none}'>"), &["x 1 range"]);
    }
}

#[test]
fn modules() {
    let script = "<script type=module>\r\n// import a from 'https://esm.sh/a'\n/* import 'https://esm.sh/b' */\n\
        import c, { d } from \"https://esm.sh/c@1\"\nexport * from'https://esm.sh/d@1.2.3';\nimport 'https://esm.sh/e';\n\
        const f = await import( /* @vite-ignore */ `https://esm.sh/f@2` )\nconst g = 'https://esm.sh/g', h = /'/;\n\
        import i from 'https://esm.sh/i@3'\nimport j from './j.js'\nimport k from 'k'\nx.from('https://esm.sh/l')\n</script>";
    let found = ["c 1 range", "d 1.2.3 exact", "e https://esm.sh/e latest", "f 2 range", "i 3 range"];
    check(script, &found);
    check(&script.replace(" type=module", ""), &found);
    check(&script.replace("type=module", "type=application/ld+json"), &[]);
}

#[test]
fn import_maps() {
    let map = "<script type=\"importmap\">{\"imports\": {\"vue\": \"https://unpkg.com/vue@3/x.js\", \"a\": \"./a.js\", \"b\": null,\n\
        \"c/\": \"https:\\/\\/esm.sh\\/c@1.2.3\\/\", \"d\": \"https://esm.sh/d\"},\n\
        \"scopes\": {\"/x/\": {\"vue\": \"https://unpkg.com/vue@2.7.0/x.js\"}},\n\
        \"integrity\": {\"https://esm.sh/d\": \"sha384-abc\"}}</script><script type=module>import 'https://esm.sh/d'</script>";
    let found =
        ["vue 3 range", "c 1.2.3 exact", "d https://esm.sh/d content", "vue 2.7.0 exact", "d https://esm.sh/d content"];
    check(map, &found);
    for text in [
        "<script type=importmap-shim>{\"imports\": {\"vue\": \"https://unpkg.com/vue@3\"}}</script>",
        "<script type=module-shim>import vue from 'https://unpkg.com/vue@3'</script>",
        // One that a template completes is read all the same.
        "<script type=importmap>{\"imports\": { {{ more }} \"vue\": \"https://unpkg.com/vue@3\", }</script>",
    ] {
        check(text, &["vue 3 range"]);
    }
}

#[test]
fn hostile_pages_are_read_in_one_go() {
    let long = format!("https://unpkg.com/{}@1", "x".repeat(1 << 20));
    for text in [
        format!("<script src=\"{long}"),
        format!("<script src=\"{long}\"></script>"),
        format!("<script {} src=//unpkg.com/x>", "a=//b ".repeat(60_000)),
        "<script src=//unpkg.com/x ".repeat(30_000),
        format!("<script>{}", "import '\\".repeat(60_000)),
        format!("<script>//{}", "\nimport(/*".repeat(40_000)),
        format!("<script>import //{}`", "  `from".repeat(40_000)),
        format!("<script type=importmap>//{}", "\"\\\"".repeat(60_000)),
        format!("<script type=importmap>//{}", ":\"".repeat(60_000)),
        "<noscript><script src=//a.example/v2/>".repeat(20_000),
        format!("<script src=//cdn.jsdelivr.net/combine/{}>", "npm/a@1,".repeat(20_000)),
        format!("<script src=//esm.sh/{}>", "stable/".repeat(20_000)),
    ] {
        for dependency in read(FileId(0), &text).dependencies {
            assert!(dependency.name.len() <= MAX_URL && dependency.span.range().len() <= MAX_URL);
        }
    }
}

#[test]
fn a_glance_tells_what_is_not_worth_reading() {
    let quiet = "<!doctype html><link rel=stylesheet href='a.css'><a href='https://a.example/v2/'>&amp;</a>\n\
        <script src=\"b.js\" async></script><script>let a = 1; // none</script><p>import 'https://esm.sh/a'</p>";
    assert!(!sieve::may_load(quiet.as_bytes()));
    for loud in
        ["<link title='>' href=//a>", "<script a='\"' b='>' src=\\\\a>", "<LINK href=h&#47;>", "<script>import'//a'"]
    {
        assert!(sieve::may_load(format!("{quiet}{loud}").as_bytes()), "{loud}");
    }
}

#[test]
fn names() {
    assert!(is_one("index.html") && is_one("INDEX.HTM") && !is_one("html") && !is_one("a.html.bak"));
    assert!(is_candidate("a/base.html.tera") && !is_candidate("a.rs") && !is_candidate("a.html"));
    assert!(names_no_page("src/**/*.rs") && names_no_page("a.json"));
    for pattern in ["site/**", "site/*", "*.tera", "a/*.html", "a/*.h*", "**/README", "x.[jt]"] {
        assert!(!names_no_page(pattern), "{pattern}");
    }
}

/// Pieces of pages, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "<link ",
        "<script a=",
        " src=",
        "=",
        "<script src=",
        "<SCRIPT type=module>",
        "<script type=importmap>",
        "</script>",
        "<link rel=stylesheet href=",
        "<noscript>",
        "</noscript>",
        "<base href=",
        ">",
        "\"",
        "'",
        "`",
        "import ",
        "from ",
        "import(",
        "/*",
        "*/",
        "//",
        "\n",
        "\r\n",
        "<!--",
        "-->",
        "https://unpkg.com/vue@3",
        "https://cdn.jsdelivr.net/combine/npm/a@1,gh/b/c@2.0.0/d",
        "//a.example/v2/é",
        "&amp;",
        "&#47;",
        " integrity=sha256-x",
        "\\",
        ":",
        "{",
        "}",
        "\u{feff}",
        "%5E",
        "@",
        "latest",
        "1.2.3",
        "-beta.",
        "\0",
        "é",
        "😀",
    ]);
    prop_oneof![4 => fixed.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a page is, nothing panics, and each span is where it says what is written.
    #[test]
    fn any_page_is_read(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        // A glance at it never says that there is nothing where there is.
        prop_assert_eq!(loads(&text).len(), dependencies(FileId(0), &text).len(), "{}", text);
    }

    /// What the tokenizer of a browser finds, by another implementation of it, is what is found here.
    #[test]
    fn browsers_see_the_same_scripts(pieces in prop::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        let mut theirs: Vec<String> = Vec::new();
        let page = scraper::Html::parse_document(&text);
        let scripts = scraper::Selector::parse("script[src]").expect("a selector");
        theirs.extend(page.select(&scripts).filter_map(|tag| tag.attr("src").map(str::to_owned)));
        let ours = markup::read(&text).references;
        let ours: Vec<&str> = ours.iter().map(|reference| reference.url.as_str()).collect();
        for url in &theirs {
            prop_assert!(url.is_empty() || ours.contains(&url.as_str()), "{url:?} of {text:?}: {ours:?}");
        }
    }
}
