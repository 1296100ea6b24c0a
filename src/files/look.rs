//! What a file is, by its content alone.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use file_format::FileFormat;

use super::kinds::{self, Kind};
use super::plain::{self, Plain};
use super::{archive, office, packed};

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Known(&'static Kind),
    /// Not one of ours; its name as people know it.
    Other(String),
}

/// Blocks: it reads the disk.
pub fn look(path: &Path) -> io::Result<Look> {
    let open = || File::open(path).map(BufReader::new);
    let mut head = Vec::new();
    open()?.take(4).read_to_end(&mut head)?;
    if archive::is_one(&head) {
        return packed::look(open()?);
    }
    // A broken file may be refused by the reader that looks into it; then it is told by its beginning or not at all.
    let mut format = FileFormat::from_reader(open()?).unwrap_or_default();
    if format == FileFormat::CompoundFileBinary
        && let Some(office) = office::look(open()?).unwrap_or_default()
    {
        format = office;
    }
    if format == FileFormat::Webm && is_sound_alone(open()?)? {
        return Ok(Look::Known(kinds::SOUND_IN_WEBM));
    }
    if let Some(kind) = kinds::by_format(format) {
        return Ok(Look::Known(kind));
    }
    if is_program_or_page(format) {
        return Ok(Look::Other(label(format)));
    }
    Ok(match plain::look(open()?)? {
        Plain::Text => kinds::by_word("txt").map_or(Look::Other("text".to_owned()), Look::Known),
        Plain::Active(what) => Look::Other(what.to_owned()),
        Plain::Binary => Look::Other(label(format)),
    })
}

/// Where the tracks of a WebM are described, and more than they ever need.
const TRACKS_BYTES: u64 = 16 * 1024;

/// Browsers record voices into this container, too.
fn is_sound_alone(webm: impl io::Read) -> io::Result<bool> {
    let mut start = Vec::new();
    webm.take(TRACKS_BYTES).read_to_end(&mut start)?;
    // An element's id and length stand before the codec's name.
    let has = |codec: &[u8]| start.windows(codec.len() + 2).any(|at| at.starts_with(&[0x86]) && at.ends_with(codec));
    Ok(has(b"A_") && !has(b"V_"))
}

/// These are text, too, and yet not harmless.
fn is_program_or_page(format: FileFormat) -> bool {
    matches!(format, FileFormat::HypertextMarkupLanguage | FileFormat::ScalableVectorGraphics)
        || format.kind() == file_format::Kind::Executable
}

fn label(format: FileFormat) -> String {
    let label = match &format {
        FileFormat::ArbitraryBinaryData | FileFormat::Empty => "",
        FileFormat::PortableExecutable | FileFormat::MsDosExecutable => "EXE",
        known => known.short_name().unwrap_or(known.name()),
    };
    label.to_owned()
}
