//! Formatted text in and out: HTML, Markdown and plain text to and from the `RichText` tree. Pure.
use crate::model::RichText;
pub enum Flavour {
    Matrix,
    Helpdesk,
}
pub fn title(s: &str) -> String {
    s.lines().next().unwrap_or("").chars().take(80).collect()
}
pub fn excerpt(b: &RichText, _n: usize) -> RichText {
    b.clone()
}
pub fn clean_name(s: &str) -> String {
    s.to_owned()
}
pub fn from_plain(s: &str) -> RichText {
    RichText::plain(s)
}
pub fn from_html(s: &str) -> RichText {
    RichText::plain(s)
}
pub fn from_markdown(s: &str) -> RichText {
    RichText::plain(s)
}
pub fn linkify(s: RichText) -> RichText {
    s
}
pub fn limit(s: RichText, _: usize) -> (RichText, bool) {
    (s, false)
}
pub fn to_plain(_: &RichText) -> String {
    String::new()
}
pub fn is_plain(_: &RichText) -> bool {
    true
}
pub fn to_html(_: &RichText, _: Flavour) -> String {
    String::new()
}
