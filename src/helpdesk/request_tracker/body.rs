//! Message bodies between Request Tracker and the rich-text tree.

use crate::helpdesk::NewFile;
use crate::model::{Block, Inline, RichText};
use crate::text::{self, Flavour, Origin};

/// HTML for Request Tracker, with a line in front that says whose it is where the message can't be theirs.
pub(super) fn to_html(body: &RichText, whose: Option<String>) -> String {
    let Some(whose) = whose else {
        return text::to_html(body, Flavour::Helpdesk);
    };
    let mut blocks = vec![Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(whose)])])];
    blocks.extend(body.blocks.iter().cloned());
    text::to_html(&RichText { blocks }, Flavour::Helpdesk)
}

/// Stands for the words of a message that has none, in front of the names of its files: without any words there would be no
/// place for the marker.
const ATTACHED: &str = "📎 ";

/// HTML for a message with files.
pub(super) fn with_files(body: &RichText, files: &[NewFile], whose: Option<String>) -> String {
    if !body.is_empty() || files.is_empty() {
        return to_html(body, whose);
    }
    let lines = files.iter().map(|file| Block::Paragraph(vec![Inline::Text(format!("{ATTACHED}{}", file.name))]));
    to_html(&RichText { blocks: lines.collect() }, whose)
}

/// Whether it says nothing but the names of its files, in words of ours.
fn only_names_files(body: &RichText) -> bool {
    body.blocks.iter().all(|block| match block {
        Block::Paragraph(inlines) => matches!(inlines.as_slice(), [Inline::Text(text)] if text.starts_with(ATTACHED)),
        _ => false,
    })
}

/// Reads a body. `others`: where it was written, if not by us. What we wrote ourselves comes from Matrix and is whole;
/// anything else may quote the past.
pub(super) fn read(content: &str, is_html: bool, others: Option<Origin>) -> RichText {
    match (is_html, others) {
        (true, None) => {
            let body = text::from_html(content);
            if only_names_files(&body) { RichText::default() } else { body }
        }
        (true, Some(origin)) => text::from_reply_html(content, origin),
        (false, None) => text::from_plain(content),
        (false, Some(origin)) => text::from_reply_plain(content, origin),
    }
}

/// Puts words below others. What was quoted below an answer stays away, also where a file stands in between.
pub(super) fn append(body: &mut RichText, more: RichText) {
    let is_past = |block: &Block| matches!(block, Block::Quote(_) | Block::Rule);
    if body.is_empty() || !more.blocks.iter().all(is_past) {
        body.blocks.extend(more.blocks);
    }
}

/// Whether there is something to see in it that is no words.
pub(super) fn shows(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    ["<img", "<svg", "<video", "<audio", "<object", "<embed"].iter().any(|tag| html.contains(tag))
}
