//! One map of the configuration, and its keys by type: text, number, secret, list.

use std::{cell::RefCell, ops::RangeInclusive, path::PathBuf};

use secrecy::SecretString;

use super::{
    environment::variable_name,
    options::{Kind, OptionInfo},
    problem::Wrong,
    reader::{Found, Reader},
    values,
    yaml::{self, Tree},
};

pub struct Section<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    path: String,
    entries: &'r [(String, Tree)],
    known: RefCell<Vec<String>>,
    /// It is no section at all: that was said, and that its keys are missing need not be.
    broken: bool,
}

impl<'r, 'a> Section<'r, 'a> {
    pub fn of(reader: &'r Reader<'a>, path: &str, tree: &'r Tree) -> Self {
        let (entries, broken) = match tree {
            Tree::Map(entries) => (entries.as_slice(), false),
            Tree::Nothing => (Default::default(), false),
            other => {
                let what = describe(other);
                reader.refuse(path, format!("is {what}, not a section"), "write its keys below it, indented");
                (Default::default(), true)
            }
        };
        Self { reader, path: path.to_owned(), entries, known: RefCell::default(), broken }
    }

    pub fn section(&self, key: &str) -> Self {
        self.known.borrow_mut().push(key.to_owned());
        Self::of(self.reader, &self.path_of(key), self.entry(key).unwrap_or(&Tree::Nothing))
    }

