//! Templates: what the tickets of intake codes are like.

use std::collections::BTreeSet;

use super::{
    problem::{Wrong, wrong},
    section::Section,
    values,
    yaml::Tree,
};
use crate::{
    bridge::{BLOCK_VARIABLES, SUBJECT_VARIABLES},
    text,
};

/// As configured: the helpdesk tells which desk its queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub name: String,
    /// Name or id; `None`: the default queue.
    pub queue: Option<String>,
    pub subject: Option<String>,
    pub priority: Option<String>,
    pub block: Option<String>,
    pub video: bool,
}

pub fn templates(root: &Section<'_, '_>) -> Option<Vec<Template>> {
    let items = root.list("templates")?;
    let read: Vec<Option<Template>> = items.iter().map(|(path, item)| template(root, path, item)).collect();
    let mut names = BTreeSet::new();
    for ((path, _), template) in items.iter().zip(&read) {
        if let Some(template) = template
            && !names.insert(template.name.clone())
        {
            let mend = "give each template a name of its own: codes are bound to it";
            root.reader.refuse(&format!("{path}.name"), "is the name of another template", mend);
        }
    }
    read.into_iter().collect()
}

fn template(root: &Section<'_, '_>, path: &str, item: &Tree) -> Option<Template> {
    let section = Section::of(root.reader, path, item);
    let name = section.required("name", values::word);
    let queue = section.optional("queue", values::word);
    let subject = section.optional("subject", subject);
    let priority = section.optional("priority", priority);
    let block = section.optional("block", block);
    let video = section.switch("video", true);
    section.refuse_unknown();
    Some(Template { name: name?, queue: queue?, subject: subject?, priority: priority?, block: block?, video: video? })
}

fn subject(text: &str) -> Result<String, Wrong> {
    if text.contains(['\n', '\r']) {
        return wrong("has several lines", "write it in one line");
    }
    with_known(text, &SUBJECT_VARIABLES)
}

fn block(text: &str) -> Result<String, Wrong> {
    with_known(text, &BLOCK_VARIABLES)
}

/// A variable that nobody fills in would be read by customers.
fn with_known(text: &str, known: &[&str]) -> Result<String, Wrong> {
    let (_, unknown) = text::fill(text::from_markdown(text), &|name| known.contains(&name).then(Vec::new));
    if unknown.is_empty() {
        return Ok(text.to_owned());
    }
    let known = known.iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>().join(", ");
    wrong("has a variable that there is not", format!("these can be used: {known}"))
}

fn priority(text: &str) -> Result<String, Wrong> {
    let is_word = ["Low", "Medium", "High"].contains(&text);
    if is_word || text.parse::<u64>().is_ok_and(|number| number <= 100) {
        return Ok(text.to_owned());
    }
    wrong("is no priority", "write Low, Medium, High, or a number from 0 to 100 in quotes")
}
