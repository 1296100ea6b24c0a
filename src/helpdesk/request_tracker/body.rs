//! Message bodies between Request Tracker and the rich-text tree: the one place that calls `crate::text`.

use crate::bridge::attributed;
use crate::model::RichText;
use crate::text::{self, Flavour};

/// HTML for Request Tracker, with the person's name in front where the message can't be theirs.
pub(super) fn to_html(body: &RichText, name: Option<&str>) -> String {
    let html = |body: &RichText| text::to_html(body, Flavour::Helpdesk);
    match name {
        Some(name) => html(&attributed(name, body.clone())),
        None => html(body),
    }
}

/// A mail's or the rich-text editor's HTML: the answer alone, without quoted past and signature.
pub(super) fn from_html(html: &str) -> RichText {
    text::linkify(text::from_mail_html(html))
}

pub(super) fn from_plain(plain: &str) -> RichText {
    text::from_mail_plain(plain)
}
