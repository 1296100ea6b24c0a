//! Runs html5ever's tokenizer over a document in bounded time.
//!
//! It compares every attribute with all before it in the same tag, so a tag of 100,000 attributes would take minutes.
//! The document is fed in pieces; where pieces full of attributes bring no token, the cost is counted.

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

use super::reader::Reader;
use crate::text::plain::start_of;

const PIECE_BYTES: usize = 1024;
/// Comparisons of attributes in the whole document: a fraction of a second.
const COST_MAX: usize = 30_000_000;

pub fn tokenize(mut html: &str, mut reader: Reader) -> Reader {
    let mut cost = 0;
    loop {
        let (read, rest) = feed(html, reader, &mut cost);
        reader = read;
        // What was too costly was inside of a tag: go on behind it.
        match rest.find('>').and_then(|end| rest.get(end + 1..)) {
            Some(behind) if !behind.is_empty() => html = behind,
            _ => return reader,
        }
    }
}

/// Feeds the document until its end or until it costs too much; gives back what was not read.
fn feed<'a>(html: &'a str, reader: Reader, cost: &mut usize) -> (Reader, &'a str) {
    let input = BufferQueue::default();
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let mut rest = html;
    let mut attributes = 0;
    while !rest.is_empty() {
        let piece = start_of(rest, PIECE_BYTES);
        rest = rest.get(piece.len()..).unwrap_or_default();
        let tokens_before = tokenizer.sink.tokens();
        input.push_back(StrTendril::from(piece));
        // It stops only for scripts to run, which the reader never asks for; the bound is against a change of that.
        (0..piece.len()).any(|_| matches!(tokenizer.feed(&input), TokenizerResult::Done));
        if tokenizer.sink.tokens() > tokens_before {
            attributes = 0;
        } else {
            let new = piece.bytes().filter(|b| b.is_ascii_whitespace() || *b == b'/').count();
            attributes += new;
            *cost += attributes * new;
            if new > 0 && *cost > COST_MAX {
                return (tokenizer.sink, rest);
            }
        }
    }
    tokenizer.end();
    (tokenizer.sink, rest)
}
