//! Which parts of a message are files, and what they are called.

use super::wire::Attachment;
use crate::model::{File, FileKind, FileSource, MessageId};
use crate::text;

pub(super) const MAX_FILES: usize = 100;
/// What mail programs add for themselves and nobody ever looks at.
const MACHINERY: [&str; 4] = [
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-encrypted",
];

/// In the order in which the sender attached them; pictures within the text as well.
pub(super) fn files(transaction: u64, parts: &[Attachment]) -> Vec<File> {
    let files = parts.iter().filter(|part| part.id > 0 && is_file(part));
    files.map(|part| file(transaction, part)).take(MAX_FILES).collect()
}

fn is_file(part: &Attachment) -> bool {
    let kind = part.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("multipart/") || MACHINERY.contains(&kind.as_str()) {
        return false;
    }
    // What Request Tracker makes of the words of a message that has none.
    if kind == "application/octet-stream" && part.filename.is_empty() && part.length == 0 {
        return false;
    }
    let is_words = kind.is_empty() || kind == "text/plain" || kind == "text/html" || kind.starts_with("message/");
    !is_words || !is_inline(part)
}

/// Whether it is shown with the message, if it can be.
pub(super) fn is_inline(part: &Attachment) -> bool {
    part.filename.is_empty() && !part.headers.contains("Content-Disposition: attachment")
}

fn file(transaction: u64, part: &Attachment) -> File {
    let kind = match part.content_type.split('/').next() {
        Some("image") => FileKind::Image,
        Some("audio") => FileKind::Audio,
        Some("video") => FileKind::Video,
        _ => FileKind::Other,
    };
    File {
        name: name(part),
        kind,
        voice: false,
        size_bytes: (part.length > 0).then_some(part.length),
        source: FileSource::Helpdesk { message: MessageId::new(transaction.to_string()), file: part.id.to_string() },
    }
}

fn name(part: &Attachment) -> String {
    if part.filename.is_empty() {
        let (kind, ending) = part.content_type.split_once('/').unwrap_or(("file", ""));
        let ending: String = ending.chars().take_while(char::is_ascii_alphanumeric).collect();
        return text::file_name(&format!("{kind}.{ending}"));
    }
    text::file_name(&mended(&part.filename))
}

/// Request Tracker hands out some names as if their UTF-8 were Latin-1.
fn mended(name: &str) -> String {
    let bytes: Option<Vec<u8>> = name.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    match bytes.map(String::from_utf8) {
        Some(Ok(right)) => right,
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(content_type: &str, name: &str) -> Attachment {
        serde_json::from_value(json!({ "id": 7, "ContentType": content_type, "Filename": name })).unwrap()
    }

    #[test]
    fn words_and_machinery_are_no_files_and_all_else_is() {
        let parts = [
            part("multipart/related", ""),
            part("text/html", ""),
            part("image/png", ""),
            part("text/plain", "log.txt"),
            part("application/octet-stream", ""),
            part("application/pgp-signature", "signature.asc"),
            part("application/ms-tnef", "winmail.dat"),
            part("application/pdf", "Rechnung über 5.pdf"),
        ];
        let files = files(3, &parts);
        let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.kind)).collect();
        let other = FileKind::Other;
        assert_eq!(
            names,
            [
                ("image.png", FileKind::Image),
                ("log.txt", other),
                ("winmail.dat", other),
                ("Rechnung über 5.pdf", other),
            ]
        );
    }

    #[test]
    fn a_name_of_wrong_letters_is_mended_and_a_right_one_left() {
        assert_eq!(mended("RÃ¼ckgabe.pdf"), "Rückgabe.pdf");
        assert_eq!(mended("Rückgabe.pdf"), "Rückgabe.pdf");
        assert_eq!(mended("漢字.pdf"), "漢字.pdf");
    }
}
