//! Under which name a file is carried: with an ending of what it is.

use super::gate::is_same_sort;
use super::kinds::{self, Kind};
use crate::text;

/// By the ending computers choose what opens a file, and text named `.url` or `.desktop` would act; other types can be written
/// so that they are such text as well. Whatever has no ending of its own sort gets its type's behind the name: a list of all
/// that act never ends.
pub fn carried_name(name: &str, kind: &Kind) -> String {
    let name = text::file_name(name);
    let is_own = |ending: &str| kinds::by_ending(ending).any(|promised| is_same_sort(promised, kind));
    match kind.endings.first() {
        Some(ending) if !text::ending(&name).is_some_and(is_own) => text::file_name(&format!("{name}.{ending}")),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_what_the_file_is() {
        for (name, word, carried) in [
            ("notes.TXT", "txt", "notes.TXT"),
            ("pump.log", "txt", "pump.log"),
            ("x.url", "txt", "x.url.txt"),
            ("x.desktop", "txt", "x.desktop.txt"),
            ("x.iqy", "txt", "x.iqy.txt"),
            ("x.appref-ms", "txt", "x.appref-ms.txt"),
            ("x.url. ", "txt", "x.url.txt"),
            ("README", "txt", "README.txt"),
            ("photo.jpg", "png", "photo.jpg"),
            ("photo", "png", "photo.png"),
            ("x.url", "pdf", "x.url.pdf"),
            ("table.xla", "xls", "table.xla.xls"),
            ("Voice message 0:07.ogg", "opus", "Voice message 0:07.ogg"),
            ("film.mkv", "webm", "film.mkv"),
        ] {
            assert_eq!(carried_name(name, kinds::by_word(word).unwrap()), carried, "{name}");
        }
    }

    #[test]
    fn a_long_name_keeps_the_ending_that_it_gets() {
        let name = carried_name(&format!("{}.url", "x".repeat(500)), kinds::by_word("txt").unwrap());
        assert!(name.ends_with(".txt") && name.len() <= 120, "{name}");
    }
}
