//! Plain text read into the tree, and plain mails with their `>` quoting.

use super::chars::{cleaned, is_visible};
use super::html::NESTED_MAX;
use super::quoted::{Mark, Origin, strip_quoted};
use super::{READ_BYTES_MAX, linkify};
use crate::model::{Block, Inline, RichText};

/// The start of a text, cut where a character ends.
pub fn start_of(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

/// Reads plain text: line breaks stay, an empty line ends a paragraph, bare addresses become links.
pub fn from_plain(text: &str) -> RichText {
    let text = cleaned(start_of(text, READ_BYTES_MAX));
    let lines: Vec<&str> = text.split('\n').collect();
    let mut blocks = Vec::new();
    paragraphs(&lines, &mut blocks);
    linkify(RichText { blocks })
}

/// Reads a plain mail or helpdesk reply without the quoted past and the signature.
pub fn from_reply_plain(text: &str, origin: Origin) -> RichText {
    let mark = Mark::of(origin, text);
    let text = cleaned(start_of(text, READ_BYTES_MAX));
    let lines: Vec<&str> = text.split('\n').collect();
    linkify(strip_quoted(RichText { blocks: mail_blocks(&lines, NESTED_MAX) }, mark))
}

fn mail_blocks(lines: &[&str], depth_left: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    for run in lines.chunk_by(|a, b| a.starts_with('>') == b.starts_with('>')) {
        let is_quote = run.first().is_some_and(|line| line.starts_with('>'));
        if !is_quote || depth_left == 0 {
            paragraphs(run, &mut blocks);
            continue;
        }
        let inner: Vec<&str> = run.iter().map(|line| unquoted(line)).collect();
        let inner = mail_blocks(&inner, depth_left - 1);
        if !inner.is_empty() {
            blocks.push(Block::Quote(inner));
        }
    }
    blocks
}

fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}

fn paragraphs(lines: &[&str], blocks: &mut Vec<Block>) {
    for run in lines.split(|line| !is_visible(line)).filter(|run| !run.is_empty()) {
        let mut inlines = Vec::with_capacity(run.len() * 2);
        for (i, line) in run.iter().enumerate() {
            if i > 0 {
                inlines.push(Inline::Break);
            }
            inlines.push(Inline::Text(line.trim_end().to_owned()));
        }
        blocks.push(Block::Paragraph(inlines));
    }
}
