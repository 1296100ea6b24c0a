//! Pictures that stand within the HTML of a message itself, as `data:` addresses: files that have no part of their own.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::{File, FileKind, FileSource, MessageId};
use crate::text;

/// Of one message.
const PICTURES_MAX: usize = 50;
/// No media type is longer.
const KIND_CHARS_MAX: usize = 40;

struct Picture<'a> {
    /// Where its address stands.
    place: Range<usize>,
    /// What stands behind `image/`.
    kind: &'a str,
    /// Base64.
    content: &'a str,
}

/// In order.
fn pictures(html: &str) -> impl Iterator<Item = Picture<'_>> {
    const START: &str = "data:image/";
    html.match_indices(START).take(PICTURES_MAX).filter_map(|(at, _)| {
        // Words about such an address are not one.
        let quote = html.get(..at)?.chars().next_back().filter(|before| matches!(before, '"' | '\''))?;
        let (address, _) = html.get(at..)?.split_once(quote)?;
        let (kind, content) = address.strip_prefix(START)?.split_once(',')?;
        let kind = kind.strip_suffix(";base64").filter(|kind| kind.len() <= KIND_CHARS_MAX)?;
        Some(Picture { place: at..at + address.len(), kind, content })
    })
}

/// As files of the part that they stand in.
pub(super) fn files(transaction: u64, part: u64, html: &str) -> Vec<File> {
    let file = |(at, picture): (usize, Picture<'_>)| {
        let ending: String = picture.kind.chars().take_while(char::is_ascii_alphanumeric).collect();
        File {
            name: text::file_name(&format!("image.{ending}")),
            kind: FileKind::Image,
            voice: false,
            size_bytes: u64::try_from(picture.content.len() / 4 * 3).ok(),
            source: FileSource::Helpdesk { message: MessageId::new(transaction.to_string()), file: id(part, at) },
        }
    };
    pictures(html).enumerate().map(file).collect()
}

/// The HTML as if they were parts of their own, which it names by their ids.
pub(super) fn as_parts(part: u64, html: &str) -> String {
    let (mut named, mut end) = (String::new(), 0);
    for (at, picture) in pictures(html).enumerate() {
        named.push_str(html.get(end..picture.place.start).unwrap_or_default());
        named.push_str(&address(&id(part, at)));
        end = picture.place.end;
    }
    named.push_str(html.get(end..).unwrap_or_default());
    named
}

/// How `as_parts` names this file.
pub(super) fn address(file: &str) -> String {
    format!("cid:{file}")
}

const WITHIN: char = '.';

fn id(part: u64, at: usize) -> String {
    format!("{part}{WITHIN}{at}")
}

/// The part and the picture's place in it, if this is the id of one.
pub(super) fn place(file: &str) -> Option<(u64, usize)> {
    let (part, at) = file.split_once(WITHIN)?;
    Some((super::number(part)?, at.parse().ok()?))
}

pub(super) fn content(html: &str, at: usize) -> Option<Vec<u8>> {
    let picture = pictures(html).nth(at)?;
    // Long ones are broken into lines.
    let letters: Vec<u8> = picture.content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_within_the_html_are_files_and_words_about_them_are_not() {
        let html = "<p>A data:image/png;base64,AAAA <img src=\"data:image/png;base64,aGVs\nbG8=\">\
                    <img src='data:image/svg+xml;base64,AAAA'><img src=\"data:image/gif,AAAA\">\
                    <img src=\"data:image/jpeg;base64,AAAA";
        let files = files(3, 7, html);
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["image.png", "image.svg"]);
        let FileSource::Helpdesk { file, .. } = &files[0].source else { panic!("{files:?}") };
        assert_eq!(place(file), Some((7, 0)));
        assert_eq!(content(html, 0).as_deref(), Some(&b"hello"[..]));
        assert_eq!(content(html, 2), None);
        let named = "<p>A data:image/png;base64,AAAA <img src=\"cid:7.0\"><img src='cid:7.1'><img src=\"data:image/gif,AAAA\">\
                     <img src=\"data:image/jpeg;base64,AAAA";
        assert_eq!(as_parts(7, html), named);
        for other in ["7", "", ".", "7.", "x.1", "7.x"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
