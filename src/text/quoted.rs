//! Takes the quoted past and the signature off a mail or helpdesk reply; never the words of its author.

use super::chars::is_visible;
use super::quoted_signs::{
    has_marked_signature, is_attribution, is_forward, is_header, is_original_message, is_phone_signature, is_separator,
    is_signature_mark,
};
use super::to_plain::{inlines_to_plain, to_plain};
use crate::model::{Block, Inline, RichText};

/// A longer end is no signature, whatever stands over it.
const SIGNATURE_LINES_MAX: usize = 12;
const SIGNATURE_CHARS_MAX: usize = 900;
/// How many lines "On …, Anna <…> wrote:" may take.
const ATTRIBUTION_LINES_MAX: usize = 3;

/// Where a reply was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Mail,
    /// In the helpdesk's own pages: they put a blank behind the dashes over a signature. Dashes alone are the author's.
    Page,
}

/// The line over the signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    First,
    Last,
    None,
}

impl Mark {
    /// By the text as it came: in the tree, no line ends with a blank.
    pub fn of(origin: Origin, text: &str) -> Self {
        match origin {
            Origin::Mail => Self::First,
            Origin::Page if has_marked_signature(text) => Self::Last,
            Origin::Page => Self::None,
        }
    }
}

/// The text without the past below (or above) it and without the signature.
///
/// Answers between quotes and quotes in the middle stay; if nothing of its own would be left, all stays.
pub fn strip_quoted(text: RichText, mark: Mark) -> RichText {
    let mut blocks = text.blocks.clone();
    if !lines(&blocks).iter().any(|line| is_forward(&line.text)) {
        cut_past(&mut blocks, mark);
    }
    cut_signature(&mut blocks, mark);
    cut_separators(&mut blocks);
    let own = RichText { blocks };
    if has_own_words(&own) { own } else { text }
}

/// Whether anything is said outside of quotes.
pub fn has_own_words(text: &RichText) -> bool {
    has_words(&text.blocks)
}

fn has_words(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Quote(_) | Block::Rule => false,
        other => is_visible(&to_plain(&RichText { blocks: vec![other.clone()] })),
    })
}

/// A line of a paragraph at the top level, and where it stands.
struct Line {
    block: usize,
    /// Where it begins among the inlines of its paragraph.
    start: usize,
    text: String,
}

fn lines(blocks: &[Block]) -> Vec<Line> {
    let mut out = Vec::new();
    for (block, content) in blocks.iter().enumerate() {
        if let Block::Paragraph(content) = content {
            let mut start = 0;
            for line in content.split(|inline| *inline == Inline::Break) {
                out.push(Line { block, start, text: inlines_to_plain(line) });
                start += line.len() + 1;
            }
        }
    }
    out
}

/// Cuts everything from a place inside a paragraph on.
fn cut_from(blocks: &mut Vec<Block>, block: usize, start: usize) {
    match blocks.get_mut(block) {
        Some(Block::Paragraph(content)) if start > 0 => {
            // The break before the line goes with it.
            content.truncate(start - 1);
            blocks.truncate(block + 1);
        }
        _ => blocks.truncate(block),
    }
}

fn cut_past(blocks: &mut Vec<Block>, mark: Mark) {
    let all = lines(blocks);
    let is_past = |(i, line): (usize, &Line)| {
        is_original_message(&line.text) || is_header(all.iter().skip(i).map(|line| line.text.as_str()))
    };
    if let Some(at) = all.iter().enumerate().position(is_past)
        && let Some(line) = all.get(at)
    {
        let mut own = blocks.clone();
        cut_from(&mut own, line.block, line.start);
        if has_words(&own) {
            *blocks = own;
        }
    }
    let is_quote = |block: &Block| matches!(block, Block::Quote(_));
    let Some(last) = blocks.iter().rposition(is_quote) else { return };
    let mut below = blocks.get(last + 1..).unwrap_or_default().to_vec();
    cut_signature(&mut below, mark);
    if !has_words(&below) {
        if let Some((block, start)) = start_of_past(blocks, last) {
            cut_from(blocks, block, start);
        }
    } else if blocks.iter().position(is_quote) == Some(last) && attribution(blocks, last).is_some_and(|at| at == (0, 0))
    {
        // The answer stands below the past.
        blocks.drain(..=last);
    }
}

