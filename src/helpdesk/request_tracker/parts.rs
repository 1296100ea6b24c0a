//! Which parts of a message are its words.

use super::attached;
use super::wire::Attachment;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Html,
    Alternative,
    Container,
    Other,
}

fn kind(part: &Attachment) -> Kind {
    let is = |start: &str| part.content_type.get(..start.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(start));
    match () {
        () if is("multipart/alternative") => Kind::Alternative,
        () if is("multipart/") => Kind::Container,
        () if !attached::is_inline(part) => Kind::Other,
        () if is("text/plain") => Kind::Plain,
        () if is("text/html") => Kind::Html,
        () => Kind::Other,
    }
}

/// Whether there are parts beside each other, so that some may be files.
pub(super) fn are_several(parts: &[Attachment]) -> bool {
    parts.iter().any(|part| kind(part) == Kind::Container)
}

pub(super) fn is_html(part: &Attachment) -> bool {
    kind(part) == Kind::Html
}

/// The parts that are the message, in order: all text that is shown with it, and of a text that is there in two forms the
/// HTML. How they stand in each other Request Tracker does not tell, but they come in the order of the mail.
pub(super) fn words(parts: &[Attachment]) -> Vec<&Attachment> {
    let mut words: Vec<&Attachment> = Vec::new();
    // Of an alternative whose HTML is still to come.
    let (mut is_open, mut held) = (false, Vec::new());
    // What would be the same as the last words in another form, if it came next.
    let mut twin = None;
    for part in parts {
        match kind(part) {
            Kind::Container => {}
            Kind::Alternative => {
                words.append(&mut held);
                is_open = true;
            }
            Kind::Plain if is_open => held.push(part),
            Kind::Html if is_open => {
                // Some programs have the two the other way round.
                twin = held.is_empty().then_some(Kind::Plain);
                held.clear();
                is_open = false;
                words.push(part);
            }
            found @ (Kind::Plain | Kind::Html) if twin == Some(found) => twin = None,
            found @ (Kind::Plain | Kind::Html) => {
                twin = (found == Kind::Plain).then_some(Kind::Html);
                words.push(part);
            }
            Kind::Other => twin = None,
        }
    }
    words.append(&mut held);
    if words.is_empty() {
        // Of another kind of text, rather as it is than not at all.
        words.extend(parts.iter().find(|part| part.content_type.starts_with("text/") && attached::is_inline(part)));
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Like `mixed alt plain html pdf plain:log.txt`.
    fn parts(written: &str) -> Vec<Attachment> {
        let part = |(at, word): (usize, &str)| {
            let (kind, name) = word.split_once(':').unwrap_or((word, ""));
            let kind = match kind {
                "mixed" | "related" | "report" => format!("multipart/{kind}"),
                "alt" => "multipart/alternative".to_owned(),
                "pdf" => "application/pdf".to_owned(),
                "png" => "image/png".to_owned(),
                text => format!("text/{text}"),
            };
            let headers = if name == "attached" { "Content-Disposition: attachment" } else { "" };
            let name = if name == "attached" { "" } else { name };
            let part = json!({ "id": at, "ContentType": kind, "Filename": name, "Headers": headers });
            serde_json::from_value(part).unwrap()
        };
        written.split(' ').enumerate().map(part).collect()
    }

    #[test]
    fn the_message_is_all_inline_text_and_each_once() {
        for (written, expected) in [
            ("plain", &[0][..]),
            ("html", &[0]),
            ("alt plain html", &[2]),
            ("mixed plain html", &[1]),
            ("mixed plain:log.txt plain", &[2]),
            ("mixed html:page.html", &[]),
            ("mixed plain plain:attached", &[1]),
            // As Apple Mail puts files between words.
            ("mixed plain png plain", &[1, 3]),
            ("mixed plain png png plain:log.txt plain", &[1, 5]),
            ("alt plain mixed html pdf html", &[3, 5]),
            ("mixed html pdf html", &[1, 3]),
            ("mixed plain png html", &[1, 3]),
            ("mixed alt plain html pdf alt plain html", &[3, 7]),
            ("mixed alt plain related html png pdf plain", &[4, 7]),
            // What a mailing list puts below.
            ("mixed alt plain html plain", &[3, 4]),
            ("mixed html plain", &[1, 2]),
            ("mixed plain plain", &[1, 2]),
            // What somebody put above what is passed on.
            ("mixed plain alt plain html", &[1, 4]),
            // The wrong way round, or without one of the two.
            ("alt html plain", &[1]),
            ("alt plain calendar", &[1]),
            ("mixed alt plain calendar alt plain html", &[2, 6]),
            ("markdown", &[0]),
            ("report plain rfc822-headers", &[1]),
        ] {
            let parts = parts(written);
            let found: Vec<u64> = words(&parts).iter().map(|part| part.id).collect();
            let expected: Vec<u64> = expected.to_vec();
            assert_eq!(found, expected, "{written}");
        }
    }
}
