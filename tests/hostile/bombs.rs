//! Small files that become large ones: pictures of too many pixels, archives, sounds without end.

use serde::Deserialize;
use ticketroom::clock::instant;
use ticketroom::files::{by_word, hear, is_bomb};

use crate::data::{check_all, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    make: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    becomes: String,
}

#[test]
fn what_would_fill_the_memory_is_known_before_it_is_opened() {
    check_all("bombs", |case: Case| {
        let started = instant();
        let (kind, bytes) = made(&case);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, &bytes).unwrap();
        let kind_of = by_word(&kind).unwrap();
        let found = match crate::files::gate(&format!("x.{kind}"), &bytes) {
            word if word != kind => word,
            _ if is_bomb(&path, kind_of).unwrap() => "too many pixels".to_owned(),
            _ => match hear(&path, kind_of).unwrap() {
                Some(sound) => format!("a sound of {} ms", sound.duration_ms),
                None => "passes".to_owned(),
            },
        };
        let took = started.elapsed();
        let what = format!("{} {}x{}, {} bytes, {took:?}", case.make, case.width, case.height, bytes.len());
        if took.as_secs() >= 10 { Err(what) } else { same(&what, found, case.becomes) }
    });
}

fn made(case: &Case) -> (String, Vec<u8>) {
    let (width, height) = (case.width, case.height);
    let (wide, high) = (width.to_be_bytes(), height.to_be_bytes());
    let short = |value: u32| u16::try_from(value).unwrap();
    let (kind, bytes) = match case.make.as_str() {
        "png" => ("png", png(&[&wide[..], &high, &[8, 6, 0, 0, 0]].concat())),
        "gif" => {
            let size = [short(width).to_le_bytes(), short(height).to_le_bytes()].concat();
            ("gif", [b"GIF89a".as_slice(), &size, &[0, 0, 0, 0x2c, 0, 0, 0, 0], &size, &[0, 2, 1, 0, 0, 0x3b]].concat())
        }
        "jpeg" => {
            let size = [short(height).to_be_bytes(), short(width).to_be_bytes()].concat();
            let frame = [&[0xff, 0xc0, 0, 11, 8][..], &size, &[1, 1, 0x11, 0]].concat();
            ("jpeg", [&b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\0\0\x01\0\x01\0\0"[..], &frame, b"\xff\xd9"].concat())
        }
        // Forty megabytes in one packet that never ends.
        "ogg packet" => ("opus", ogg(width, false)),
        "ogg streams" => ("opus", ogg(width, true)),
        "text" => ("txt", vec![b'a'; width as usize]),
        "zip" => ("docx", zip(width)),
        other => panic!("nobody makes {other}"),
    };
    (kind.to_owned(), bytes)
}

fn png(head: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let named = [name, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc32(&named).to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", head),
        chunk(b"IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

/// A voice's head, and pages behind it: of one packet without an end, or each of a stream of its own.
fn ogg(pages: u32, streams: bool) -> Vec<u8> {
    let page = |serial: u32, sequence: u32, flags: u8, segments: &[u8], data: &[u8]| {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend(if flags == 2 { 0_u64 } else { 48_000 }.to_le_bytes());
        page.extend(serial.to_le_bytes());
        page.extend(sequence.to_le_bytes());
        page.extend([0; 4]);
        page.push(u8::try_from(segments.len()).unwrap());
        page.extend(segments);
        page.extend(data);
        let sum = ogg_crc(&page).to_le_bytes();
        page[22..26].copy_from_slice(&sum);
        page
    };
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0";
    let mut file = page(1, 0, 2, &[19], head);
    let (full, data) = ([255_u8; 255], vec![b'x'; 255 * 255]);
    for n in 0..pages {
        let (serial, flags) = if streams { (n + 2, 0) } else { (1, u8::from(n > 0)) };
        file.extend(page(serial, n + 1, flags, &full, &data));
    }
    file
}

fn ogg_crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |mut crc: u32, byte| {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc & 0x8000_0000 > 0 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 };
        }
        crc
    })
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

/// An archive of so many entries that are all the same few bytes, each said to be four gigabytes.
fn zip(entries: u32) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let sizes = [
        &8_u16.to_le_bytes()[..],
        &[0; 4],
        &[0; 4],
        &4_u32.to_le_bytes(),
        &u32::MAX.to_le_bytes(),
        &4_u16.to_le_bytes(),
        &[0; 2],
    ];
    file.extend([b"PK\x03\x04\x14\0\0\0".as_slice(), &sizes.concat(), b"x.xmabcd"].concat());
    for _ in 0..entries {
        directory.extend(
            [b"PK\x01\x02\x14\0\x14\0\0\0".as_slice(), &sizes.concat(), &[0; 14], &0_u32.to_le_bytes()[..0], b"x.xm"]
                .concat(),
        );
    }
    let count = u16::try_from(entries.min(65_535)).unwrap().to_le_bytes();
    let (at, size) =
        (u32::try_from(file.len()).unwrap().to_le_bytes(), u32::try_from(directory.len()).unwrap().to_le_bytes());
    [file, directory, [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size, &at, &[0, 0]].concat()].concat()
}
