//! Archives (ZIP): what stands in their directory, and the content of one entry. An archive that two programs could read
//! differently is not read at all: what we look at is then what is opened.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use super::fields::{u16_at, u32_at, u64_at};

/// More than any document has: a long presentation has some thousands.
const ENTRIES_MAX: u64 = 20_000;
const NAME_BYTES_MAX: usize = 1024;

const HEADER_BYTES: u64 = 46;
/// The directory's end, without a comment behind it; and in front of it, in archives that may be larger than 4 GiB, its long
/// form and where that stands.
const END_BYTES: u64 = 22;
const LONG_END_BYTES: u64 = 56;
const LOCATOR_BYTES: u64 = 20;

/// Fields of an entry: long numbers, and another name than the one that stands there.
const LONG_FIELD: u16 = 0x0001;
const NAME_FIELD: u16 = 0x7075;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// One file in an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    /// Where in the archive it begins.
    pub start: u64,
    method: u16,
    packed_bytes: u64,
    bytes: u64,
}

impl Entry {
    pub fn is_stored(&self) -> bool {
        self.method == STORED && self.packed_bytes == self.bytes
    }
}

/// Whether it begins as archives do.
pub fn is_one(head: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK00"].iter().any(|start| head.starts_with(*start))
}

/// Whether reading failed for what the archive is, and not for the disk.
pub fn is_odd(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
}

/// Shows each entry of the directory.
pub fn walk(file: &mut (impl Read + Seek), mut show: impl FnMut(&Entry)) -> io::Result<()> {
    let Directory { entries, start, bytes } = find(file)?;
    file.seek(SeekFrom::Start(start))?;
    let mut directory = file.take(bytes);
    for _ in 0..entries {
        show(&read_entry(&mut directory)?);
    }
    must(directory.limit() == 0)
}

/// What is in an entry, if it is no more than `max_bytes`.
pub fn content(file: &mut (impl Read + Seek), entry: &Entry, max_bytes: u64) -> io::Result<Vec<u8>> {
    // A bomb is small before it is unpacked; packing makes nothing larger that is worth to be packed.
    must(entry.bytes <= max_bytes && entry.packed_bytes <= max_bytes)?;
    file.seek(SeekFrom::Start(entry.start))?;
    let head = read(file, 30)?;
    must(head.starts_with(b"PK\x03\x04") && u16_at(&head, 8) == entry.method)?;
    // The same name in both places, or it is another file for whoever reads from the beginning.
    must(read(file, u16_at(&head, 26).into())? == entry.name.as_bytes())?;
    file.seek(SeekFrom::Current(u16_at(&head, 28).into()))?;
    let packed = file.take(entry.packed_bytes);
    let mut bytes = Vec::new();
    match entry.method {
        STORED => packed.take(max_bytes + 1).read_to_end(&mut bytes)?,
        DEFLATED => DeflateDecoder::new(packed).take(max_bytes + 1).read_to_end(&mut bytes)?,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    must(bytes.len() as u64 == entry.bytes)?;
    Ok(bytes)
}

struct Directory {
    entries: u64,
    start: u64,
    bytes: u64,
}

/// It has to lie between the files and its own end, without a gap: then every reader finds this one.
fn find(file: &mut (impl Read + Seek)) -> io::Result<Directory> {
    let end = file.seek(SeekFrom::End(0))?.checked_sub(END_BYTES).ok_or(ErrorKind::InvalidData)?;
    file.seek(SeekFrom::Start(end))?;
    let record = read(file, END_BYTES)?;
    let (disks, comment) = (u32_at(&record, 4), u16_at(&record, 20));
    must(record.starts_with(b"PK\x05\x06") && disks == 0 && comment == 0)?;
    let (entries, bytes, start) = (u16_at(&record, 10), u32_at(&record, 12), u32_at(&record, 16));
    let short = Directory { entries: entries.into(), start: start.into(), bytes: bytes.into() };
    let (directory, end) = match find_long(file, end)? {
        None => (short, end),
        Some((long, long_end)) => {
            must(entries == u16::MAX || short.entries == long.entries)?;
            must(bytes == u32::MAX || short.bytes == long.bytes)?;
            must(start == u32::MAX || short.start == long.start)?;
            (long, long_end)
        }
    };
    must(directory.entries <= ENTRIES_MAX && directory.start.checked_add(directory.bytes) == Some(end))?;
    Ok(directory)
}

/// The directory as its end's long form has it, and where that begins.
fn find_long(file: &mut (impl Read + Seek), end: u64) -> io::Result<Option<(Directory, u64)>> {
    let Some(start) = end.checked_sub(LONG_END_BYTES + LOCATOR_BYTES) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let (record, locator) = (read(file, LONG_END_BYTES)?, read(file, LOCATOR_BYTES)?);
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    must(record.starts_with(b"PK\x06\x06") && u64_at(&locator, 8) == start)?;
    let directory = Directory { entries: u64_at(&record, 32), bytes: u64_at(&record, 40), start: u64_at(&record, 48) };
    Ok(Some((directory, start)))
}

fn read_entry(directory: &mut impl Read) -> io::Result<Entry> {
    let head = read(directory, HEADER_BYTES)?;
    let is_encrypted = u16_at(&head, 8) & 1 == 1;
    let name_bytes = u16_at(&head, 28);
    must(head.starts_with(b"PK\x01\x02") && !is_encrypted && usize::from(name_bytes) <= NAME_BYTES_MAX)?;
    let name = String::from_utf8_lossy(&read(directory, name_bytes.into())?).into_owned();
    // Some readers end a name there.
    must(!name.contains(char::is_control))?;
    let fields = read(directory, u16_at(&head, 30).into())?;
    read(directory, u16_at(&head, 32).into())?;
    let mut numbers = [u32_at(&head, 24), u32_at(&head, 20), u32_at(&head, 42)].map(u64::from);
    lengthen(&mut numbers, &fields)?;
    let [bytes, packed_bytes, start] = numbers;
    Ok(Entry { name, start, method: u16_at(&head, 10), packed_bytes, bytes })
}

/// Numbers that do not fit stand in a field of their own, those that do not fit only.
fn lengthen(numbers: &mut [u64; 3], mut fields: &[u8]) -> io::Result<()> {
    // A few bytes may be left over that only fill.
    while fields.len() >= 4 {
        let (id, bytes) = (u16_at(fields, 0), usize::from(u16_at(fields, 2)));
        let field = fields.get(4..4 + bytes).ok_or(ErrorKind::InvalidData)?;
        must(id != NAME_FIELD)?;
        if id == LONG_FIELD {
            let long = field.chunks_exact(8).map(|eight| u64_at(eight, 0));
            let short = numbers.iter_mut().filter(|number| **number == u64::from(u32::MAX));
            short.zip(long).for_each(|(number, long)| *number = long);
        }
        fields = fields.get(4 + bytes..).unwrap_or_default();
    }
    Ok(())
}

fn read(from: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    from.take(bytes).read_to_end(&mut read)?;
    must(read.len() as u64 == bytes)?;
    Ok(read)
}

fn must(holds: bool) -> io::Result<()> {
    if holds { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
}
