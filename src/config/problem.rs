//! What is wrong with the configuration, where, and how to mend it.

use std::fmt;

/// Where a value came from, as the administrator finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Line { file: String, line: usize },
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{file}:{line}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// One thing that is wrong. Neither text ever holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub origin: Origin,
    /// Path of the key, as in `appservice.port`; empty where the whole file is meant.
    pub key: String,
    pub wrong: String,
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{} → {}", self.wrong, self.mend)
    }
}

/// All that is wrong, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A value that was refused, before it is known where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub wrong: String,
    pub mend: String,
}

pub fn wrong<T>(wrong: impl Into<String>, mend: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { wrong: wrong.into(), mend: mend.into() })
}