/// Where the past begins that goes down to the last quote: over it, only further quotes and who wrote them.
fn start_of_past(blocks: &[Block], last: usize) -> Option<(usize, usize)> {
    let mut found = None;
    let mut next = Some(last);
    while let Some(at) = next {
        next = at.checked_sub(1);
        match blocks.get(at) {
            Some(Block::Quote(_)) => {
                if let Some((block, start)) = attribution(blocks, at) {
                    found = Some((block, start));
                    next = if start == 0 { block.checked_sub(1) } else { None };
                }
            }
            Some(Block::Rule) => {}
            _ => break,
        }
    }
    found
}

/// Where the line that says whose quote this is begins: at the end of the paragraph before, or in the quote itself.
fn attribution(blocks: &[Block], quote: usize) -> Option<(usize, usize)> {
    let Block::Quote(content) = blocks.get(quote)? else { return None };
    let inside = lines(content.get(..1).unwrap_or_default());
    let first = texts(inside.get(..ATTRIBUTION_LINES_MAX.min(inside.len())).unwrap_or_default());
    if (1..=first.len()).any(|count| is_attribution(&joined(first.get(..count).unwrap_or_default()))) {
        return Some((quote, 0));
    }
    let before = quote.checked_sub(1)?;
    let lines = lines(blocks.get(before..quote)?);
    let last = |count: usize| lines.get(lines.len().checked_sub(count)?..);
    let is_whole = |count: &usize| last(*count).is_some_and(|lines| is_attribution(&joined(&texts(lines))));
    // "<anna@example.org> wrote:" is the wrapped end of one that begins with the date.
    let has_date = |count: &usize| {
        let first = last(*count).and_then(|lines| lines.first());
        first.is_some_and(|line| !line.text.starts_with('<') && line.text.contains(|c: char| c.is_ascii_digit()))
    };
    let counts = || (1..=ATTRIBUTION_LINES_MAX.min(lines.len())).filter(is_whole);
    let count = counts().find(has_date).or_else(|| counts().next())?;
    last(count)?.first().map(|line| (before, line.start))
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn joined(lines: &[&str]) -> String {
    lines.join(" ")
}

fn cut_signature(blocks: &mut Vec<Block>, mark: Mark) {
    let all = lines(blocks);
    let mut marks = all.iter().filter(|line| is_signature_mark(&line.text));
    let marked = match mark {
        Mark::First => marks.next(),
        Mark::Last => marks.next_back(),
        Mark::None => None,
    };
    if let Some(line) = marked {
        let rest = to_plain(&RichText { blocks: blocks.get(line.block..).unwrap_or_default().to_vec() });
        let is_short = rest.lines().filter(|line| !line.trim().is_empty()).count() <= SIGNATURE_LINES_MAX
            && rest.chars().count() <= SIGNATURE_CHARS_MAX;
        if is_short {
            cut_from(blocks, line.block, line.start);
        }
    }
    cut_separators(blocks);
    if let Some((start, text)) = last_line(blocks)
        && is_phone_signature(&text)
    {
        cut_from(blocks, blocks.len() - 1, start);
    }
}

/// The last line, if a paragraph is the end, and where it begins in there.
fn last_line(blocks: &[Block]) -> Option<(usize, String)> {
    let Some(Block::Paragraph(content)) = blocks.last() else { return None };
    let start = content.iter().rposition(|inline| *inline == Inline::Break).map_or(0, |at| at + 1);
    Some((start, inlines_to_plain(content.get(start..)?)))
}

/// Lines that separated what is gone now.
fn cut_separators(blocks: &mut Vec<Block>) {
    loop {
        if matches!(blocks.last(), Some(Block::Rule)) {
            blocks.pop();
        } else if let Some((start, text)) = last_line(blocks)
            && is_separator(&text)
        {
            cut_from(blocks, blocks.len() - 1, start);
        } else {
            return;
        }
    }
}
