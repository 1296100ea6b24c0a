//! What files are let through: each of the 25 types as a real program wrote it, and what only pretends to be one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use std::path::{Path, PathBuf};

use ticketroom::files::{
    KINDS, Kind, Look, Rules, Shown, Sound, Spool, by_word, carried_name, check, hear, is_bomb, look,
};
use ticketroom::model::{FileKind, Refusal};

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
fn sound_in_a_container_for_films_is_sound_and_a_film_in_one_for_sound_a_film() {
    for (name, word, media_type, shown_as) in [
        ("clip.mkv", "matroska", "video/x-matroska", FileKind::Video),
        ("tone.mka", "matroska", "audio/x-matroska", FileKind::Audio),
        ("clip.webm", "webm", "video/webm", FileKind::Video),
        ("tone.webm", "webm", "audio/webm", FileKind::Audio),
        ("tone.mp4", "m4a", "audio/mp4", FileKind::Audio),
        ("tone.ogg", "ogg", "audio/ogg", FileKind::Audio),
        ("clip.ogv", "ogg", "video/ogg", FileKind::Video),
    ] {
        let path = corpus("files").join(name);
        let size = std::fs::metadata(&path).unwrap().len();
        let kind = check(look(&path).unwrap(), name, size, &Rules::default()).unwrap().kind;
        assert_eq!((kind.word, kind.media_type, kind.shown_as), (word, media_type, shown_as), "{name}");
        // A list that leaves the type out leaves all its forms out.
        let mut none = Rules::default();
        none.allowed.retain(|allowed| allowed.word != word);
        assert!(check(look(&path).unwrap(), name, size, &none).is_err(), "{name}");
    }
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
        // Archives with what documents have, and without what makes one of them.
        ("program.docx", disguised("JAR", "DOCX")),
        ("letter-program.docx", disguised("JAR", "DOCX")),
        ("parts.docx", disguised("ZIP", "DOCX")),
        ("macros.docx", disguised("DOCX-macros", "DOCX")),
        ("macros.odt", disguised("ODT-macros", "ODT")),
        ("sheets.xlsx", disguised("XLSX-macros", "XLSX")),
    ] {
        assert_eq!(passes(&corpus("disguised").join(name), name), Err(why), "{name}");
    }
}

#[test]
fn a_document_whose_name_promises_macros_is_refused() {
    for (name, kind, ending) in
        [("letter.docx", "DOCX", "docm"), ("table.xlsx", "XLSX", "xlsm"), ("deck.pptx", "PPTX", "pptm")]
    {
        let refused = Refusal::Disguised { what: kind.to_owned(), named: ending.to_ascii_uppercase() };
        assert_eq!(passes(&corpus("files").join(name), &format!("invoice.{ending}")), Err(refused), "{name}");
    }
}

