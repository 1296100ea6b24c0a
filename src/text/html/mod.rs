//! HTML of others read into the tree: html5ever cuts it into tokens, `reader` understands them, `builder` builds.
//!
//! There is no tree of elements in between: that bounds time and depth, and nothing depends on how a browser would
//! repair broken nesting, because only our own emitter writes HTML again.

mod builder;
mod hints;
mod lines;
mod open;
mod pictures;
mod reader;
mod state;
mod tags;
mod tokens;

pub use builder::{Builder, Cell, Frame, NESTED_MAX, Table};
pub use hints::is_language;
pub use lines::Style;
pub use pictures::OwnPictures;
use pictures::Pictures;
use reader::{Reader, Rules};

use super::quoted::{Mark, Origin, has_own_words, strip_quoted};
use super::{READ_BYTES_MAX, linkify, plain};
use crate::model::RichText;

/// Reads any HTML, as Matrix clients and helpdesks send it; bare addresses become links.
pub fn from_html(html: &str) -> RichText {
    linkify(read(html, Rules::Message, Pictures::AsWords))
}

/// Reads the HTML of a mail or helpdesk reply without the quoted past and the signature.
pub fn from_reply_html(html: &str, origin: Origin) -> RichText {
    linkify(own_part(html, origin, Pictures::AsWords))
}

/// The pictures (`cid:…`) in what the author of such a reply wrote now: not in the quoted past, and not in the signature.
pub fn own_pictures(html: &str, origin: Origin) -> OwnPictures {
    OwnPictures::of(&own_part(html, origin, Pictures::Named))
}

fn own_part(html: &str, origin: Origin, pictures: Pictures) -> RichText {
    let mark = Mark::of(origin, html);
    let text = strip_quoted(read(html, Rules::Mail, pictures), mark);
    // Without its signature nothing was left, or only quotes: then the signature was the message.
    if has_own_words(&text) { text } else { strip_quoted(read(html, Rules::MailWithSignature, pictures), mark) }
}

fn read(html: &str, rules: Rules, pictures: Pictures) -> RichText {
    let html = plain::start_of(html, READ_BYTES_MAX);
    if !html.contains(['<', '&']) {
        let mut builder = Builder::default();
        builder.text(html);
        return builder.finish();
    }
    let (text, is_whole) = tokens::tokenize(html, Reader::new(rules, pictures, true)).finish();
    if is_whole {
        return text;
    }
    // An element whose content is left out was never closed: rather show too much than lose what was written.
    tokens::tokenize(html, Reader::new(rules, pictures, false)).finish().0
}
