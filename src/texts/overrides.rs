//! Texts from a folder of the administrator's: they take the place of ours, one by one, and may add languages.

use std::collections::BTreeMap;

use fluent_bundle::FluentValue;
use unic_langid::LanguageIdentifier;

use super::catalogue::Catalogue;
use super::words::{AREAS, Message};
use super::{Texts, variables};

/// A file of theirs.
#[derive(Clone, Debug)]
pub struct Override {
    /// Its name, to tell of mistakes.
    pub file: String,
    pub language: String,
    pub text: String,
}

/// What is wrong in such a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    pub line: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The folder's name is no language's code.
    NoLanguage,
    /// It is not Fluent.
    Syntax(String),
    UnknownText(String),
    /// Something is filled in that we don't give.
    UnknownVariable {
        text: String,
        variable: String,
        known: &'static [&'static str],
    },
    /// It says nothing, or refers to what is not there.
    CannotBeSaid {
        text: String,
    },
}

fn declared() -> impl Iterator<Item = &'static Message> {
    AREAS.iter().flat_map(|area| area.messages)
}

/// The names of all texts.
pub fn names() -> impl Iterator<Item = &'static str> {
    declared().map(|message| message.id)
}

impl Texts {
    /// Ours, with theirs on top; or all that is wrong with theirs.
    pub fn with(overrides: &[Override], default: &str) -> Result<Self, Vec<Mistake>> {
        let mut texts = Self::built_in(default);
        let mut mistakes = Vec::new();
        for file in overrides {
            mistakes.extend(mistakes_in(file));
            texts.add(&file.language, &file.text);
        }
        if mistakes.is_empty() {
            mistakes.extend(overrides.iter().flat_map(|file| unsayable(file, &texts)));
        }
        texts.default = texts.place(default).unwrap_or_default();
        if mistakes.is_empty() { Ok(texts) } else { Err(mistakes) }
    }
}

fn mistakes_in(file: &Override) -> Vec<Mistake> {
    let at = |line, what| Mistake { file: file.file.clone(), line, what };
    if file.language.parse::<LanguageIdentifier>().is_err() {
        return vec![at(1, What::NoLanguage)];
    }
    let found = match variables(&file.text) {
        Ok(found) => found,
        Err(errors) => {
            let line = |position: usize| file.text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1;
            return errors.iter().map(|it| at(line(it.pos.start), What::Syntax(it.kind.to_string()))).collect();
        }
    };
    let mut mistakes = Vec::new();
    for (id, needed) in found {
        let line = line_of(&file.text, &id);
        let Some(message) = declared().find(|message| message.id == id) else {
            mistakes.push(at(line, What::UnknownText(id)));
            continue;
        };
        for variable in needed.into_iter().filter(|name| !message.arguments.contains(&name.as_str())) {
            let known = message.arguments;
            mistakes.push(at(line, What::UnknownVariable { text: id.clone(), variable, known }));
        }
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes
}

/// Said once, with anything filled in: a reference to what is not there shows itself only then.
fn unsayable(file: &Override, texts: &Texts) -> Vec<Mistake> {
    let Some(catalogue) = texts.catalogues.iter().find(|it| it.code == file.language) else { return Vec::new() };
    let found: BTreeMap<_, _> = variables(&file.text).unwrap_or_default();
    let messages = declared().filter(|message| found.contains_key(message.id));
    let silent = messages.filter(|message| !can_be_said(message, catalogue));
    silent
        .map(|message| Mistake {
            file: file.file.clone(),
            line: line_of(&file.text, message.id),
            what: What::CannotBeSaid { text: message.id.to_owned() },
        })
        .collect()
}

fn can_be_said(message: &Message, catalogue: &Catalogue) -> bool {
    let arguments: Vec<_> = message.arguments.iter().map(|name| (*name, FluentValue::from("x"))).collect();
    catalogue.say(message.id, &arguments).is_some()
}

/// Messages begin at the beginning of a line.
fn line_of(text: &str, id: &str) -> usize {
    let begins = |line: &str| line.strip_prefix(id).is_some_and(|rest| rest.trim_start().starts_with('='));
    text.lines().position(begins).map_or(1, |index| index + 1)
}
