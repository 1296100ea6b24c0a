//! Formatted text in and out: HTML, Markdown and plain text to and from the `RichText` tree. Pure.
//!
//! Architecture invariants: nothing here does I/O; no markup of others is ever passed through, `to_html` alone writes
//! tags; every reader takes any input in linear time and bounded depth, and keeps the words of what it can't format.

mod brackets;
mod chars;
mod file_names;
mod html;
mod limit;
mod linkify;
mod markdown;
mod mentions;
mod names;
mod plain;
mod quoted;
mod quoted_signs;
mod signs;
mod split;
mod to_html;
mod to_plain;
mod url;
mod variables;

pub use brackets::bracket_links;
pub use chars::{cleaned, is_invisible};
pub use file_names::{ending, file_name};
pub use html::{from_html, from_reply_html, own_pictures};
pub use limit::{excerpt, limit};
pub use linkify::linkify;
pub use markdown::from_markdown;
pub use mentions::{name_mentions, named};
pub use names::{clean_name, title};
pub use plain::{from_plain, from_reply_plain};
pub use quoted::{Mark, Origin, strip_quoted};
pub use split::split;
pub use to_html::{Flavour, to_html};
pub use to_plain::to_plain;
pub use url::linkable;
pub use variables::{fill, value};

use crate::model::{Block, Inline, RichText};

/// What is read of a text: a mail can be larger than a Matrix event, but words beyond this are a file in disguise.
pub const READ_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Whether it has no formatting at all, so that its plain form says everything.
pub fn is_plain(text: &RichText) -> bool {
    text.blocks.iter().all(|block| match block {
        Block::Paragraph(inlines) => inlines.iter().all(|inline| matches!(inline, Inline::Text(_) | Inline::Break)),
        _ => false,
    })
}
