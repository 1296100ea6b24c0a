//! Which files are carried, how large, and where they lie meanwhile.

use super::{section::Section, types::Files, yaml::Tree};
use crate::files::{self, Kind, Rules};

const MIB: u64 = 1024 * 1024;

pub fn files(section: &Section<'_, '_>) -> Option<Files> {
    let allowed = allowed(section);
    let max_mib = section.number("max_mib", 100, 1..=4096, "MiB");
    let parallel = section.number("parallel", 2, 1..=32, "files at once");
    let spool_folder = section.path("spool_folder");
    section.refuse_unknown();
    Some(Files {
        rules: Rules { allowed: allowed?, max_bytes: max_mib? * MIB },
        parallel: usize::try_from(parallel?).ok()?,
        spool_folder: spool_folder?,
    })
}

/// Nothing written: the default list.
fn allowed(section: &Section<'_, '_>) -> Option<Vec<&'static Kind>> {
    let mut kinds = Vec::new();
    for (path, item) in section.list("allowed")? {
        let kind = match &item {
            Tree::Text(word) => files::by_word(&word.trim().to_ascii_lowercase()),
            _ => None,
        };
        match kind {
            Some(kind) => kinds.push(kind),
            None => {
                let known: Vec<&str> = files::KINDS.iter().map(|kind| kind.word).collect();
                let mend = format!("write one of {}", known.join(", "));
                section.reader.refuse(&path, "is no type of file that Ticketroom can recognise", mend);
                return None;
            }
        }
    }
    if kinds.is_empty() {
        kinds = Rules::default().allowed;
    }
    Some(kinds)
}
