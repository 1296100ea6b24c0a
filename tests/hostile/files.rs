//! What files say they are, by name and by their first bytes, against what they are.

use serde::Deserialize;
use ticketroom::files::{Rules, check, look};
use ticketroom::model::Refusal;

use crate::data::{check_all, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Each character is a byte.
    content: String,
    becomes: String,
}

pub fn gate(name: &str, content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    std::fs::write(&path, content).unwrap();
    match check(look(&path).unwrap(), name, content.len() as u64, &Rules::default()) {
        Ok(checked) => checked.kind.word.to_owned(),
        Err(Refusal::NotAllowed { what }) => format!("refused as {what}"),
        Err(Refusal::Disguised { what, named }) => format!("refused as {what} named {named}"),
        Err(other) => format!("refused: {other:?}"),
    }
}

#[test]
fn a_file_passes_by_what_it_is_and_never_by_what_it_says() {
    check_all("files", |case: Case| {
        let bytes: Vec<u8> = case.content.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        same(&format!("{} {:?}", case.name, case.content), gate(&case.name, &bytes), case.becomes)
    });
}
