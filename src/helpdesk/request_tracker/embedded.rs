//! Pictures that stand within the HTML of a message itself, as `data:` addresses: files that have no part of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::{File, FileKind, FileSource, MessageId};
use crate::text;

/// Of one message.
const PICTURES_MAX: usize = 50;
/// No media type is longer.
const KIND_CHARS_MAX: usize = 40;

/// Kind (what stands behind `image/`) and base64 of each, in order.
fn pictures(html: &str) -> impl Iterator<Item = (&str, &str)> {
    const START: &str = "data:image/";
    html.match_indices(START).take(PICTURES_MAX).filter_map(|(at, _)| {
        // Words about such an address are not one.
        let quote = html.get(..at)?.chars().next_back().filter(|before| matches!(before, '"' | '\''))?;
        let address = html.get(at + START.len()..)?;
        let (kind, rest) = address.split_at_checked(address.find(',')?)?;
        let kind = kind.strip_suffix(";base64").filter(|kind| kind.len() <= KIND_CHARS_MAX)?;
        let (content, _) = rest.get(1..)?.split_once(quote)?;
        Some((kind, content))
    })
}

/// As files of the part that they stand in.
pub(super) fn files(transaction: u64, part: u64, html: &str) -> Vec<File> {
    let file = |(at, (kind, content)): (usize, (&str, &str))| {
        let ending: String = kind.chars().take_while(char::is_ascii_alphanumeric).collect();
        File {
            name: text::file_name(&format!("image.{ending}")),
            kind: FileKind::Image,
            voice: false,
            size_bytes: u64::try_from(content.len() / 4 * 3).ok(),
            source: FileSource::Helpdesk {
                message: MessageId::new(transaction.to_string()),
                file: format!("{part}{WITHIN}{at}"),
            },
        }
    };
    pictures(html).enumerate().map(file).collect()
}

const WITHIN: char = '.';

/// The part and the picture's place in it, if this is the id of one.
pub(super) fn place(file: &str) -> Option<(u64, usize)> {
    let (part, at) = file.split_once(WITHIN)?;
    Some((super::number(part)?, at.parse().ok()?))
}

pub(super) fn content(html: &str, at: usize) -> Option<Vec<u8>> {
    let (_, content) = pictures(html).nth(at)?;
    // Long ones are broken into lines.
    let letters: Vec<u8> = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
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
        for other in ["7", "", ".", "7.", "x.1", "7.x"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
