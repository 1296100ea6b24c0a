//! Lets a file through or not: by its content, its name and its size.

use super::kinds::{self, Kind};
use super::look::Look;
use crate::model::{FileKind, Refusal};
use crate::text;

/// What the configuration lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub allowed: Vec<&'static Kind>,
    pub max_bytes: u64,
}

impl Default for Rules {
    fn default() -> Self {
        let allowed = kinds::KINDS.iter().take(kinds::DEFAULT).collect();
        Self { allowed, max_bytes: 100 * 1024 * 1024 }
    }
}

impl Rules {
    /// By its word: what is shown otherwise than most of its type is of that type, too.
    pub fn allow(&self, kind: &Kind) -> bool {
        self.allowed.iter().any(|allowed| allowed.word == kind.word)
    }
}

/// A file that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    pub kind: &'static Kind,
}

/// Endings of files that a computer runs or a browser renders: a file so named is one, whatever it begins with.
const ACTIVE_ENDINGS: [&str; 40] = [
    "bat", "cmd", "com", "css", "docm", "dotm", "exe", "hta", "htm", "html", "jar", "js", "jse", "lnk", "mjs", "msi",
    "php", "pl", "potm", "ppam", "ppsm", "pptm", "ps1", "psm1", "py", "rb", "reg", "scr", "sh", "svg", "vbe", "vbs",
    "wsf", "xht", "xhtml", "xlam", "xlsb", "xlsm", "xltm", "xml",
];

pub fn check(look: Look, name: &str, size_bytes: u64, rules: &Rules) -> Result<Checked, Refusal> {
    if size_bytes == 0 {
        return Err(Refusal::Empty);
    }
    if size_bytes > rules.max_bytes {
        return Err(Refusal::TooLarge { max_bytes: rules.max_bytes });
    }
    let ending = text::ending(name).unwrap_or_default().to_ascii_lowercase();
    let promised: Vec<&Kind> = kinds::by_ending(&ending).collect();
    let named = || promised.first().map_or_else(|| ending.to_ascii_uppercase(), |kind| kind.label.to_owned());
    let disguised = |what: &str| Refusal::Disguised { what: what.to_owned(), named: named() };
    let kind = match look {
        Look::Other(what) if promised.is_empty() => return Err(Refusal::NotAllowed { what }),
        Look::Other(what) => return Err(disguised(&what)),
        Look::Known(kind) => kind,
    };
    if ACTIVE_ENDINGS.contains(&ending.as_str()) {
        // A picture can be a page as well, and by such a name it is opened as one.
        return Err(match kind.word {
            "txt" => Refusal::NotAllowed { what: ending.to_ascii_uppercase() },
            _ => disguised(kind.label),
        });
    }
    if !promised.is_empty() && !promised.iter().any(|promise| is_same_sort(promise, kind)) {
        return Err(disguised(kind.label));
    }
    if !rules.allow(kind) {
        return Err(Refusal::NotAllowed { what: kind.label.to_owned() });
    }
    Ok(Checked { kind })
}

/// A PNG named like a JPEG deceives nobody, nor sound in a container for films; anything else does.
pub fn is_same_sort(promised: &Kind, found: &Kind) -> bool {
    let heard = |kind: &Kind| matches!(kind.shown_as, FileKind::Audio | FileKind::Video);
    promised == found
        || (promised.shown_as == FileKind::Image && found.shown_as == FileKind::Image)
        || (heard(promised) && heard(found))
}
