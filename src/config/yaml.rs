//! The only file that knows the YAML library: text to a plain tree and back.
//!
//! `serde_yaml` is archived: it is to be replaced here one day, and nowhere else.

use serde::{Serialize, de::DeserializeOwned};
use serde_yaml::Value;

/// A YAML document without its library's types.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Nothing,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub line: usize,
    pub message: String,
}

pub fn parse(text: &str) -> Result<Tree, SyntaxError> {
    serde_yaml::from_str::<Value>(text).map_err(|error| syntax(&error)).and_then(tree)
}

pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, SyntaxError> {
    serde_yaml::from_str(text).map_err(|error| syntax(&error))
}

pub fn to_text<T: Serialize>(value: &T) -> Result<String, SyntaxError> {
    serde_yaml::to_string(value).map_err(|error| syntax(&error))
}

fn syntax(error: &serde_yaml::Error) -> SyntaxError {
    let line = error.location().map_or(1, |location| location.line());
    let message = error.to_string();
    // Here the library repeats the value, which may be a secret.
    let message = match message.split_once("invalid ") {
        Some((key, _)) => format!("{key}a value of another kind than expected"),
        None => message,
    };
    SyntaxError { line, message }
}

fn tree(value: Value) -> Result<Tree, SyntaxError> {
    Ok(match value {
        Value::Null => Tree::Nothing,
        Value::Bool(it) => Tree::Bool(it),
        Value::Number(it) => Tree::Number(it.to_string()),
        Value::String(it) => Tree::Text(it),
        Value::Sequence(items) => Tree::List(items.into_iter().map(tree).collect::<Result<_, _>>()?),
        Value::Mapping(entries) => Tree::Map(
            entries
                .into_iter()
                .map(|(key, value)| match key {
                    Value::String(key) => Ok((key, tree(value)?)),
                    _ => Err(SyntaxError { line: 1, message: "a key is not a text".to_owned() }),
                })
                .collect::<Result<_, _>>()?,
        ),
        Value::Tagged(_) => {
            return Err(SyntaxError { line: 1, message: "tags (`!…`) are not understood".to_owned() });
        }
    })
}
