//! Documents that are archives: Office Open XML and OpenDocument, told by what opens them, and only without macros. One
//! entry of a fitting name makes no document: a program packed as JAR may have it as well.

use std::io::{self, Read, Seek};

use super::archive::{self, Entry};
use super::kinds::{self, Kind};
use super::look::Look;

/// What the parts of an Office document are, in small letters as all names here; a presentation of a thousand slides has a
/// third of so many bytes.
const TYPES: &str = "[content_types].xml";
const TYPES_BYTES_MAX: u64 = 1024 * 1024;
/// The type of an OpenDocument.
const MEDIA_TYPE: &str = "mimetype";
const MEDIA_TYPE_BYTES_MAX: u64 = 256;

/// Main parts that are called otherwise than their document: of a presentation that begins when it is opened, and those with
/// macros, so that people are told what it is.
const OTHER_MAINS: [(&str, &str); 4] = [
    ("application/vnd.openxmlformats-officedocument.presentationml.slideshow", "pptx"),
    ("application/vnd.ms-word.document.macroenabled", "docx"),
    ("application/vnd.ms-powerpoint.presentation.macroenabled", "pptx"),
    ("application/vnd.ms-excel.sheet.macroenabled", "xlsx"),
];
/// Parts with macros, in whatever place: newer ones, and those of Excel's sheets.
const MACRO_TYPES: [&str; 3] = ["macroenabled", "vbaproject", "macrosheet"];

/// Blocks: it reads the disk.
pub fn look(mut archive: impl Read + Seek) -> io::Result<Look> {
    match Seen::read(&mut archive) {
        Ok(seen) => Ok(seen.look()),
        // What can't be read the same by everybody is an archive and no document.
        Err(error) if archive::is_odd(&error) => Ok(zip()),
        Err(error) => Err(error),
    }
}

/// What matters of an archive's entries.
#[derive(Default)]
struct Seen {
    is_program: bool,
    has_macros: bool,
    document: Option<&'static Kind>,
}

impl Seen {
    fn read(archive: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut seen = Self::default();
        let (mut types, mut media_types) = (Vec::<Entry>::new(), Vec::<Entry>::new());
        archive::walk(archive, |entry| {
            let name = entry.name.replace('\\', "/").to_ascii_lowercase();
            seen.is_program |= name == "meta-inf/manifest.mf";
            seen.has_macros |= name.rsplit('/').next() == Some("vbaproject.bin")
                || name.starts_with("basic/")
                || name.starts_with("scripts/");
            // Two of a name are two documents in one file.
            let found = match name.as_str() {
                MEDIA_TYPE => &mut media_types,
                TYPES => &mut types,
                _ => return,
            };
            if found.len() < 2 {
                found.push(entry.clone());
            }
        })?;
        if let [only] = media_types.as_slice()
            && only.is_stored()
            && only.start == 0
        {
            seen.document = open_document(&archive::content(archive, only, MEDIA_TYPE_BYTES_MAX)?);
        } else if let [only] = types.as_slice() {
            let types = archive::content(archive, only, TYPES_BYTES_MAX)?.to_ascii_lowercase();
            let types = String::from_utf8(types).unwrap_or_default();
            seen.has_macros |= MACRO_TYPES.iter().any(|word| types.contains(word));
            seen.document = office(&types);
        }
        Ok(seen)
    }

    fn look(&self) -> Look {
        match self.document {
            _ if self.is_program => Look::Other("JAR".to_owned()),
            Some(kind) if self.has_macros => Look::Other(format!("{}-macros", kind.label)),
            Some(kind) => Look::Known(kind),
            None => zip(),
        }
    }
}

fn open_document(media_type: &[u8]) -> Option<&'static Kind> {
    let media_type = std::str::from_utf8(media_type).ok()?.trim();
    let is_open = media_type.starts_with("application/vnd.oasis.opendocument.");
    kinds::KINDS.iter().find(|kind| is_open && kind.media_type == media_type)
}

fn office(types: &str) -> Option<&'static Kind> {
    // Nobody needs comments or letters by their numbers here who hides nothing.
    if types.contains("<!") || types.contains("&#") {
        return None;
    }
    let is_main = |media_type: &str| {
        let has = |quote: char| types.contains(&format!("{quote}{media_type}.main+xml{quote}"));
        has('"') || has('\'')
    };
    let is_office = |kind: &&Kind| kind.media_type.starts_with("application/vnd.openxmlformats-officedocument.");
    let found = kinds::KINDS.iter().filter(is_office).find(|kind| is_main(kind.media_type));
    found.or_else(|| OTHER_MAINS.iter().find(|(main, _)| is_main(main)).and_then(|(_, word)| kinds::by_word(word)))
}

