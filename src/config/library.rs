//! What agents can choose from by `!link` and `!block`: elements of the Text Assistant, and building blocks.

use super::{agents::desks, section::Section, values, yaml::Tree};
use crate::model::{BlockElement, LinkElement};
use crate::text;

pub fn links(root: &Section<'_, '_>) -> Option<Vec<LinkElement>> {
    let items = root.list("text_assistant")?;
    let read: Vec<Option<LinkElement>> = items.iter().map(|(path, item)| link(root, path, item)).collect();
    read.into_iter().collect()
}

pub fn blocks(root: &Section<'_, '_>) -> Option<Vec<BlockElement>> {
    let items = root.list("blocks")?;
    let read: Vec<Option<BlockElement>> = items.iter().map(|(path, item)| block(root, path, item)).collect();
    read.into_iter().collect()
}

fn link(root: &Section<'_, '_>, path: &str, item: &Tree) -> Option<LinkElement> {
    let section = Section::of(root.reader, path, item);
    let title = section.required("title", values::word);
    let url = section.required("url", values::link);
    let template = section.optional("template", values::template);
    let language = section.optional("language", values::word);
    section.refuse_unknown();
    Some(LinkElement {
        title: title?,
        url: url?,
        template: template?.map(|words| markdown(&words)),
        language: language?,
    })
}

fn block(root: &Section<'_, '_>, path: &str, item: &Tree) -> Option<BlockElement> {
    let section = Section::of(root.reader, path, item);
    let name = section.required("name", values::word);
    let body = section.required("body", values::body);
    let desks = desks(&section, "queues");
    let language = section.optional("language", values::word);
    section.refuse_unknown();
    Some(BlockElement { name: name?, body: markdown(&body?), desks: desks?, language: language? })
}

/// As agents write it, links in brackets included.
fn markdown(words: &str) -> crate::model::RichText {
    let text = text::from_markdown(words);
    text::bracket_links(&text).unwrap_or(text)
}
