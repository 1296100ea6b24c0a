//! Reads the classes.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class<T> {
    pub about: String,
    /// Published ones of this class, in whatever program.
    pub advisories: Vec<String>,
    pub cases: Vec<T>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

pub fn folders() -> Vec<String> {
    let names = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let with_cases = names.filter(|path| path.join("cases.yaml").is_file());
    let mut names: Vec<_> = with_cases.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub fn html_files() -> usize {
    let files = std::fs::read_dir(root().join("html")).unwrap().map(|entry| entry.unwrap().file_name());
    files.filter(|name| name.to_string_lossy().ends_with(".expected.html")).count()
}

pub fn read<T: DeserializeOwned>(class: &str) -> Class<T> {
    let file = root().join(class).join("cases.yaml");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Fails with all that went wrong at once.
pub fn check_all<T: DeserializeOwned>(class: &str, check: impl Fn(T) -> Result<(), String>) {
    let wrong: Vec<String> = read::<T>(class).cases.into_iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{class}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}\n  became   {found:?}\n  expected {expected:?}")) }
}
