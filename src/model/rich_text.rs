//! Formatted text between the two sides: a small tree that both sides parse into and write from.
//!
//! Foreign HTML never passes through: it is read into this tree, and only our own emitters write it out again.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RichText {
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    Paragraph(Vec<Inline>),
    /// Level 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A list; `start` is the first number of an ordered one, `None` makes bullets.
    List {
        start: Option<u32>,
        items: Vec<ListItem>,
    },
    Quote(Vec<Block>),
    Code {
        language: Option<String>,
        text: String,
    },
    /// Rows of cells; the first row is the header where `header` is set.
    Table {
        header: bool,
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
}

/// What stands behind one bullet or number.
pub type ListItem = Vec<Block>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inline {
    Text(String),
    Bold(Vec<Inline>),
    Italic(Vec<Inline>),
    Strike(Vec<Inline>),
    Underline(Vec<Inline>),
    Code(String),
    /// `url` has one of the schemes we let through (http, https, mailto); anything else arrives as its text.
    Link {
        url: String,
        content: Vec<Inline>,
    },
    Spoiler(Vec<Inline>),
    Break,
}

impl RichText {
    /// One paragraph per blank-line-separated part, line breaks kept.
    pub fn plain(text: &str) -> Self {
        let blocks = text
            .replace("\r\n", "\n")
            .split("\n\n")
            .map(|part| part.trim_matches('\n'))
            .filter(|part| !part.trim().is_empty())
            .map(|part| {
                let mut inlines = Vec::new();
                for (i, line) in part.split('\n').enumerate() {
                    if i > 0 {
                        inlines.push(Inline::Break);
                    }
                    inlines.push(Inline::Text(line.to_owned()));
                }
                Block::Paragraph(inlines)
            })
            .collect();
        Self { blocks }
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Each run of words, the inner ones first; not code, and not what stands in links.
    pub fn each_words(&mut self, change: &mut dyn FnMut(&mut Vec<Inline>)) {
        in_blocks(&mut self.blocks, change);
    }
}

fn in_blocks(blocks: &mut [Block], change: &mut dyn FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => in_inlines(content, change),
            Block::List { items, .. } => items.iter_mut().for_each(|item| in_blocks(item, change)),
            Block::Quote(content) => in_blocks(content, change),
            Block::Table { rows, .. } => rows.iter_mut().flatten().for_each(|cell| in_inlines(cell, change)),
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn in_inlines(list: &mut Vec<Inline>, change: &mut dyn FnMut(&mut Vec<Inline>)) {
    for inline in list.iter_mut() {
        if let Inline::Bold(content)
        | Inline::Italic(content)
        | Inline::Strike(content)
        | Inline::Underline(content)
        | Inline::Spoiler(content) = inline
        {
            in_inlines(content, change);
        }
    }
    change(list);
}

impl From<&str> for RichText {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for RichText {
    fn from(text: String) -> Self {
        Self::plain(&text)
    }
}