    /// A key that is not looked at here, but is no mistake either.
    pub fn leave(&self, key: &str) {
        self.known.borrow_mut().push(key.to_owned());
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub fn refuse(&self, key: &str, wrong: impl Into<String>, mend: impl Into<String>) {
        self.reader.refuse(&self.path_of(key), wrong, mend);
    }

    /// `None`: it is missing or wrong, and that was noted.
    pub fn required<T>(&self, key: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.note(key, Kind::Text, None, true);
        match self.text(key)? {
            Some(text) => self.parsed(key, &text, parse),
            None => self.missing(key),
        }
    }

    /// The outer `None`: it is wrong, and that was noted.
    pub fn optional<T>(&self, key: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<Option<T>> {
        self.note(key, Kind::Text, None, false);
        match self.text(key)? {
            Some(text) => self.parsed(key, &text, parse).map(Some),
            None => Some(None),
        }
    }

    /// A file or folder. The outer `None`: it is wrong, and that was noted.
    pub fn path(&self, key: &str) -> Option<Option<PathBuf>> {
        self.note(key, Kind::Text, None, false);
        let found = self.find(key);
        let text = self.text(key)?;
        Some(found.zip(text).map(|(found, text)| self.reader.path(&found, &text)))
    }

    pub fn or<T>(&self, key: &str, default: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.note(key, Kind::Text, Some(default.to_owned()), false);
        let text = self.text(key)?;
        self.parsed(key, text.as_deref().unwrap_or(default), parse)
    }

    pub fn number(&self, key: &str, default: u64, range: RangeInclusive<u64>, unit: &str) -> Option<u64> {
        self.note(key, Kind::Number, Some(default.to_string()), false);
        let text = match self.find(key) {
            None => return Some(default),
            Some(Found::File(Tree::Number(text)) | Found::Variable(text)) => text,
            Some(Found::File(other)) => {
                self.refuse(
                    key,
                    format!("is {}, not a number", describe(&other)),
                    format!("write a number of {unit}, without quotes"),
                );
                return None;
            }
        };
        match text.trim().parse() {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                let (least, most) = (range.start(), range.end());
                self.refuse(key, "is out of range", format!("write a whole number of {unit} from {least} to {most}"));
                None
            }
        }
    }

    pub fn switch(&self, key: &str, default: bool) -> Option<bool> {
        self.note(key, Kind::Switch, Some(default.to_string()), false);
        let read = match self.find(key) {
            None => return Some(default),
            Some(Found::File(Tree::Bool(on))) => Some(on),
            Some(Found::Variable(text)) => text.trim().parse().ok(),
            Some(Found::File(_)) => None,
        };
        if read.is_none() {
            self.refuse(key, "is neither true nor false", "write one of the two, without quotes");
        }
        read
    }

    pub fn secret(&self, key: &str, parse: fn(&str) -> Result<(), Wrong>) -> Option<SecretString> {
        self.note(key, Kind::Secret, None, true);
        match self.secret_text(key)? {
            Some(text) => self.parsed(key, &text, parse).map(|()| SecretString::from(text)),
            None => self.missing(key),
        }
    }

    pub fn secret_or(&self, key: &str, default: &str, parse: fn(&str) -> Result<(), Wrong>) -> Option<SecretString> {
        self.note(key, Kind::Secret, Some(default.to_owned()), false);
        let text = self.secret_text(key)?.unwrap_or_else(|| default.to_owned());
        self.parsed(key, &text, parse).map(|()| SecretString::from(text))
    }

    /// The outer `None`: it is wrong, and that was noted.
    pub fn secret_optional(&self, key: &str, parse: fn(&str) -> Result<(), Wrong>) -> Option<Option<SecretString>> {
        self.note(key, Kind::Secret, None, false);
        match self.secret_text(key)? {
            Some(text) => self.parsed(key, &text, parse).map(|()| Some(SecretString::from(text))),
            None => Some(None),
        }
    }

    /// The items of a list, each with its path; a list that comes by the environment is written as YAML there.
    pub fn list(&self, key: &str) -> Option<Vec<(String, Tree)>> {
        self.note(key, Kind::List, Some("[]".to_owned()), false);
        let path = self.path_of(key);
        let tree = match self.find(key) {
            None => return Some(Vec::new()),
            Some(Found::File(tree)) => tree,
            Some(Found::Variable(value)) => match yaml::parse(&value) {
                Ok(tree) => tree,
                Err(_) => {
                    self.refuse(key, "is no list in YAML", "write it in one line, as in [{login: ada, …}]");
                    return None;
                }
            },
        };
        match tree {
            Tree::List(items) => {
                Some(items.into_iter().enumerate().map(|(i, item)| (format!("{path}[{i}]"), item)).collect())
            }
            other => {
                self.refuse(
                    key,
                    format!("is {}, not a list", describe(&other)),
                    "write each item below it behind a `- `",
                );
                None
            }
        }
    }

    /// To be called after all keys were read: what is left is unknown.
    pub fn refuse_unknown(&self) {
        let known = self.known.borrow();
        for (key, _) in self.entries.iter().filter(|(key, _)| !known.contains(key)) {
            let mend = match values::nearest(key, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`? Otherwise remove the line"),
                None => "remove it, or correct its name after config.sample.yaml".to_owned(),
            };
            self.refuse(key, "there is no such option here", mend);
        }
    }

    fn entry(&self, key: &str) -> Option<&'r Tree> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, tree)| tree)
    }

    fn find(&self, key: &str) -> Option<Found> {
        self.known.borrow_mut().push(key.to_owned());
        self.reader.find(&self.path_of(key), self.entry(key))
    }

    fn text(&self, key: &str) -> Option<Option<String>> {
        let text = match self.find(key) {
            None => return Some(None),
            Some(Found::File(Tree::Text(text)) | Found::Variable(text)) => text,
            Some(Found::File(other)) => {
                self.refuse(
                    key,
                    format!("is {}, not a text", describe(&other)),
                    "write a text, in quotes if it looks like a number",
                );
                return None;
            }
        };
        if text.trim().is_empty() {
            self.refuse(key, "is empty", "give a value, or remove the line");
            return None;
        }
        Some(Some(text))
    }

    /// From `key`, or from the file that `key_file` names.
    fn secret_text(&self, key: &str) -> Option<Option<String>> {
        let file_key = format!("{key}_file");
        let by_variable = |key: &str| self.reader.environment.get(&self.path_of(key)).is_some();
        let (direct, by_file) = (self.find(key), self.find(&file_key));
        let (take_direct, take_file) = match (direct.is_some(), by_file.is_some()) {
            // The environment overrides the file, whichever of the two ways each of them uses.
            (true, true) if by_variable(key) && !by_variable(&file_key) => (true, false),
            (true, true) if by_variable(&file_key) && !by_variable(key) => (false, true),
            (true, true) => {
                self.refuse(&file_key, format!("`{key}` is given too"), "keep one of the two");
                return None;
            }
            both => both,
        };
        match (take_direct, by_file) {
            (_, Some(found)) if take_file => self.read_secret(&file_key, &found).map(Some),
            (true, _) => self.text(key),
            _ => Some(None),
        }
    }

    fn read_secret(&self, file_key: &str, found: &Found) -> Option<String> {
        let name = self.text(file_key)??;
        let path = self.reader.path(found, &name);
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Ok(_) => {
                self.refuse(file_key, format!("{} is empty", path.display()), "write the secret into it");
                None
            }
            Err(error) => {
                let wrong = format!("{} can't be read: {error}", path.display());
                self.refuse(file_key, wrong, "name a file that Ticketroom's user may read");
                None
            }
        }
    }

    fn parsed<T>(&self, key: &str, text: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(Wrong { wrong, mend }) => {
                self.refuse(key, wrong, mend);
                None
            }
        }
    }

    fn missing<T>(&self, key: &str) -> Option<T> {
        let path = self.path_of(key);
        let mut mend = "add it (config.sample.yaml says what it is)".to_owned();
        if !path.contains('[') {
            mend += &format!(", or set {}", variable_name(&path));
        }
        if !self.broken {
            self.refuse(key, "is missing", mend);
        }
        None
    }

    fn note(&self, key: &str, kind: Kind, default: Option<String>, required: bool) {
        let path = self.path_of(key).replace("[0]", "[]");
        self.reader.options.borrow_mut().push(OptionInfo { path, kind, default, required });
    }
}

fn describe(tree: &Tree) -> &'static str {
    match tree {
        Tree::Nothing => "nothing",
        Tree::Bool(_) => "true or false",
        Tree::Number(_) => "a number",
        Tree::Text(_) => "a text",
        Tree::List(_) => "a list",
        Tree::Map(_) => "a section",
    }
}
