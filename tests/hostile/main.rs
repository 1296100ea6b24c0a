//! Hostile input, a folder for each class of published advisory: `cases.yaml` names the class and holds what comes in and
//! what must become of it. `html/` holds files: `NAME.html` and what it becomes (`tests/text_corpus.rs` reads them).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

mod bombs;
mod data;
mod fields;
mod files;
mod hints;
mod json;
mod links;
mod markers;
mod people;
mod powers;
mod pushes;
#[allow(dead_code, reason = "no test needs all of it")]
#[path = "../rules/render.rs"]
mod render;
mod requests;
mod rooms;
mod strict_html;
mod templates;
mod words;
#[allow(dead_code, reason = "no test needs all of it")]
#[path = "../rules/world.rs"]
mod world;

#[test]
fn there_are_four_hundred_cases_and_each_class_names_its_advisories() {
    let folders = data::folders();
    let mut count = data::html_files();
    assert!(count >= 80, "only {count} files of HTML");
    for folder in &folders {
        let class = data::read::<serde_yaml::Value>(folder);
        assert!(class.about.len() > 30 && !class.advisories.is_empty(), "{folder} does not say what it is about");
        assert!(class.cases.len() >= 8, "{folder}: only {} cases", class.cases.len());
        count += class.cases.len();
    }
    assert!(folders.len() >= 14, "{folders:?}");
    assert!(count >= 400, "only {count} cases");
}
