//! The section `texts`: the language that is spoken where nobody chose, and texts of the administrator's own.

use std::{fs, path::Path, sync::Arc};

use super::{
    problem::{Origin, Problem},
    section::Section,
    values,
};
use crate::texts::{FALLBACK, Mistake, Override, Texts, What, names};

pub fn texts(section: &Section<'_, '_>) -> Option<Arc<Texts>> {
    let language = section.or("language", FALLBACK, values::word);
    let folder = section.path("folder");
    section.refuse_unknown();
    let overrides = match folder? {
        Some(folder) => match read(&folder) {
            Ok(files) => files,
            Err((path, error)) => {
                let mend =
                    "name a folder of folders of .ftl files, as in texts/de/own.ftl, that Ticketroom's user may read";
                section.refuse("folder", format!("{path}: {error}"), mend);
                return None;
            }
        },
        None => Vec::new(),
    };
    let language = language?;
    let texts = match Texts::with(&overrides, &language) {
        Ok(texts) => texts,
        Err(mistakes) => {
            mistakes.into_iter().for_each(|mistake| section.reader.note_problem(problem(mistake)));
            return None;
        }
    };
    if texts.in_language(&language).is_none() {
        let codes: Vec<_> = texts.languages().map(|words| words.code().to_owned()).collect();
        let mend = format!("write one of {}, or add that language to texts.folder", codes.join(", "));
        section.refuse("language", "is a language in which there are no texts", mend);
        return None;
    }
    Some(Arc::new(texts))
}

type Unreadable = (String, String);

/// `<folder>/<language>/*.ftl`, in the order of their names.
fn read(folder: &Path) -> Result<Vec<Override>, Unreadable> {
    let mut files = Vec::new();
    for (language, path) in entries(folder)? {
        if path.is_file() && language.ends_with(".ftl") {
            return Err((path.display().to_string(), "stands in no language's folder".to_owned()));
        }
        if !path.is_dir() || language.starts_with('.') {
            continue;
        }
        for (name, path) in entries(&path)? {
            if name.ends_with(".ftl") && !name.starts_with('.') {
                let file = path.display().to_string();
                let text =
                    fs::read_to_string(&path).map_err(|error| (file.clone(), format!("can't be read: {error}")))?;
                files.push(Override { file, language: language.clone(), text: text.replace("\r\n", "\n") });
            }
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, Unreadable> {
    let unreadable = |error: std::io::Error| (folder.display().to_string(), format!("can't be read: {error}"));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

fn problem(mistake: Mistake) -> Problem {
    let (wrong, mend) = match mistake.what {
        What::NoLanguage => (
            "stands in a folder whose name is no language".to_owned(),
            "name the folder after the language: de, fr, pt-BR".to_owned(),
        ),
        What::Syntax(error) => {
            let mend = "write `name = text`, further lines indented, as in https://projectfluent.org";
            (format!("is no Fluent: {error}"), mend.to_owned())
        }
        What::UnknownText(name) => {
            let mend = match values::nearest(&name, names()) {
                Some(meant) => format!("did you mean `{meant}`? Otherwise remove it"),
                None => "correct its name after the files in locales/en, or remove it".to_owned(),
            };
            (format!("there is no text `{name}`"), mend)
        }
        What::UnknownVariable { text, variable, known } => {
            let known: Vec<_> = known.iter().map(|name| format!("{{ ${name} }}")).collect();
            let mend = match known.is_empty() {
                true => "write it without: nothing can be filled in there".to_owned(),
                false => format!("what can be filled in there: {}", known.join(", ")),
            };
            (format!("`{text}` can't be filled with {{ ${variable} }}"), mend)
        }
        What::CannotBeSaid { text } => {
            let mend = "give it words, and refer only to texts, terms and functions that are there";
            (format!("`{text}` says nothing, or refers to something that is not there"), mend.to_owned())
        }
    };
    Problem { origin: Origin::Line { file: mistake.file, line: mistake.line }, key: String::new(), wrong, mend }
}
