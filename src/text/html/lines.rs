//! The paragraph under construction: words, blanks and breaks come in as HTML has them, inlines come out.
//!
//! Blanks and breaks are held back until the next word, so that none is left at an end and none is doubled.

use crate::model::Inline;
use crate::text::chars::cleaned;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    Bold,
    Italic,
    Strike,
    Underline,
    Spoiler,
    Code,
    Link(String),
}

/// A style in force; the number tells two neighbours of the same kind apart.
#[derive(Clone)]
struct Wanted {
    id: u32,
    style: Style,
}

struct Open {
    wanted: Wanted,
    content: Vec<Inline>,
}

#[derive(Default, PartialEq, Eq)]
enum Line {
    #[default]
    Empty,
    /// Nothing but a hard blank, which mail programs put into a line that is to look empty.
    Strut,
    Words,
}

#[derive(Default)]
pub struct Lines {
    wanted: Vec<Wanted>,
    open: Vec<Open>,
    done: Vec<Inline>,
    line: Line,
    blank: bool,
    breaks: usize,
    has_words: bool,
    last_id: u32,
}

impl Lines {
    /// Puts a style in force; `None` where it is already, which also bounds how deep inlines can nest.
    pub fn start(&mut self, style: Style) -> Option<u32> {
        let same = |wanted: &Wanted| match (&wanted.style, &style) {
            // Mail programs underline their links; that is what links look like anyway.
            (Style::Link(_), Style::Link(_) | Style::Underline) => true,
            (one, other) => one == other,
        };
        if self.wanted.iter().any(same) {
            return None;
        }
        self.last_id += 1;
        self.wanted.push(Wanted { id: self.last_id, style });
        Some(self.last_id)
    }

    pub fn end(&mut self, id: u32) {
        self.wanted.retain(|wanted| wanted.id != id);
    }

    /// Whether the breaks that wait make an empty line, which is the end of a paragraph.
    pub fn ends_paragraph(&self) -> bool {
        self.breaks > 1 && self.has_words
    }

    pub fn is_empty(&self) -> bool {
        !self.has_words
    }

    pub fn line_break(&mut self) {
        self.breaks += 1;
        self.line = Line::Empty;
    }

    /// The edge of a `div`: what follows stands on a line of its own.
    pub fn new_line(&mut self) {
        if self.line != Line::Empty {
            self.line_break();
        }
    }

    pub fn text(&mut self, text: &str) {
        if self.line == Line::Empty && text.contains('\u{a0}') {
            self.line = Line::Strut;
        }
        let mut first = true;
        for word in text.split(is_blank) {
            if !first {
                self.blank = true;
            }
            first = false;
            if !word.is_empty() {
                self.word(&cleaned(word));
            }
        }
    }

    fn word(&mut self, word: &str) {
        // Nothing to join with at the start of a line; newsletters pad with joiners, which must not start a paragraph.
        let is_start = self.line != Line::Words;
        let word = if is_start { word.trim_start_matches(['\u{200c}', '\u{200d}']) } else { word };
        if word.is_empty() {
            return;
        }
        let code = self.wanted.iter().position(|wanted| wanted.style == Style::Code);
        let depth = code.map_or(self.wanted.len(), |code| code + 1);
        let mut common =
            (self.open.iter().zip(&self.wanted)).take_while(|(open, want)| open.wanted.id == want.id).count();
        if self.breaks > 0 && self.has_words && code.is_some_and(|code| code < common) {
            // Code holds no breaks: it ends before and starts again after.
            common -= 1;
        }
        self.close_to(common.min(depth));
        if self.has_words {
            if self.breaks > 0 {
                self.content().push(Inline::Break);
            } else if self.blank {
                self.push(" ");
            }
        }
        for wanted in self.wanted.get(self.open.len()..depth).unwrap_or_default().to_vec() {
            self.open.push(Open { wanted, content: Vec::new() });
        }
        self.push(word);
        (self.blank, self.breaks, self.has_words, self.line) = (false, 0, true, Line::Words);
    }

    fn content(&mut self) -> &mut Vec<Inline> {
        match self.open.last_mut() {
            Some(open) => &mut open.content,
            None => &mut self.done,
        }
    }

    fn push(&mut self, text: &str) {
        let content = self.content();
        match content.last_mut() {
            Some(Inline::Text(last)) => last.push_str(text),
            _ => content.push(Inline::Text(text.to_owned())),
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(Open { wanted, content }) = self.open.pop() else { return };
            let inline = match wanted.style {
                Style::Bold => Inline::Bold(content),
                Style::Italic => Inline::Italic(content),
                Style::Strike => Inline::Strike(content),
                Style::Underline => Inline::Underline(content),
                Style::Spoiler => Inline::Spoiler(content),
                Style::Link(url) => Inline::Link { url, content },
                Style::Code => Inline::Code(content.into_iter().filter_map(own_text).collect()),
            };
            self.content().push(inline);
        }
    }

    /// Ends the paragraph; the styles stay in force for the next one.
    pub fn take(&mut self) -> Vec<Inline> {
        self.close_to(0);
        (self.blank, self.breaks, self.has_words, self.line) = (false, 0, false, Line::Empty);
        std::mem::take(&mut self.done)
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}')
}

fn own_text(inline: Inline) -> Option<String> {
    match inline {
        Inline::Text(text) => Some(text),
        _ => None,
    }
}
