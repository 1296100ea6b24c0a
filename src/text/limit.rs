//! Texts cut to a size: for Matrix events, which hold 65,536 bytes in all, and for the first lines on a card.

use super::chars::is_joined;
use super::{Flavour, to_html, to_plain};
use crate::model::{Block, Inline, RichText};

/// How far back a cut may move to fall between two words.
const WORD_CHARS_MAX: usize = 24;
/// A card shows the first lines, not half of the message.
const EXCERPT_LINES_MAX: usize = 6;

/// The text so that its HTML and its plain form together need at most `bytes_max` bytes in an event; true if it was cut.
pub fn limit(text: RichText, bytes_max: usize) -> (RichText, bool) {
    if event_bytes(&text) <= bytes_max {
        return (text, false);
    }
    let (mut fits, mut too_many) = (0, chars_in(&text.blocks));
    while fits + 1 < too_many {
        let middle = fits.midpoint(too_many);
        if event_bytes(&cut(&text, middle, usize::MAX)) <= bytes_max {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    (cut(&text, fits, usize::MAX), true)
}

/// The first lines, for a card.
pub fn excerpt(text: &RichText, chars_max: usize) -> RichText {
    cut(text, chars_max, EXCERPT_LINES_MAX)
}

/// Where to cut so that at most `chars_max` characters stay: between words, and never inside of what looks like one.
pub fn cut_at(text: &str, chars_max: usize) -> usize {
    let Some((mut at, _)) = text.char_indices().nth(chars_max) else { return text.len() };
    let back = text.get(..at).unwrap_or_default().chars().rev().take(WORD_CHARS_MAX);
    let is_between = text.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let in_word: usize = back.clone().take_while(|c| !c.is_whitespace()).map(char::len_utf8).sum();
    if !is_between && back.clone().any(char::is_whitespace) {
        at -= in_word;
    }
    while at > 0 && starts_joined(text, at) {
        at = text.floor_char_boundary(at - 1);
    }
    at
}

fn starts_joined(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(is_joined))
        || text.get(..at).is_some_and(|start| start.ends_with('\u{200d}'))
}

/// What both forms need as strings in JSON.
pub(super) fn event_bytes(text: &RichText) -> usize {
    json_bytes(&to_html(text, Flavour::Matrix)) + json_bytes(&to_plain(text))
}

fn json_bytes(text: &str) -> usize {
    text.len() + text.bytes().filter(|b| matches!(b, b'"' | b'\\' | b'\n' | b'\t')).count()
}

pub(super) fn chars_in(blocks: &[Block]) -> usize {
    to_plain(&RichText { blocks: blocks.to_vec() }).chars().count() + 1
}

fn cut(text: &RichText, chars: usize, lines: usize) -> RichText {
    let mut left = Left { chars, lines, is_cut: false };
    let mut blocks = left.blocks(&text.blocks);
    if left.is_cut && !left.is_marked(&blocks) {
        blocks.push(Block::Paragraph(vec![Inline::Text("…".to_owned())]));
    }
    RichText { blocks }
}

/// What may still be taken.
struct Left {
    chars: usize,
    lines: usize,
    is_cut: bool,
}

impl Left {
    fn blocks(&mut self, blocks: &[Block]) -> Vec<Block> {
        let mut out = Vec::new();
        for block in blocks {
            if self.is_cut || self.chars == 0 || self.lines == 0 {
                self.is_cut = true;
                break;
            }
            out.extend(self.block(block));
        }
        out
    }

    fn block(&mut self, block: &Block) -> Option<Block> {
        let block = match block {
            Block::Paragraph(content) => Block::Paragraph(self.line(content)?),
            Block::Heading(level, content) => Block::Heading(*level, self.line(content)?),
            Block::Quote(blocks) => Block::Quote(Some(self.blocks(blocks)).filter(|blocks| !blocks.is_empty())?),
            Block::List { start, items } => {
                let mut kept = Vec::new();
                for item in items {
                    if self.is_cut || self.chars == 0 || self.lines == 0 {
                        self.is_cut = true;
                        break;
                    }
                    kept.push(self.blocks(item));
                }
                kept.retain(|item| !item.is_empty());
                Block::List { start: *start, items: Some(kept).filter(|items| !items.is_empty())? }
            }
            Block::Code { language, text } => {
                let text = self.code(text);
                Block::Code { language: language.clone(), text: Some(text).filter(|text| !text.is_empty())? }
            }
            Block::Table { header, rows } => {
                let mut kept = Vec::new();
                for row in rows {
                    if self.is_cut || self.chars == 0 || self.lines == 0 {
                        self.is_cut = true;
                        break;
                    }
                    kept.push(row.iter().map(|cell| self.inlines(cell)).collect());
                    self.lines = self.lines.saturating_sub(1);
                }
                Block::Table { header: *header, rows: Some(kept).filter(|rows| !rows.is_empty())? }
            }
            Block::Rule => Block::Rule,
        };
        Some(block)
    }

    fn line(&mut self, content: &[Inline]) -> Option<Vec<Inline>> {
        let mut content = self.inlines(content);
        content.truncate(content.iter().rposition(|inline| *inline != Inline::Break).map_or(0, |last| last + 1));
        self.lines = self.lines.saturating_sub(1);
        Some(content).filter(|content| !content.is_empty())
    }

    fn code(&mut self, text: &str) -> String {
        let lines = text.split('\n').take(self.lines).map(str::len).fold(0, |sum, bytes| sum + bytes + 1);
        let start = text.get(..lines.saturating_sub(1)).unwrap_or(text);
        let kept = self.words(start);
        self.is_cut |= start.len() < text.len();
        self.lines = self.lines.saturating_sub(kept.split('\n').count());
        kept
    }

    fn inlines(&mut self, inlines: &[Inline]) -> Vec<Inline> {
        let mut out = Vec::new();
        for inline in inlines {
            if self.is_cut || self.chars == 0 || self.lines == 0 {
                self.is_cut = true;
                break;
            }
            let kept = match inline {
                Inline::Text(text) => Inline::Text(self.words(text)),
                Inline::Code(text) => Inline::Code(self.words(text)),
                Inline::Bold(content) => Inline::Bold(self.inlines(content)),
                Inline::Italic(content) => Inline::Italic(self.inlines(content)),
                Inline::Strike(content) => Inline::Strike(self.inlines(content)),
                Inline::Underline(content) => Inline::Underline(self.inlines(content)),
                Inline::Spoiler(content) => Inline::Spoiler(self.inlines(content)),
                Inline::Link { url, content } => Inline::Link { url: url.clone(), content: self.inlines(content) },
                Inline::Break => {
                    self.lines = self.lines.saturating_sub(1);
                    self.chars = self.chars.saturating_sub(1);
                    Inline::Break
                }
            };
            out.push(kept);
        }
        out
    }

    fn words(&mut self, text: &str) -> String {
        let count = text.chars().take(self.chars.saturating_add(1)).count();
        if count <= self.chars {
            self.chars -= count;
            return text.to_owned();
        }
        self.is_cut = true;
        let start = text.get(..cut_at(text, self.chars)).unwrap_or_default().trim_end();
        self.chars = 0;
        format!("{start}…")
    }

    /// Whether the cut shows already, because it fell into a text.
    fn is_marked(&self, blocks: &[Block]) -> bool {
        to_plain(&RichText { blocks: blocks.last().cloned().into_iter().collect() })
            .trim_end_matches(['`', '~', '\n', ')'])
            .ends_with('…')
    }
}
