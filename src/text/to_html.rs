//! The tree written as HTML: the only place that writes tags, and it writes these and no others.

use std::fmt::Write;

use crate::model::{Block, Inline, RichText};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `formatted_body` of a Matrix event.
    Matrix,
    /// A helpdesk's page; Request Tracker strips `code` and unknown attributes, and keeps `font face`.
    Helpdesk,
}

/// Writes the text as HTML. A single paragraph stands alone, as chat clients write it.
pub fn to_html(text: &RichText, flavour: Flavour) -> String {
    let mut writer = Writer { out: String::with_capacity(256), flavour };
    match text.blocks.as_slice() {
        [Block::Paragraph(content)] => writer.inlines(content),
        blocks => writer.blocks(blocks, true),
    }
    writer.out
}

struct Writer {
    out: String,
    flavour: Flavour,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block], wraps_paragraphs: bool) {
        for block in blocks {
            match block {
                Block::Paragraph(content) if wraps_paragraphs => self.within("p", |w| w.inlines(content)),
                Block::Paragraph(content) => self.inlines(content),
                Block::Heading(level, content) => {
                    let name = ["h1", "h2", "h3", "h4", "h5", "h6"].get(usize::from(*level).wrapping_sub(1));
                    self.within(name.unwrap_or(&"h6"), |w| w.inlines(content));
                }
                Block::List { start, items } => self.list(*start, items),
                Block::Quote(blocks) => self.within("blockquote", |w| w.blocks(blocks, true)),
                Block::Code { language, text } => self.code(language.as_deref(), text),
                Block::Table { header, rows } => self.table(*header, rows),
                Block::Rule => self.out.push_str("<hr>"),
            }
        }
    }

    fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        content(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>]) {
        if self.flavour == Flavour::Helpdesk
            && let Some(first) = start.filter(|first| *first != 1)
        {
            return self.numbered(first, items);
        }
        let end = match start {
            None => {
                self.out.push_str("<ul>");
                "</ul>"
            }
            Some(1) => {
                self.out.push_str("<ol>");
                "</ol>"
            }
            Some(first) => {
                // Writing into a String can't fail.
                let _ = write!(self.out, "<ol start=\"{first}\">");
                "</ol>"
            }
        };
        for item in items {
            let needs_paragraphs =
                item.windows(2).any(|pair| matches!(pair, [Block::Paragraph(_), Block::Paragraph(_)]));
            self.within("li", |w| w.blocks(item, needs_paragraphs));
        }
        self.out.push_str(end);
    }

    /// For pages that take the number away with which a list begins: each stands in front of its item.
    fn numbered(&mut self, first: u32, items: &[Vec<Block>]) {
        for (number, item) in (u64::from(first)..).zip(items) {
            let (content, rest) = match item.split_first() {
                Some((Block::Paragraph(content), rest)) => (content.as_slice(), rest),
                _ => (&[][..], item.as_slice()),
            };
            self.within("p", |w| {
                // Writing into a String can't fail.
                let _ = write!(w.out, "{number}. ");
                w.inlines(content);
            });
            self.blocks(rest, true);
        }
    }

    fn code(&mut self, language: Option<&str>, text: &str) {
        match (self.flavour, language) {
            (Flavour::Helpdesk, _) => self.out.push_str("<pre>"),
            (Flavour::Matrix, None) => self.out.push_str("<pre><code>"),
            (Flavour::Matrix, Some(language)) => {
                self.out.push_str("<pre><code class=\"language-");
                self.text(language);
                self.out.push_str("\">");
            }
        }
        self.text(text);
        self.out.push_str(if self.flavour == Flavour::Matrix { "</code></pre>" } else { "</pre>" });
    }

    fn table(&mut self, header: bool, rows: &[Vec<Vec<Inline>>]) {
        let body = match (header, rows.split_first()) {
            (true, Some((first, rest))) => {
                self.out.push_str("<table><thead>");
                self.row("th", first);
                self.out.push_str("</thead>");
                rest
            }
            _ => {
                self.out.push_str("<table>");
                rows
            }
        };
        if !body.is_empty() {
            self.within("tbody", |w| body.iter().for_each(|row| w.row("td", row)));
        }
        self.out.push_str("</table>");
    }

    fn row(&mut self, name: &str, cells: &[Vec<Inline>]) {
        self.within("tr", |w| cells.iter().for_each(|cell| w.within(name, |w| w.inlines(cell))));
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        let is_matrix = self.flavour == Flavour::Matrix;
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.text(text),
                Inline::Bold(content) => self.within("strong", |w| w.inlines(content)),
                Inline::Italic(content) => self.within("em", |w| w.inlines(content)),
                Inline::Strike(content) => self.within("del", |w| w.inlines(content)),
                Inline::Underline(content) => self.within("u", |w| w.inlines(content)),
                Inline::Code(text) => {
                    self.out.push_str(if is_matrix { "<code>" } else { "<font face=\"monospace\">" });
                    self.text(text);
                    self.out.push_str(if is_matrix { "</code>" } else { "</font>" });
                }
                Inline::Link { url, content } => match super::url::linkable(url) {
                    Some(url) => {
                        self.out.push_str("<a href=\"");
                        self.text(&url);
                        self.out.push_str("\">");
                        self.inlines(content);
                        self.out.push_str("</a>");
                    }
                    // A tree that did not come from our readers.
                    None => self.inlines(content),
                },
                Inline::Spoiler(content) if is_matrix => {
                    self.out.push_str("<span data-mx-spoiler>");
                    self.inlines(content);
                    self.out.push_str("</span>");
                }
                // Request Tracker has no spoilers and keeps colours: black on black is read by marking it.
                Inline::Spoiler(content) => {
                    self.out.push_str("<span style=\"background-color: #000; color: #000\">");
                    self.inlines(content);
                    self.out.push_str("</span>");
                }
                Inline::Break => self.out.push_str("<br>"),
            }
        }
    }

    fn text(&mut self, text: &str) {
        // The strictest of its escapes serves text and attributes alike.
        html_escape::encode_double_quoted_attribute_to_string(text, &mut self.out);
    }
}