#[tokio::test]
async fn text_that_would_act_by_its_name_is_carried_as_text() {
    for (name, content) in [
        ("x.url", "[InternetShortcut]\nURL=file:///x"),
        ("x.mht", "MIME-Version: 1.0\n"),
        ("x.iqy", "WEB\n1\nhttp://example.org/"),
        ("x.slk", "ID;P\nC;X1;Y1;E1+1\n"),
        ("x.desktop", "[Desktop Entry]\nExec=x"),
        ("x.inf", "[Version]\nSignature=x"),
        ("x.vb", "MsgBox 1"),
        ("x.ps", "%!\nshowpage"),
        ("x", "[Desktop Entry]\nExec=x"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, content).unwrap();
        let size = content.len() as u64;
        let kind = check(look(&path).unwrap(), name, size, &Rules::default()).unwrap().kind;
        assert_eq!((kind.word, carried_name(name, kind)), ("txt", format!("{name}.txt")));
        let shown = shown_as(name, content.as_bytes(), kind).await;
        assert_eq!(shown.name, format!("{name}.txt"), "in a room");
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

fn heard(name: &str, word: &str) -> Sound {
    let path = corpus("files").join(name);
    let Look::Known(kind) = look(&path).unwrap() else { panic!("{name} is nothing that is known") };
    assert_eq!(kind.word, word);
    hear(&path, kind).unwrap().unwrap_or_else(|| panic!("{name} is silent"))
}

#[test]
fn sounds_have_their_true_length() {
    for (name, word, duration_ms) in [
        ("tone.opus", "opus", 1_000),
        ("voice.ogg", "opus", 2_300),
        ("tone-vorbis.ogg", "vorbis", 1_000),
        ("tone.ogg", "ogg", 1_000),
        ("tone.mp3", "mp3", 1_000),
        ("tone.aac", "aac", 1_000),
        ("tone.flac", "flac", 1_000),
        ("tone.wav", "wav", 1_000),
        ("tone.m4a", "m4a", 1_000),
        ("tone.webm", "webm", 500),
        ("tone.mka", "matroska", 500),
    ] {
        // Some formats can't say where within their last block a sound ends.
        let off_ms = heard(name, word).duration_ms.abs_diff(duration_ms);
        assert!(off_ms <= 150, "{name}: {off_ms} ms off");
    }
    assert_eq!(heard("voice.ogg", "opus").duration_ms.abs_diff(2_300) / 10, 0);
}

#[test]
fn a_sound_that_breaks_what_measures_it_has_no_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    let mut wav = std::fs::read(corpus("files").join("tone.wav")).unwrap();
    assert_eq!(&wav[12..16], b"fmt ");
    // So many channels of 32 bits that the bytes of all of them are no number of 16 bits.
    wav[22..24].copy_from_slice(&u16::MAX.to_le_bytes());
    wav[34..36].copy_from_slice(&32_u16.to_le_bytes());
    std::fs::write(&path, wav).unwrap();
    let kind = KINDS.iter().find(|kind| kind.word == "wav").unwrap();
    assert_eq!(hear(&path, kind).unwrap(), None);
}

#[test]
fn a_waveform_follows_the_sound() {
    // Silence, loud from 0.5 s, silence from 1 s, soft from 1.5 s, silence from 2 s.
    let sound = heard("voice.ogg", "opus");
    assert!(sound.is_voice && (50..=100).contains(&sound.waveform.len()), "{sound:?}");
    let points = sound.waveform.len() as u64;
    let around = |ms: u64| sound.waveform[usize::try_from(ms * points / sound.duration_ms).unwrap()];
    assert!(around(750) > 900, "{sound:?}");
    assert!((100..500).contains(&around(1_750)), "{sound:?}");
    for silent in [250, 1_250, 2_200] {
        assert!(around(silent) < 60, "{silent}: {sound:?}");
    }
    // A steady tone is level; what is no voice has none.
    let steady = heard("tone.opus", "opus").waveform;
    assert!(steady.iter().skip(2).rev().skip(2).all(|point| *point > 700), "{steady:?}");
    assert!(heard("tone-vorbis.ogg", "vorbis").waveform.is_empty());
    // As a browser records it.
    let recorded = heard("tone.webm", "webm");
    assert!(recorded.is_voice, "{recorded:?}");
    assert!(recorded.waveform.iter().skip(2).rev().skip(2).all(|point| *point > 700), "{recorded:?}");
}

async fn shown(bytes: &[u8], kind: &'static Kind) -> Shown {
    shown_as("x", bytes, kind).await
}

async fn shown_as(name: &str, bytes: &[u8], kind: &'static Kind) -> Shown {
    let folder = tempfile::tempdir().unwrap();
    let mut spooling = Spool::open(folder.path()).unwrap().begin(u64::MAX).await.unwrap();
    spooling.write(bytes).await.unwrap();
    Shown::look(name.to_owned(), kind, spooling.finish().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_picture_has_its_size_and_a_blurhash_and_a_large_one_a_thumbnail() {
    let small = std::fs::read(corpus("files").join("picture.png")).unwrap();
    let small = shown(&small, by_word("png").unwrap()).await.picture.unwrap();
    assert_eq!((small.width, small.height, small.thumbnail.is_none()), (320, 240, true));
    assert!(small.blurhash.unwrap().len() > 6);
    let mut large = Vec::new();
    image::RgbImage::from_pixel(1600, 800, image::Rgb([200, 10, 10]))
        .write_to(&mut std::io::Cursor::new(&mut large), image::ImageFormat::Jpeg)
        .unwrap();
    let large = shown(&large, by_word("jpeg").unwrap()).await.picture.unwrap();
    let thumbnail = large.thumbnail.unwrap();
    assert_eq!((large.width, large.height, thumbnail.width, thumbnail.height), (1600, 800, 800, 400));
    assert_eq!(thumbnail.media_type, "image/jpeg");
    // Cut off in the middle: its size is known, and that is all.
    let half = std::fs::read(corpus("files").join("picture.png")).unwrap();
    let half = shown(&half[..200], by_word("png").unwrap()).await.picture.unwrap();
    assert_eq!((half.width, half.height), (320, 240));
}

#[tokio::test]
async fn a_photo_that_was_taken_upright_is_shown_upright() {
    // Red on the left as it is stored. Turned by a quarter, clockwise or not, red is above or below.
    let stored =
        image::RgbImage::from_fn(1600, 800, |x, _| image::Rgb(if x < 800 { [200, 0, 0] } else { [0, 0, 200] }));
    let mut plain = Vec::new();
    stored.write_to(&mut std::io::Cursor::new(&mut plain), image::ImageFormat::Jpeg).unwrap();
    for (orientation, red_is_above) in [(6, true), (8, false)] {
        // APP1 with one entry (0x0112), behind the two bytes that begin a JPEG.
        let mut exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        let photo = [&plain[..2], &exif, &plain[2..]].concat();
        let picture = shown(&photo, by_word("jpeg").unwrap()).await.picture.unwrap();
        let thumbnail = picture.thumbnail.unwrap();
        let sizes = [picture.width, picture.height, thumbnail.width, thumbnail.height];
        assert_eq!(sizes, [800, 1600, 300, 600], "{orientation}");
        let seen = image::load_from_memory(&thumbnail.bytes).unwrap().to_rgb8();
        let [red, _, blue] = seen.get_pixel(150, 100).0;
        assert_eq!(red > blue, red_is_above, "{orientation}");
        // What a client shows until the picture is there has the same colours at the same places.
        let blurred = blurhash::decode(&picture.blurhash.unwrap(), 8, 16, 1.0).unwrap();
        let at = |x: usize, y: usize| &blurred[4 * (8 * y + x)..][..3];
        let (above, below) = (at(4, 1), at(4, 14));
        let (red, blue) = if red_is_above { (above, below) } else { (below, above) };
        assert!(red[0] > 150 && red[2] < 80 && blue[2] > 150 && blue[0] < 80, "{above:?} {below:?}");
    }
}

#[test]
fn a_picture_of_too_many_pixels_is_known_without_opening_it() {
    // A PNG of 60,000 × 60,000, as its head says.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.png");
    let mut bytes = std::fs::read(corpus("files").join("picture.png")).unwrap();
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    // The head's checksum.
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    std::fs::write(&path, bytes).unwrap();
    assert!(is_bomb(&path, by_word("png").unwrap()).unwrap());
    assert!(!is_bomb(&corpus("files").join("picture.png"), by_word("png").unwrap()).unwrap());
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[tokio::test]
async fn a_spooled_file_stops_at_its_limit_and_is_gone_when_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let spool = Spool::open(folder.path()).unwrap();
    let mut spooling = spool.begin(10).await.unwrap();
    spooling.write(b"12345").await.unwrap();
    assert_eq!(files(), 1);
    assert!(spooling.write(b"678901").await.is_err());
    drop(spooling);
    assert_eq!(files(), 0);
    let kept = spool.begin(10).await.unwrap();
    std::mem::forget(kept);
    std::fs::write(folder.path().join("somebody-elses"), "x").unwrap();
    assert_eq!(files(), 2);
    // As after a kill: ours is gone at the next start, and nothing else.
    Spool::open(folder.path()).unwrap();
    assert_eq!(files(), 1);
}

#[test]
fn a_folder_that_anybody_could_have_laid_there_is_ours_alone_or_refused() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown, symlink};
    let around = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = around.path().join("spool");
    Spool::open_shared_place(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    // As an earlier version made it.
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    Spool::open_shared_place(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let link = around.path().join("link");
    symlink(&folder, &link).unwrap();
    let file = around.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for not_ours in [&link, &file] {
        let error = Spool::open_shared_place(not_ours).unwrap_err().to_string();
        assert!(error.contains("remove it"), "{error}");
    }
    // Only root can give a folder away; as somebody else, root's folders are foreign ones.
    let root = std::fs::metadata("/").unwrap();
    let foreign = if chown(&folder, Some(4711), None).is_ok() { folder.as_path() } else { Path::new("/usr") };
    assert!(root.uid() == 0 && Spool::open_shared_place(foreign).unwrap_err().to_string().contains("somebody else"));
}

#[test]
fn a_picture_whose_head_is_broken_is_measured_as_clients_do() {
    // Found by the fuzz target `file`: what stands before its size is no segment.
    let path = corpus("found").join("broken-head.jpg");
    assert!(is_bomb(&path, by_word("jpeg").unwrap()).unwrap(), "29,760 by 30,840 pixels");
}
