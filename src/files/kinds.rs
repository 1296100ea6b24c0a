//! The types of files that we know: how each is called in the configuration, to people and on the wire.

use file_format::FileFormat as F;

use crate::model::FileKind;

/// One type.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// As `files.allowed` has it.
    pub word: &'static str,
    /// As people call it.
    pub label: &'static str,
    pub media_type: &'static str,
    /// Endings of names, without the dot; the first is the usual one.
    pub endings: &'static [&'static str],
    pub shown_as: FileKind,
    formats: &'static [F],
}

const fn kind(
    word: &'static str,
    label: &'static str,
    media_type: &'static str,
    endings: &'static [&'static str],
    shown_as: FileKind,
    formats: &'static [F],
) -> Kind {
    Kind { word, label, media_type, endings, shown_as, formats }
}

use FileKind::{Audio, Image, Other, Video};

/// Recognised by what opens them in `packed.rs`, never by a single entry.
const PACKED: &[F] = &[];

/// Those of the default list first, then those that a configuration may add.
pub const KINDS: &[Kind] = &[
    kind("aac", "AAC", "audio/aac", &["aac"], Audio, &[F::AdvancedAudioCoding]),
    kind("avi", "AVI", "video/x-msvideo", &["avi"], Video, &[F::AudioVideoInterleave]),
    kind(
        "docx",
        "DOCX",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
        Other,
        PACKED,
    ),
    kind("flac", "FLAC", "audio/flac", &["flac"], Audio, &[F::FreeLosslessAudioCodec]),
    kind("gif", "GIF", "image/gif", &["gif"], Image, &[F::GraphicsInterchangeFormat]),
    kind("jpeg", "JPEG", "image/jpeg", &["jpg", "jpeg", "jfif"], Image, &[F::JointPhotographicExpertsGroup]),
    kind("m4a", "M4A", "audio/mp4", &["m4a"], Audio, &[F::AppleItunesAudio, F::Mpeg4Part14Audio]),
    kind("matroska", "Matroska", "video/x-matroska", &["mkv", "mka"], Video, &[F::MatroskaVideo, F::Matroska3dVideo]),
    kind("mp3", "MP3", "audio/mpeg", &["mp3"], Audio, &[F::Mpeg12AudioLayer3]),
    kind(
        "mp4",
        "MP4",
        "video/mp4",
        &["mp4", "m4v"],
        Video,
        &[F::Mpeg4Part14Video, F::Mpeg4Part14, F::AppleItunesVideo],
    ),
    kind("odt", "ODT", "application/vnd.oasis.opendocument.text", &["odt"], Other, PACKED),
    kind(
        "ogg",
        "OGG",
        "audio/ogg",
        &["ogg", "oga", "ogv", "ogx"],
        Audio,
        &[F::OggFlac, F::OggSpeex, F::OggMultiplexedMedia],
    ),
    kind("opus", "Opus", "audio/ogg", &["opus", "ogg", "oga"], Audio, &[F::OggOpus]),
    kind("pdf", "PDF", "application/pdf", &["pdf"], Other, &[F::PortableDocumentFormat]),
    kind("png", "PNG", "image/png", &["png"], Image, &[F::PortableNetworkGraphics, F::AnimatedPortableNetworkGraphics]),
    kind("ppt", "PPT", "application/vnd.ms-powerpoint", &["ppt", "pps"], Other, &[F::MicrosoftPowerpointPresentation]),
    kind(
        "pptx",
        "PPTX",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx", "ppsx"],
        Other,
        PACKED,
    ),
    kind("quicktime", "QuickTime", "video/quicktime", &["mov", "qt"], Video, &[F::AppleQuicktime]),
    // Recognised by its content in `plain.rs`.
    kind("txt", "TXT", "text/plain", &["txt", "log", "csv", "md", "text", "conf", "ini"], Other, &[]),
    kind("vorbis", "Vorbis", "audio/ogg", &["ogg", "oga"], Audio, &[F::OggVorbis]),
    kind("wav", "WAV", "audio/wav", &["wav"], Audio, &[F::WaveformAudio]),
    kind("webm", "WebM", "video/webm", &["webm", "weba"], Video, &[F::Webm]),
    kind("wmv", "WMV", "video/x-ms-wmv", &["wmv", "asf"], Video, &[F::WindowsMediaVideo]),
    kind("xls", "XLS", "application/vnd.ms-excel", &["xls"], Other, &[F::MicrosoftExcelSpreadsheet]),
    kind("xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], Other, PACKED),
    // Not on the default list.
    kind("bmp", "BMP", "image/bmp", &["bmp"], Image, &[F::WindowsBitmap]),
    kind("doc", "DOC", "application/msword", &["doc"], Other, &[F::MicrosoftWordDocument]),
    kind(
        "heif",
        "HEIF",
        "image/heif",
        &["heic", "heif"],
        Image,
        &[F::HighEfficiencyImageCoding, F::HighEfficiencyImageFileFormat],
    ),
    kind("ods", "ODS", "application/vnd.oasis.opendocument.spreadsheet", &["ods"], Other, PACKED),
    kind("odp", "ODP", "application/vnd.oasis.opendocument.presentation", &["odp"], Other, PACKED),
    kind("rtf", "RTF", "application/rtf", &["rtf"], Other, &[F::RichTextFormat]),
    kind("tiff", "TIFF", "image/tiff", &["tif", "tiff"], Image, &[F::TagImageFileFormat]),
    kind("webp", "WebP", "image/webp", &["webp"], Image, &[F::Webp]),
    kind("zip", "ZIP", "application/zip", &["zip"], Other, &[F::Zip]),
];

/// Of types above, what is shown otherwise than most of them: films in a container for sound, and sound alone in one for films.
const FORMS: &[Kind] = &[
    kind("matroska", "Matroska", "audio/x-matroska", &["mka"], Audio, &[F::MatroskaAudio]),
    kind("ogg", "OGG", "video/ogg", &["ogv"], Video, &[F::OggTheora, F::OggMedia]),
];

/// Told by its tracks in `look.rs`.
pub const SOUND_IN_WEBM: &Kind = &kind("webm", "WebM", "audio/webm", &["weba", "webm"], Audio, &[]);

/// How many of `KINDS` are on the default list.
pub const DEFAULT: usize = 25;

pub fn by_word(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.word == word)
}

pub fn by_format(format: F) -> Option<&'static Kind> {
    KINDS.iter().chain(FORMS).find(|kind| kind.formats.contains(&format))
}

/// Types that a name with this ending promises.
pub fn by_ending(ending: &str) -> impl Iterator<Item = &'static Kind> {
    let ending = ending.to_ascii_lowercase();
    KINDS.iter().filter(move |kind| kind.endings.contains(&ending.as_str()))
}
