//! Old Office files (CFB): which program wrote one shows in the names of its streams, where its class id does not say.

use std::io::{self, Read, Seek, SeekFrom};

use file_format::FileFormat;

use super::fields::{u16_at, u32_at};

/// Directory sectors that are looked through.
const SECTORS_MAX: usize = 64;
const ENTRY_BYTES: usize = 128;
const HEADER_BYTES: usize = 512;
const END: u32 = 0xffff_fffa;

/// `None`: none of the programs that we know.
pub fn look(mut file: impl Read + Seek) -> io::Result<Option<FileFormat>> {
    let mut header = vec![0; HEADER_BYTES];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut header)?;
    let shift = u32::from(u16_at(&header, 30));
    if !matches!(shift, 9 | 12) {
        return Ok(None);
    }
    let sector_bytes = 1_u64 << shift;
    let mut sector = u32_at(&header, 48);
    for _ in 0..SECTORS_MAX {
        if sector >= END {
            break;
        }
        let mut entries = vec![0; usize::try_from(sector_bytes).unwrap_or(HEADER_BYTES)];
        file.seek(SeekFrom::Start((u64::from(sector) + 1) * sector_bytes))?;
        if file.read_exact(&mut entries).is_err() {
            break;
        }
        for entry in entries.chunks_exact(ENTRY_BYTES) {
            match name(entry).as_str() {
                "Workbook" | "Book" => return Ok(Some(FileFormat::MicrosoftExcelSpreadsheet)),
                "PowerPoint Document" => return Ok(Some(FileFormat::MicrosoftPowerpointPresentation)),
                "WordDocument" => return Ok(Some(FileFormat::MicrosoftWordDocument)),
                _ => {}
            }
        }
        sector = next(&mut file, &header, sector, sector_bytes)?;
    }
    Ok(None)
}

/// The sector after this one, by the table whose first parts the header names.
fn next(file: &mut (impl Read + Seek), header: &[u8], sector: u32, sector_bytes: u64) -> io::Result<u32> {
    let per_sector = sector_bytes / 4;
    let part = usize::try_from(u64::from(sector) / per_sector).unwrap_or(usize::MAX);
    if part >= 109 {
        return Ok(END);
    }
    let table = u32_at(header, 76 + 4 * part);
    if table >= END {
        return Ok(END);
    }
    let mut entry = [0; 4];
    file.seek(SeekFrom::Start((u64::from(table) + 1) * sector_bytes + 4 * (u64::from(sector) % per_sector)))?;
    file.read_exact(&mut entry)?;
    Ok(u32::from_le_bytes(entry))
}

fn name(entry: &[u8]) -> String {
    let bytes = usize::from(u16_at(entry, 64)).clamp(2, 64) - 2;
    let units = entry.get(..bytes).unwrap_or_default().chunks_exact(2).map(|pair| u16_at(pair, 0));
    char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
}
