//! All that the bot says, in every language: Fluent messages (`locales/<language>/<area>.ftl`, built into the binary) and
//! a typed function for each (`words/<area>.rs`), so that a rule writes `view.words().closed()`.
//!
//! A new text: a line in `words/<area>.rs`, a message of that name in `locales/*/<area>.ftl`. Logs and the answers of
//! `ticketroom check` are English and not here.

mod catalogue;
mod overrides;
mod source;
mod why;
mod words;

use std::fmt;

pub use catalogue::Argument;
use catalogue::Catalogue;
pub use overrides::{Mistake, Override, What, names};
pub use source::{Source, variables};
pub use words::{AREAS, Area, Message};

/// The language in which every message is there.
pub const FALLBACK: &str = "en";

/// The messages of all languages. Parsed once.
pub struct Texts {
    catalogues: Vec<Catalogue>,
    /// What is spoken where nobody chose: its place among the catalogues.
    default: usize,
}

impl Texts {
    /// Those that are built in; `default` is spoken where nobody chose.
    pub fn built_in(default: &str) -> Self {
        let mut texts = Self { catalogues: Vec::new(), default: 0 };
        for area in AREAS {
            for source in area.sources {
                texts.add(source.language, source.text);
            }
        }
        texts.default = texts.place(default).unwrap_or_default();
        texts
    }

    fn add(&mut self, language: &str, text: &str) {
        let place = match self.catalogues.iter().position(|catalogue| catalogue.code == language) {
            Some(place) => place,
            None => {
                self.catalogues.push(Catalogue::new(language));
                self.catalogues.len() - 1
            }
        };
        if let Some(catalogue) = self.catalogues.get_mut(place) {
            catalogue.add(text);
        }
    }

    /// Where nobody chose a language.
    pub fn words(&self) -> Words<'_> {
        Words { texts: self, place: self.default }
    }

    /// In this language, where we speak it.
    pub fn in_language(&self, code: &str) -> Option<Words<'_>> {
        self.place(code).map(|place| Words { texts: self, place })
    }

    /// The languages that we speak, in the order in which they are listed.
    pub fn languages(&self) -> impl Iterator<Item = Words<'_>> {
        (0..self.catalogues.len()).map(|place| Words { texts: self, place })
    }

    /// `de-AT` is answered in German.
    fn place(&self, code: &str) -> Option<usize> {
        let find = |code: &str| self.catalogues.iter().position(|catalogue| catalogue.code.eq_ignore_ascii_case(code));
        let code = code.trim();
        find(code).or_else(|| find(code.split(['-', '_', '.']).next()?))
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.catalogues.iter().map(|catalogue| &catalogue.code)).finish()
    }
}

/// One language's messages, as functions (`words/`).
#[derive(Clone, Copy, Debug)]
pub struct Words<'t> {
    texts: &'t Texts,
    place: usize,
}

impl Words<'_> {
    /// The language's code (`de`).
    pub fn code(&self) -> &str {
        self.texts.catalogues.get(self.place).map_or(FALLBACK, |catalogue| &catalogue.code)
    }

    /// A text without anything filled in, by its name.
    pub fn text(&self, id: &'static str) -> String {
        self.say(id, &[])
    }

    /// What is missing in a language is said in English: better than nothing.
    fn say(&self, id: &'static str, arguments: &[(&'static str, Argument<'_>)]) -> String {
        let own = self.texts.catalogues.get(self.place);
        let english = self.texts.catalogues.iter().find(|catalogue| catalogue.code == FALLBACK);
        let found = own.into_iter().chain(english).find_map(|catalogue| catalogue.say(id, arguments));
        found.unwrap_or_else(|| id.replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_data_and_stands_there_bare() {
        let texts = Texts::built_in("en");
        assert_eq!(texts.words().wrote("{ $x } *Eve* \u{2068}"), "{ $x } *Eve* \u{2068} wrote:");
    }

    #[test]
    fn a_regional_language_is_its_language_and_an_unknown_one_is_none() {
        let texts = Texts::built_in("de_AT.UTF-8");
        assert_eq!(texts.words().code(), "de");
        assert_eq!(texts.in_language(" DE ").map(|words| words.wrote("Ada")), Some("Ada schrieb:".to_owned()));
        assert!(texts.in_language("tlh").is_none());
        assert_eq!(Texts::built_in("tlh").words().code(), FALLBACK);
    }

    #[test]
    fn what_a_language_does_not_have_is_said_in_english() {
        let mut texts = Texts::built_in("en");
        texts.add("fr", "wrote = { $name } a écrit :");
        let french = texts.in_language("fr").unwrap();
        assert_eq!(french.wrote("Ada"), "Ada a écrit :");
        assert_eq!(french.is_open(), "This ticket is open already.");
    }

    #[test]
    fn no_message_is_ever_empty() {
        let mut texts = Texts::built_in("en");
        texts.add("fr", "is_open = {\"\"}\nis_closed = { $unknown }");
        let french = texts.in_language("fr").unwrap();
        assert_eq!(french.is_open(), "This ticket is open already.");
        assert_eq!(french.is_closed(), "This ticket is closed. Reopen it first (!reopen).");
        assert_eq!(french.say("nowhere_at_all", &[]), "nowhere at all");
    }
}
