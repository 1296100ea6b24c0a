//! What files are let through: each of the 25 types as a real program wrote it, and what only pretends to be one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use std::path::{Path, PathBuf};

use ticketroom::files::{KINDS, Look, Rules, check, look};
use ticketroom::model::Refusal;

fn corpus(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(kind)
}

/// What it is, and whether it may pass under this name.
fn passes(path: &Path, name: &str) -> Result<&'static str, Refusal> {
    let size = std::fs::metadata(path).unwrap().len();
    check(look(path).unwrap(), name, size, &Rules::default()).map(|checked| checked.kind.word)
}

#[test]
fn a_real_file_of_each_type_passes_as_what_it_is() {
    let cases = [
        ("tone.aac", "aac"),
        ("clip.avi", "avi"),
        ("letter.docx", "docx"),
        ("tone.flac", "flac"),
        ("moving.gif", "gif"),
        ("photo.jpg", "jpeg"),
        ("tone.m4a", "m4a"),
        ("clip.mkv", "matroska"),
        ("tone.mp3", "mp3"),
        ("clip.mp4", "mp4"),
        ("letter.odt", "odt"),
        ("tone.ogg", "ogg"),
        ("tone.opus", "opus"),
        ("voice.ogg", "opus"),
        ("letter.pdf", "pdf"),
        ("picture.png", "png"),
        ("deck.ppt", "ppt"),
        ("deck.pptx", "pptx"),
        ("clip.mov", "quicktime"),
        ("note.txt", "txt"),
        ("note-latin1.txt", "txt"),
        ("note-utf16.txt", "txt"),
        ("tone-vorbis.ogg", "vorbis"),
        ("tone.wav", "wav"),
        ("clip.webm", "webm"),
        ("clip.wmv", "wmv"),
        ("table.xls", "xls"),
        ("table.xlsx", "xlsx"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(name, word)| (name, word, passes(&corpus("files").join(name), name)))
        .filter(|(_, word, seen)| *seen != Ok(**word))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut words: Vec<_> = cases.iter().map(|(_, word)| *word).collect();
    words.dedup();
    let listed: Vec<_> = Rules::default().allowed.iter().map(|kind| kind.word).collect();
    assert_eq!(words, listed, "each type of the list has its file");
    assert_eq!(listed.len(), 25);
}

#[test]
fn a_disguised_file_is_refused_with_what_it_is() {
    let disguised = |what: &str, named: &str| Refusal::Disguised { what: what.to_owned(), named: named.to_owned() };
    let forbidden = |what: &str| Refusal::NotAllowed { what: what.to_owned() };
    for (name, why) in [
        ("page.png", disguised("HTML", "PNG")),
        ("script.pdf", disguised("Script", "PDF")),
        ("words.pdf", disguised("TXT", "PDF")),
        ("archive.docx", disguised("ZIP", "DOCX")),
        ("drawing.svg", forbidden("SVG")),
        ("drawing.txt", disguised("SVG", "TXT")),
        ("program.exe", forbidden("EXE")),
        ("program.jpg", disguised("EXE", "JPEG")),
        ("archive.zip", forbidden("ZIP")),
        ("macro.bat", forbidden("BAT")),
    ] {
        assert_eq!(passes(&corpus("disguised").join(name), name), Err(why), "{name}");
    }
}

#[test]
fn a_picture_under_another_pictures_name_deceives_nobody() {
    assert_eq!(passes(&corpus("files").join("picture.png"), "photo.jpg"), Ok("png"));
    assert_eq!(passes(&corpus("files").join("picture.png"), "without-ending"), Ok("png"));
    assert_eq!(
        passes(&corpus("files").join("letter.pdf"), "photo.jpg"),
        Err(Refusal::Disguised { what: "PDF".to_owned(), named: "JPEG".to_owned() })
    );
}

#[test]
fn nothing_and_too_much_are_refused() {
    let look = || Look::Known(&KINDS[0]);
    let rules = Rules { max_bytes: 10, ..Rules::default() };
    assert_eq!(check(look(), "a.aac", 0, &rules), Err(Refusal::Empty));
    assert_eq!(check(look(), "a.aac", 11, &rules), Err(Refusal::TooLarge { max_bytes: 10 }));
    assert!(check(look(), "a.aac", 10, &rules).is_ok());
    let rules = Rules { allowed: vec![&KINDS[1]], ..Rules::default() };
    assert_eq!(check(look(), "a.aac", 10, &rules), Err(Refusal::NotAllowed { what: "AAC".to_owned() }));
}