fn zip() -> Look {
    kinds::by_word("zip").map_or(Look::Other("ZIP".to_owned()), Look::Known)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::*;

    const DOCX: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    const ODT: &str = "application/vnd.oasis.opendocument.text";

    /// How an archive is written.
    #[derive(Clone, Default)]
    struct Shape {
        /// As Word leaves room for what it writes later.
        padding: usize,
        /// As programs write that do not know how large it becomes (Apache POI).
        is_long: bool,
        comment: &'static str,
        /// Put there later: no number counts it.
        in_front: &'static str,
        gap: &'static str,
        /// Packed, and said to be of so many bytes.
        says_bytes: Option<u32>,
        /// What is packed goes on for long before there is any of it.
        empty_blocks: usize,
        /// Entries have another name, too.
        is_renamed: bool,
    }

    fn archive(entries: &[(&str, &str)], shape: &Shape) -> Vec<u8> {
        let (mut all, mut directory) = (Vec::new(), Vec::new());
        let le16 = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
        let le32 = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let le64 = |number: usize| (number as u64).to_le_bytes();
        for (name, content) in entries {
            let start = all.len();
            let (method, packed, bytes) = match shape.says_bytes {
                None => (0, content.as_bytes().to_vec(), content.len()),
                Some(says) => {
                    let empty = b"\0\0\0\xff\xff".repeat(shape.empty_blocks);
                    let mut packing = flate2::write::DeflateEncoder::new(empty, flate2::Compression::fast());
                    packing.write_all(content.as_bytes()).unwrap();
                    (8, packing.finish().unwrap(), says as usize)
                }
            };
            let sizes = [le32(packed.len()), le32(bytes)].concat();
            let common = [&[20, 0, 0, 0][..], &le16(method), &[0; 8]].concat();
            let padding = match shape.padding {
                0 => Vec::new(),
                some => [&le16(0xa220)[..], &le16(some), &vec![0; some]].concat(),
            };
            all.extend([&b"PK\x03\x04"[..], &common, &sizes, &le16(name.len()), &le16(padding.len())].concat());
            all.extend([name.as_bytes(), &padding, &packed].concat());
            let long = [&le16(1)[..], &le16(24), &le64(bytes), &le64(packed.len()), &le64(start)].concat();
            let (sizes, mut fields, start) = match shape.is_long {
                true => (vec![0xff; 8], long, [0xff; 4]),
                false => (sizes, Vec::new(), le32(start)),
            };
            if shape.is_renamed {
                fields.extend([&le16(0x7075)[..], &le16(6), b"\x01\0\0\0\0x"].concat());
            }
            directory.extend([&b"PK\x01\x02\x14\0"[..], &common, &sizes, &le16(name.len())].concat());
            directory.extend([&le16(fields.len())[..], &[0; 10], &start, name.as_bytes(), &fields].concat());
        }
        let start = all.len();
        all.extend([&directory[..], shape.gap.as_bytes()].concat());
        let (count, bytes, end) = (entries.len(), directory.len(), all.len());
        if shape.is_long {
            let versions_and_disks = [45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            all.extend([&b"PK\x06\x06"[..], &le64(44), &versions_and_disks, &le64(count), &le64(count)].concat());
            all.extend([le64(bytes), le64(start)].concat());
            all.extend([&b"PK\x06\x07\0\0\0\0"[..], &le64(end), &[1, 0, 0, 0]].concat());
        }
        let start = if shape.is_long { [0xff; 4] } else { le32(start) };
        all.extend([&b"PK\x05\x06\0\0\0\0"[..], &le16(count), &le16(count), &le32(bytes), &start].concat());
        all.extend([&le16(shape.comment.len())[..], shape.comment.as_bytes()].concat());
        [shape.in_front.as_bytes(), &all].concat()
    }

    fn seen(bytes: &[u8]) -> String {
        match look(Cursor::new(bytes)).unwrap() {
            Look::Known(kind) => kind.word.to_owned(),
            Look::Other(what) => what,
        }
    }

    #[test]
    fn documents_are_told_in_every_shape_that_programs_write() {
        let docx = [("[Content_Types].xml", DOCX), ("word/document.xml", "<w/>")];
        let slides = DOCX.replace("wordprocessingml.document", "presentationml.slideshow");
        let plain = Shape::default();
        for (expected, entries, shape) in [
            ("docx", &docx[..], plain.clone()),
            ("docx", &docx, Shape { padding: 264, ..plain.clone() }),
            ("docx", &docx, Shape { is_long: true, ..plain.clone() }),
            ("docx", &[("[content_types].xml", &DOCX.replace('"', "'"))], plain.clone()),
            ("pptx", &[("[Content_Types].xml", &slides)], plain.clone()),
            ("odt", &[("mimetype", ODT), ("META-INF/manifest.xml", "<m/>"), ("content.xml", "<c/>")], plain),
        ] {
            assert_eq!(seen(&archive(entries, &shape)), expected, "{entries:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_document_or_could_run_is_none() {
        let types = |types: &'static str| ("[Content_Types].xml", types);
        let hidden = format!("<!-- {DOCX} --><Types/>");
        let numbered = DOCX.replace("</Types>", "<Override ContentType='application/&#118;nd.ms-word'/></Types>");
        let macros = DOCX.replace("</Types>", "<Override ContentType='application/vnd.ms-office.vbaProject'/></Types>");
        let docm =
            DOCX.replace("openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled");
        for (expected, entries) in [
            ("zip", &[][..]),
            ("zip", &[("word/document.xml", "<w/>"), ("xl/x", "x"), ("ppt/x", "x")]),
            ("zip", &[types("<Types/>"), ("word/document.xml", "<w/>")]),
            ("zip", &[types(DOCX), types("<Types/>")]),
            ("zip", &[("[Content_Types].xml", &hidden)]),
            ("zip", &[("[Content_Types].xml", &numbered)]),
            ("zip", &[types(DOCX), ("word/document.xml\0.txt", "<w/>")]),
            ("JAR", &[("META-INF/MANIFEST.MF", "x"), types(DOCX)]),
            ("JAR", &[("mimetype", ODT), ("meta-inf/Manifest.mf", "x")]),
            ("DOCX-macros", &[types(DOCX), ("word/vbaProject.bin", "x")]),
            ("DOCX-macros", &[types(DOCX), ("elsewhere\\VBAPROJECT.BIN", "x")]),
            ("DOCX-macros", &[("[Content_Types].xml", &macros)]),
            ("DOCX-macros", &[("[Content_Types].xml", &docm)]),
            ("zip", &[("content.xml", "<c/>"), ("mimetype", ODT)]),
            ("zip", &[("mimetype", "application/pdf")]),
            ("ODT-macros", &[("mimetype", ODT), ("Basic/Standard/Module1.xml", "x")]),
            ("ODT-macros", &[("mimetype", ODT), ("Scripts/python/x.py", "x")]),
        ] {
            assert_eq!(seen(&archive(entries, &Shape::default())), expected, "{entries:?}");
        }
    }

    #[test]
    fn an_archive_that_two_programs_read_differently_is_no_document() {
        let plain = Shape::default();
        for shape in [
            Shape { comment: "x", ..plain.clone() },
            Shape { in_front: "PK\x03\x04", ..plain.clone() },
            Shape { gap: "x", ..plain.clone() },
            Shape { gap: "x", is_long: true, ..plain.clone() },
            Shape { is_renamed: true, ..plain },
        ] {
            assert_eq!(seen(&archive(&[("[Content_Types].xml", DOCX)], &shape)), "zip");
        }
        let whole = archive(&[("[Content_Types].xml", DOCX), ("word/vbaProject.bin", "x")], &Shape::default());
        assert_eq!(seen(&whole), "DOCX-macros");
        let (first, end) = (whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap(), whole.len() - 22);
        for (at, byte, what) in [
            (31, b'c', "another name where it begins"),
            (first + 8, 1, "encrypted"),
            (first + 10, 8, "stored for some, packed for others"),
            (end + 4, 1, "on two disks"),
            (end + 10, 1, "an entry more than are counted"),
            (end + 20, 1, "a comment that is not there"),
        ] {
            let mut odd = whole.clone();
            odd[at] = byte;
            assert_eq!(seen(&odd), "zip", "{what}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = format!("{DOCX}{}", " ".repeat(2 * 1024 * 1024));
        for says in [u32::try_from(bomb.len()).unwrap(), u32::MAX - 1, 1000, 0] {
            let shape = Shape { says_bytes: Some(says), ..Shape::default() };
            assert_eq!(seen(&archive(&[("[Content_Types].xml", &bomb)], &shape)), "zip", "{says}");
            assert_eq!(seen(&archive(&[("mimetype", &bomb)], &shape)), "zip", "{says}");
        }
        let right = Shape { says_bytes: u32::try_from(DOCX.len()).ok(), ..Shape::default() };
        assert_eq!(seen(&archive(&[("[Content_Types].xml", DOCX)], &right)), "docx");
        let slow = Shape { empty_blocks: 300_000, ..right.clone() };
        assert_eq!(seen(&archive(&[("[Content_Types].xml", DOCX)], &slow)), "zip");
        let many = vec![("x", ""); 20_001];
        assert_eq!(seen(&archive(&[&many[..], &[("[Content_Types].xml", DOCX)]].concat(), &right)), "zip");
    }

    #[test]
    fn a_broken_archive_is_refused_and_stops_nobody() {
        for shape in [Shape::default(), Shape { is_long: true, ..Shape::default() }] {
            let whole = archive(&[("[Content_Types].xml", DOCX), ("mimetype", ODT)], &shape);
            for cut in 0..whole.len() {
                assert_eq!(seen(&whole[..cut]), "zip", "{cut}");
                for byte in [0, 1, 0x7f, 0xff] {
                    let mut broken = whole.clone();
                    broken[cut] = byte;
                    look(Cursor::new(broken)).unwrap();
                }
            }
        }
    }
}
