//! `docs/picture.svg`, the picture in README.md: what a check of the fixture `shop` prints to a terminal with colours.

use std::fs;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use crate::root;
use crate::story::Story;

/// What is typed.
const COMMAND: &str = "cargo pinned";

/// Dark on light pages and on dark ones: a terminal is known by that, and not every forge tells a picture which the page is.
const BACKGROUND: Color = Color::Rgb(RgbColor(22, 27, 34));
const TEXT: Color = Color::Rgb(RgbColor(230, 237, 243));

/// Colours that can be read on that background, dim text included.
const PALETTE: Palette = Palette([
    RgbColor(72, 79, 88),
    RgbColor(255, 123, 114),
    RgbColor(63, 185, 80),
    RgbColor(210, 153, 34),
    RgbColor(88, 166, 255),
    RgbColor(188, 140, 255),
    RgbColor(57, 197, 207),
    RgbColor(177, 186, 196),
    RgbColor(110, 118, 129),
    RgbColor(255, 161, 152),
    RgbColor(86, 211, 100),
    RgbColor(227, 179, 65),
    RgbColor(121, 192, 255),
    RgbColor(210, 168, 255),
    RgbColor(86, 212, 221),
    RgbColor(240, 246, 252),
]);

/// `UPDATE_DOCS=1` draws it anew.
#[test]
fn the_picture_is_what_is_printed_today() {
    let ended = Story::new("shop").run(&format!("{COMMAND} check --color always"));
    assert_eq!(ended.code, 1, "{}", ended.output);
    let path = root().join("docs/picture.svg");
    let drawn = draw(&format!("$ {COMMAND}\n{}", ended.output.trim_end()));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &drawn).expect("it can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(there == drawn, "run the tests with UPDATE_DOCS=1, and look at the picture");
}

fn draw(printed: &str) -> String {
    let term = Term::new().palette(PALETTE).fg_color(TEXT).bg_color(BACKGROUND);
    let drawn = term.render_svg(printed);
    // Without a box for its view a picture that is wider than the page is cut, and not made smaller.
    let (width, height) = (size(&drawn, "width"), size(&drawn, "height"));
    drawn.replacen("<svg ", &format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" "), 1)
}

/// A size of the picture, in pixels.
fn size<'a>(drawn: &'a str, name: &str) -> &'a str {
    let (_, rest) = drawn.split_once(&format!("{name}=\"")).expect("it has a size");
    rest.split_once("px\"").expect("it is in pixels").0
}
