//! The tree written as readable plain text: the fallback of a formatted message, and what search and logs of others see.

use crate::model::{Block, Inline, RichText};

pub fn to_plain(text: &RichText) -> String {
    let mut writer = Writer { out: String::with_capacity(128), prefix: String::new() };
    writer.blocks(&text.blocks, false);
    writer.out
}

struct Writer {
    out: String,
    /// What every further line begins with: quote marks and the indentation of lists.
    prefix: String,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block], is_tight: bool) {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                self.new_line();
                if !(is_tight && matches!(block, Block::List { .. })) {
                    self.new_line();
                }
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => self.inlines(content),
            Block::List { start, items } => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.new_line();
                    }
                    let mark = match start {
                        Some(start) => format!("{}. ", u64::from(*start) + i as u64),
                        None => "• ".to_owned(),
                    };
                    self.out.push_str(&mark);
                    self.within(&" ".repeat(mark.chars().count()), |w| w.blocks(item, true));
                }
            }
            Block::Quote(blocks) => {
                self.out.push_str("> ");
                self.within("> ", |w| w.blocks(blocks, false));
            }
            Block::Code { language, text } => {
                self.out.push_str("```");
                self.out.push_str(language.as_deref().unwrap_or_default());
                self.new_line();
                self.lines(text);
                self.new_line();
                self.out.push_str("```");
            }
            Block::Table { rows, .. } => {
                for (i, row) in rows.iter().enumerate() {
                    if i > 0 {
                        self.new_line();
                    }
                    for (column, cell) in row.iter().enumerate() {
                        self.out.push_str(if column > 0 { " | " } else { "" });
                        // A row is a line.
                        let cell = inlines_to_plain(cell).replace('\n', " / ");
                        self.out.push_str(&cell);
                    }
                }
            }
            Block::Rule => self.out.push_str("---"),
        }
    }

    fn within(&mut self, prefix: &str, content: impl FnOnce(&mut Self)) {
        let before = self.prefix.len();
        self.prefix.push_str(prefix);
        content(self);
        self.prefix.truncate(before);
    }

    fn new_line(&mut self) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
        self.out.push_str(&self.prefix);
    }

    fn lines(&mut self, text: &str) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.new_line();
            }
            self.out.push_str(line);
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.lines(text),
                Inline::Bold(content) | Inline::Italic(content) | Inline::Underline(content) => self.inlines(content),
                // As it is typed: who reads it knows that it was hidden.
                Inline::Spoiler(content) => {
                    self.out.push_str("||");
                    self.inlines(content);
                    self.out.push_str("||");
                }
                // Struck text would say the contrary of what is meant.
                Inline::Strike(content) => {
                    self.out.push_str("~~");
                    self.inlines(content);
                    self.out.push_str("~~");
                }
                Inline::Code(text) => {
                    self.out.push('`');
                    self.lines(text);
                    self.out.push('`');
                }
                Inline::Link { url, content } => {
                    let from = self.out.len();
                    self.inlines(content);
                    if !is_same(self.out.get(from..).unwrap_or_default(), url) {
                        self.out.push_str(" (");
                        self.out.push_str(url.strip_prefix("mailto:").unwrap_or(url));
                        self.out.push(')');
                    }
                }
                Inline::Break => self.new_line(),
            }
        }
    }
}

/// Inlines as plain text, in one go.
pub fn inlines_to_plain(inlines: &[Inline]) -> String {
    let mut writer = Writer { out: String::new(), prefix: String::new() };
    writer.inlines(inlines);
    writer.out
}

/// Whether the words of a link say its address already.
fn is_same(words: &str, url: &str) -> bool {
    fn bare(text: &str) -> &str {
        let text = ["https://", "http://", "mailto:"].iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text);
        text.strip_suffix('/').unwrap_or(text)
    }
    bare(words.trim()) == bare(url)
}
