//! Texts of the administrator's own: what they change, and what is refused with file, line and mend.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "common/minimal.rs"]
mod minimal;

use std::fs;

use minimal::MINIMAL;
use ticketroom::config::{self, Config, Environment};
use ticketroom::texts::AREAS;

/// A configuration beside these files of texts; or all that is wrong, with `DIR` for the folder.
fn load(options: &str, files: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let text = format!("{MINIMAL}texts:\n{options}");
    config::parse("c.yaml", folder.path(), &text, &Environment::default())
        .map_err(|problems| problems.to_string().replace(&folder.path().display().to_string(), "DIR"))
}

fn greeting(config: &Config, language: &str) -> String {
    let words = config.texts.in_language(language).unwrap_or_else(|| panic!("{language} is spoken"));
    words.text("greeting")
}

#[track_caller]
fn refused(files: &[(&str, &str)], expected: &[&str]) {
    let said = load("  folder: t", files).map(|_| ()).expect_err("this must be refused");
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_text_takes_the_place_of_ours_and_the_others_stay() {
    let config = load("  folder: t", &[("t/de/own.ftl", "greeting = Moin!\n")]).unwrap();
    assert_eq!(greeting(&config, "de"), "Moin!");
    assert!(greeting(&config, "en").starts_with("Hello!"));
    assert_eq!(config.texts.in_language("de").unwrap().text("is_open"), "Dieses Ticket ist schon offen.");
}

#[test]
fn every_text_can_be_ones_own() {
    let ids = || AREAS.iter().flat_map(|area| area.messages).map(|message| message.id);
    let own: String = ids().map(|id| format!("{id} = Own words for {id}\n")).collect();
    let config = load("  folder: t", &[("t/de/own.ftl", &own)]).unwrap();
    let words = config.texts.in_language("de").unwrap();
    let others: Vec<_> = ids().filter(|id| words.text(id) != format!("Own words for {id}")).collect();
    assert!(others.is_empty() && ids().count() > 100, "{others:?}");
}

#[test]
fn a_language_can_be_added_and_be_the_configured_one() {
    let french = "language_name = Français\ngreeting = Bonjour !\n";
    let config = load("  folder: t\n  language: fr", &[("t/fr/a.ftl", french)]).unwrap();
    assert_eq!(config.texts.words().code(), "fr");
    assert_eq!(greeting(&config, "fr-CA"), "Bonjour !");
    let names: Vec<_> = config.texts.languages().map(|words| words.text("language_name")).collect();
    assert_eq!(names, ["English", "Deutsch", "Français"]);
}

#[test]
fn terms_and_other_texts_can_be_used_in_a_text() {
    let own = "-firm = Pumps & Co\ngreeting = { -firm }: { is_open }\n";
    let config = load("  folder: t", &[("t/en/own.ftl", own)]).unwrap();
    assert_eq!(greeting(&config, "en"), "Pumps & Co: This ticket is open already.");
}

#[test]
fn an_unknown_text_or_variable_is_refused_with_line_and_mend() {
    refused(
        &[(
            "t/de/own.ftl",
            "# Unsere\n\ngreetin = Moin!\nwelcome = Hier ist { $numer }.\nclosed = { $name }\nnonsense = x\n",
        )],
        &[
            "DIR/t/de/own.ftl:3: there is no text `greetin` → did you mean `greeting`? Otherwise remove it",
            "DIR/t/de/own.ftl:4: `welcome` can't be filled with { $numer } → what can be filled in there: { $number }",
            "DIR/t/de/own.ftl:5: `closed` can't be filled with { $name } → write it without: nothing can be filled in there",
            "DIR/t/de/own.ftl:6: there is no text `nonsense` → correct its name after the files in locales/en, or remove it",
        ],
    );
}

#[test]
fn what_is_no_fluent_is_refused_with_line_and_mend() {
    refused(
        &[("t/de/own.ftl", "greeting = Moin!\n\nclosed Zu.\n")],
        &[
            "DIR/t/de/own.ftl:3: is no Fluent: Expected a token starting with \"=\" → write `name = text`, further lines \
           indented, as in https://projectfluent.org",
        ],
    );
}

#[test]
fn a_text_that_says_nothing_is_refused() {
    refused(
        &[("t/de/own.ftl", "closed = { -firm }\nreopened = {\"\"}\n")],
        &[
            "DIR/t/de/own.ftl:1: `closed` says nothing, or refers to something that is not there → give it words, and \
             refer only to texts, terms and functions that are there",
            "DIR/t/de/own.ftl:2: `reopened` says nothing, or refers to something that is not there → give it words, and \
             refer only to texts, terms and functions that are there",
        ],
    );
}

#[test]
fn a_folder_that_is_not_as_it_must_be_is_refused() {
    for (files, expected) in [
        (&[][..], "c.yaml:12: texts.folder: DIR/t: can't be read: No such file"),
        (
            &[("t/own.ftl", "closed = Zu.")][..],
            "c.yaml:12: texts.folder: DIR/t/own.ftl: stands in no language's folder → ",
        ),
        (
            &[("t/german language/own.ftl", "closed = Zu.")][..],
            "DIR/t/german language/own.ftl:1: stands in a folder whose",
        ),
    ] {
        let said = load("  folder: t", files).map(|_| ()).expect_err("this must be refused");
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn a_language_without_texts_is_refused() {
    let said = load("  language: tlh", &[]).map(|_| ()).expect_err("this must be refused");
    assert_eq!(
        said,
        "c.yaml:12: texts.language: is a language in which there are no texts → write one of en, de, or add that language \
         to texts.folder"
    );
}
