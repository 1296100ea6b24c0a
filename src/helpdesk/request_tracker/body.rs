//! Message bodies between Request Tracker and the rich-text tree.

use crate::model::{Block, Inline, RichText};
use crate::text::{self, Flavour};

/// HTML for Request Tracker, with the person's name in front where the message can't be theirs.
pub(super) fn to_html(body: &RichText, name: Option<&str>) -> String {
    let Some(name) = name else {
        return text::to_html(body, Flavour::Helpdesk);
    };
    let name = Inline::Bold(vec![Inline::Text(text::clean_name(name))]);
    let mut blocks = vec![Block::Paragraph(vec![name, Inline::Text(" wrote:".to_owned())])];
    blocks.extend(body.blocks.iter().cloned());
    text::to_html(&RichText { blocks }, Flavour::Helpdesk)
}

/// Reads a body. What we wrote ourselves comes from Matrix and is whole; anything else may quote the past.
pub(super) fn read(content: &str, is_html: bool, is_ours: bool) -> RichText {
    match (is_html, is_ours) {
        (true, true) => text::from_html(content),
        (true, false) => text::from_mail_html(content),
        (false, true) => text::from_plain(content),
        (false, false) => text::from_mail_plain(content),
    }
}
