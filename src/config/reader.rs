//! Reads keys out of the file and the environment, and remembers all that is wrong instead of stopping at the first.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    environment::Environment,
    lines::Lines,
    options::OptionInfo,
    problem::{Origin, Problem, Problems},
    section::Section,
    yaml::Tree,
};

/// Where to look, and what was found out so far. Sections share it, hence the cells.
pub struct Reader<'a> {
    pub(super) file: &'a str,
    /// The folder of the file, which relative paths in it begin at.
    pub(super) folder: &'a Path,
    pub(super) lines: &'a Lines,
    pub(super) environment: &'a Environment,
    pub(super) problems: RefCell<Vec<Problem>>,
    pub(super) options: RefCell<Vec<OptionInfo>>,
    used: RefCell<BTreeSet<String>>,
}

/// A value before it was looked at, with the place to name when it is wrong.
#[derive(Clone, Debug)]
pub enum Found {
    File(Tree),
    Variable(String),
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a str, folder: &'a Path, lines: &'a Lines, environment: &'a Environment) -> Self {
        Self {
            file,
            folder,
            lines,
            environment,
            problems: RefCell::default(),
            options: RefCell::default(),
            used: RefCell::default(),
        }
    }

    pub fn root<'r>(&'r self, tree: &'r Tree) -> Section<'r, 'a> {
        Section::of(self, "", tree)
    }

    /// The value of a key: the environment's before the file's.
    pub(super) fn find(&self, path: &str, in_file: Option<&Tree>) -> Option<Found> {
        if let Some(variable) = self.environment.get(path) {
            self.used.borrow_mut().insert(path.to_owned());
            return Some(Found::Variable(variable.value.clone()));
        }
        match in_file {
            None | Some(Tree::Nothing) => None,
            Some(tree) => Some(Found::File(tree.clone())),
        }
    }

    pub(super) fn origin(&self, path: &str) -> Origin {
        // A list that came by a variable has no lines of its own.
        let list = path.split('[').next().unwrap_or(path);
        match self.environment.get(path).or_else(|| self.environment.get(list)) {
            Some(variable) => Origin::Variable(variable.name.clone()),
            None => Origin::Line { file: self.file.to_owned(), line: self.lines.near(path) },
        }
    }

    /// Notes that something is wrong with a key.
    pub fn refuse(&self, path: &str, wrong: impl Into<String>, mend: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            origin: self.origin(path),
            key: path.to_owned(),
            wrong: wrong.into(),
            mend: mend.into(),
        });
    }

    /// A path given in the file begins at the file's folder, one given by a variable where the program was started.
    pub(super) fn path(&self, found: &Found, path: &str) -> PathBuf {
        match found {
            Found::File(_) => self.folder.join(path),
            Found::Variable(_) => PathBuf::from(path),
        }
    }

    /// What is wrong in another file than the configuration.
    pub fn note_problem(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Variables in our manner that stand for no option.
    pub fn refuse_unused_variables(&self) {
        let used = self.used.borrow();
        for (path, variable) in self.environment.iter().filter(|(path, _)| !used.contains(*path)) {
            self.problems.borrow_mut().push(Problem {
                origin: Origin::Variable(variable.name.clone()),
                key: path.to_owned(),
                wrong: "there is no such option".to_owned(),
                mend: "unset it, or correct its name after config.sample.yaml".to_owned(),
            });
        }
    }

    pub fn options(self) -> Vec<OptionInfo> {
        self.options.into_inner()
    }

    /// All that is wrong, by line; the environment's last.
    pub fn into_problems(self) -> Option<Problems> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| match &problem.origin {
            Origin::Line { line, .. } => (0, *line),
            Origin::Variable(_) => (1, 0),
        });
        problems.dedup();
        (!problems.is_empty()).then_some(Problems(problems))
    }
}
