//! Names of files from outside, made fit to be shown in a room and to be saved on any disk.

use super::names::tidied;

/// Disks take 255 bytes; this leaves room for letters of four bytes in the usual case.
const CHARS_MAX: usize = 120;
const BYTES_MAX: usize = 240;
/// What stands behind the last dot counts as the ending up to this length.
const ENDING_CHARS_MAX: usize = 8;

/// One line without a path, control characters and direction marks, the ending kept where it is cut; "file" if nothing is
/// left of it.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    // Signs that no Windows disk takes; a colon stays, for the length of a voice message.
    let name: String =
        tidied(last).chars().map(|c| if matches!(c, '<' | '>' | '"' | '|' | '?' | '*') { '_' } else { c }).collect();
    // A name that begins with a dot is hidden, and one that ends with it loses it on Windows.
    let name = name.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let ending = ending(name).map(|ending| format!(".{ending}")).unwrap_or_default();
    let stem = name.strip_suffix(ending.as_str()).unwrap_or(name);
    let mut short = String::new();
    for c in stem.chars().take(CHARS_MAX - ending.chars().count()) {
        if short.len() + c.len_utf8() + ending.len() > BYTES_MAX {
            break;
        }
        short.push(c);
    }
    // What was cut may leave a dot or a blank at the end.
    let short = short.trim_end_matches(['.', ' ']);
    if short.is_empty() { format!("file{ending}") } else { format!("{short}{ending}") }
}

/// What stands behind the last dot, if it looks like an ending.
pub fn ending(name: &str) -> Option<&str> {
    let (_, ending) = name.rsplit_once('.')?;
    let fits = (1..=ENDING_CHARS_MAX).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric());
    fits.then_some(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_what_could_harm() {
        for (name, clean) in [
            ("Über 漢字 🦀.pdf", "Über 漢字 🦀.pdf"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\ada\scan.png", "scan.png"),
            ("a\u{202e}gnp.exe", "agnp.exe"),
            ("a\u{0}\n\tb.txt", "a b.txt"),
            (".htaccess", "htaccess"),
            ("", "file"),
            ("///", "file"),
            ("...", "file"),
            (".pdf", "pdf"),
            ("a<b>|?.txt", "a_b___.txt"),
            ("voice message 0:07.ogg", "voice message 0:07.ogg"),
        ] {
            assert_eq!(file_name(name), clean, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_ending() {
        let name = file_name(&format!("{}.pdf", "x".repeat(500)));
        assert!(name.ends_with("x.pdf") && name.len() == CHARS_MAX, "{name}");
        assert_eq!(file_name(&format!("{}.{}", "x".repeat(119), "y".repeat(99))), "x".repeat(119));
        let name = file_name(&format!("{}.pdf", "🦀".repeat(500)));
        assert!(name.ends_with("🦀.pdf") && name.len() <= BYTES_MAX, "{name}");
    }
}
