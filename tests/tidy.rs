//! What a reviewer would say every time about the shape of the code, said by a test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MAX_LINES: usize = 400;

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Without comments: words about the world outside are welcome in them.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = |line: &'_ str| !line.trim_start().starts_with("//");
        self.text.lines().enumerate().filter(move |(_, line)| code(line))
    }

    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), ".rs", &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    found.iter().map(|path| Source { path: name(path), text: std::fs::read_to_string(path).unwrap() }).collect()
}

/// Fails with all of them at once.
fn nothing(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let all = sources("src").into_iter().chain(sources("tests"));
    let silent = all.filter(|source| !source.text.starts_with("//! ")).map(|source| source.path);
    nothing("these files do not open with a `//!` sentence", silent.collect());
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let long = sources("src").into_iter().map(|source| (source.text.lines().count(), source.path));
    let long = long.filter(|(lines, _)| *lines > MAX_LINES).map(|(lines, path)| format!("{path}: {lines} lines"));
    nothing("split these by what they do", long.collect());
}

#[test]
fn model_and_rules_are_pure() {
    let impure =
        ["sqlx", "reqwest", "axum", "tokio", "SystemTime", "Instant::", "std::fs", "std::env", "rand::", "async "];
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| source.is_in(&["src/model/", "src/bridge/"])) {
        for (number, line) in source.code() {
            if let Some(word) = impure.iter().find(|word| line.contains(**word)) {
                wrong.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    nothing("these touch the world outside", wrong);
}

#[test]
fn a_helpdesk_is_known_only_to_its_folder_and_the_configuration() {
    // app/helpdesk.rs opens the one that the configuration names.
    let allowed = ["src/helpdesk/", "src/config/", "src/app/helpdesk.rs"];
    let names = ["request_tracker", "requesttracker", "request tracker", "zammad", "redmine", "glpi", "otobo", "znuny"];
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_in(&allowed)) {
        for (number, line) in source.code() {
            let line = line.to_lowercase();
            wrong.extend(
                names
                    .iter()
                    .filter(|name| line.contains(**name))
                    .map(|name| format!("{}:{}: {name}", source.path, number + 1)),
            );
        }
    }
    nothing("these know a helpdesk by name", wrong);
}

#[test]
fn only_the_store_knows_sql_and_only_the_matrix_folder_its_wire() {
    let homes = [
        ("sqlx", &["src/store/"][..]),
        ("ruma::api", &["src/matrix/", "src/check/", "src/delivery/reconcile.rs"][..]),
        ("m.room.", &["src/matrix/", "src/check/"][..]),
    ];
    let mut wrong = Vec::new();
    for source in sources("src") {
        for (word, homes) in homes {
            let strays = source.code().filter(|(_, line)| line.contains(word) && !source.is_in(homes));
            wrong.extend(strays.map(|(number, _)| format!("{}:{}: {word}", source.path, number + 1)));
        }
    }
    nothing("these are in the wrong folder", wrong);
}

#[test]
fn effects_are_carried_out_by_delivery_alone() {
    // What writes to either side. Only delivery calls it: it wrote down first what it is about to do. Within the helpdesks'
    // folder names are the adapters' own affair.
    let verbs = [
        ".carry_out(",
        ".say_file(",
        ".create_ticket(",
        ".post(",
        ".accept(",
        ".release(",
        ".set_closed(",
        ".cancel(",
        ".link_room(",
        ".attach_link(",
    ];
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for source in sources("src").iter().filter(|source| !source.is_in(&["src/helpdesk/"])) {
        for (number, line) in source.code() {
            // Locks are released and tasks cancelled without a word.
            let calls = |verb: &&&str| line.split(**verb).skip(1).any(|rest| !rest.starts_with(')'));
            let Some(verb) = verbs.iter().find(calls) else { continue };
            used.insert(*verb);
            if !source.is_in(&["src/delivery/"]) {
                wrong.push(format!("{}:{}: {verb}", source.path, number + 1));
            }
        }
    }
    nothing("these carry out an effect outside of src/delivery", wrong);
    assert_eq!(used, BTreeSet::from(verbs), "a verb that nobody uses is called otherwise by now");
}

#[test]
fn every_crash_point_is_listed_and_passed_once() {
    let sources = sources("src");
    let list = sources.iter().find(|source| source.path == "src/crash.rs").expect("the list of points");
    let list = list.text.split_once("POINTS: &[&str] = &[").unwrap().1.split_once("];").unwrap().0;
    let listed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let mut passed: BTreeMap<&str, usize> = BTreeMap::new();
    for source in &sources {
        for rest in source.text.split("crash::point(\"").skip(1) {
            *passed.entry(rest.split('"').next().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(passed.keys().copied().collect::<BTreeSet<_>>(), listed);
    nothing(
        "these are passed at more than one place",
        passed.iter().filter(|(_, n)| **n > 1).map(|(p, _)| (*p).to_owned()).collect(),
    );
}

#[test]
fn both_databases_have_the_same_migrations_tables_and_columns() {
    let read = |database: &str| {
        let mut found = Vec::new();
        collect(&root().join("migrations").join(database), ".sql", &mut found);
        found.sort();
        found
            .iter()
            .map(|path| (path.file_name().unwrap().to_owned(), shape(&std::fs::read_to_string(path).unwrap())))
            .collect::<Vec<_>>()
    };
    let (sqlite, postgres) = (read("sqlite"), read("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    let built_in = std::fs::read_to_string(root().join("src/store/migrations.rs")).unwrap();
    for (name, _) in &sqlite {
        let name = name.to_string_lossy();
        let named = format!("\"{}\"", name.trim_end_matches(".sql"));
        assert_eq!(built_in.matches(&named).count(), 2, "{name} is built into the binary for both databases");
    }
}

/// Tables with their columns' names, and indexes.
fn shape(sql: &str) -> Vec<String> {
    let lines = sql.lines().map(str::trim).filter(|line| !line.starts_with("--") && !line.is_empty());
    let first_words = |line: &str, n: usize| line.split_whitespace().take(n).collect::<Vec<_>>().join(" ");
    lines.map(|line| if line.starts_with("CREATE") { line.to_owned() } else { first_words(line, 1) }).collect()
}
