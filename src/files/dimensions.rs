//! How many pixels a picture says to have, read from its head alone: no decoder is trusted with one that is too large, and
//! some of them read the whole file first.

use std::io::{self, Read, Seek, SeekFrom};

/// Markers of a JPEG that are walked over.
const MARKERS_MAX: usize = 1_000;

/// Width and height; `None`: there is no such head.
pub fn read(mut file: impl Read + Seek) -> io::Result<Option<(u32, u32)>> {
    let mut head = [0; 24];
    let read = fill(&mut file, &mut head)?;
    let head = head.get(..read).unwrap_or_default();
    let little = |at: usize| head.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(u32::from);
    let big = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(big(16).zip(big(20)));
    }
    if head.starts_with(b"GIF8") {
        return Ok(little(6).zip(little(8)));
    }
    if head.starts_with(b"\xff\xd8") { jpeg(&mut file) } else { Ok(None) }
}

/// The largest of all frames in front of the first scan.
fn jpeg(file: &mut (impl Read + Seek)) -> io::Result<Option<(u32, u32)>> {
    let mut largest: Option<(u32, u32)> = None;
    let mut at = 2;
    for _ in 0..MARKERS_MAX {
        let mut marker = [0; 9];
        file.seek(SeekFrom::Start(at))?;
        let read = fill(file, &mut marker)?;
        let [0xff, kind, length_high, length_low, _, high, low, wide, narrow] = marker else { break };
        let pair = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
        match kind {
            // Bytes that only fill.
            0xff => {
                at += 1;
                continue;
            }
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            0xd9 | 0xda => break,
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) && read == marker.len() => {
                let (width, height) = (pair(wide, narrow), pair(high, low));
                let pixels = |size: (u32, u32)| u64::from(size.0) * u64::from(size.1);
                if largest.is_none_or(|before| pixels(before) < pixels((width, height))) {
                    largest = Some((width, height));
                }
            }
            _ => {}
        }
        at += 2 + u64::from(pair(length_high, length_low).max(2));
        if read < 4 {
            break;
        }
    }
    Ok(largest)
}

/// As much as there is.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}
