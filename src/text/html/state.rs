//! Where the reading of a document stands: which elements are open, what is left out, and what their ends undo.

use html5ever::LocalName;
use html5ever::tokenizer::Tag;

use super::builder::Builder;
use super::hints;
use super::pictures::{self, Pictures};
use super::reader::Rules;
use super::tags::Kind;
use crate::model::RichText;

/// How deep elements may stand in each other; of those beyond only the text counts.
const DEPTH_MAX: usize = 100;
/// So much of a text tells whether it may have a power.
const POWER_CHARS: usize = 3;

/// An element that is open, and what its end has to undo.
pub struct Element {
    pub name: LocalName,
    pub kind: Kind,
    pub end: End,
}

pub enum End {
    Nothing,
    Line,
    Paragraph,
    Heading,
    Frame,
    Styles(Vec<u32>),
    Code,
    /// Line breaks counted inside.
    Breaks,
}

/// An element whose content is left out: how many of its name are open.
struct Skip {
    name: LocalName,
    open: usize,
    /// Its content was no HTML: without an end it goes on to the end of the document, as in every browser.
    is_raw: bool,
}

/// A `pre` under construction.
#[derive(Default)]
pub struct Code {
    pub language: Option<String>,
    pub text: String,
}

pub struct State {
    pub rules: Rules,
    pictures: Pictures,
    may_skip: bool,
    pub builder: Builder,
    pub elements: Vec<Element>,
    /// How many elements beyond the depth limit are open.
    too_deep: usize,
    /// How many elements are open in which line breaks count.
    pub keeps_breaks: usize,
    skip: Option<Skip>,
    pub code: Option<Code>,
    /// What follows is raised.
    raised: bool,
    /// The end of the text before, backwards, where that is on the same line.
    line: String,
}

impl State {
    pub fn new(rules: Rules, pictures: Pictures, may_skip: bool) -> Self {
        Self {
            rules,
            pictures,
            may_skip,
            builder: Builder::default(),
            elements: Vec::new(),
            too_deep: 0,
            keeps_breaks: 0,
            skip: None,
            code: None,
            raised: false,
            line: String::new(),
        }
    }

    pub fn finish(mut self) -> (RichText, bool) {
        let is_whole = self.skip.as_ref().is_none_or(|skip| skip.is_raw);
        self.close_to(0);
        (self.builder.finish(), is_whole)
    }

    pub fn text(&mut self, text: &str) {
        if self.skip.is_some() {
            return;
        }
        if std::mem::take(&mut self.raised) && is_number(text) && may_have_power(&self.line) {
            // 10 to the power of 6 is not 106.
            self.builder.text("^");
        }
        self.line.clear();
        self.line.extend(text.chars().rev().take(POWER_CHARS));
        match &mut self.code {
            Some(code) => code.text.push_str(text),
            None if self.keeps_breaks > 0 => self.builder.text_with_breaks(text),
            None => self.builder.text(text),
        }
    }

    pub fn start(&mut self, tag: &Tag, kind: Kind) {
        if let Some(skip) = &mut self.skip {
            let ends = &*skip.name == "head" && &*tag.name == "body";
            skip.open += usize::from(tag.name == skip.name);
            if ends {
                self.skip = None;
            }
            return;
        }
        if self.is_skipped(tag, kind) {
            if kind.is_block() && self.code.is_none() {
                self.builder.lines.new_line();
            }
            self.skip = Some(Skip { name: tag.name.clone(), open: 1, is_raw: matches!(kind, Kind::SkippedRaw(_)) });
            return;
        }
        self.raised = (self.raised || kind == Kind::Superscript) && self.code.is_none() && !kind.is_block();
        if kind.is_block() || matches!(kind, Kind::Break | Kind::Rule) {
            self.line.clear();
        }
        match kind {
            Kind::Break => self.line_break(),
            Kind::Image => self.image(tag),
            Kind::Void => {}
            Kind::Rule if self.code.is_none() => {
                self.end_open_paragraph();
                self.builder.rule();
            }
            Kind::Rule => self.line_break(),
            _ if self.elements.len() >= DEPTH_MAX => {
                self.too_deep += 1;
                if kind.is_block() {
                    self.edge();
                }
            }
            _ => self.open(tag, kind),
        }
    }

    fn is_skipped(&self, tag: &Tag, kind: Kind) -> bool {
        match kind {
            Kind::SkippedRaw(_) => true,
            Kind::Skipped => self.may_skip && !tag.self_closing,
            Kind::Void | Kind::Break | Kind::Rule | Kind::Image => false,
            _ if self.rules == Rules::Message || !self.may_skip => false,
            _ => hints::is_hidden(&tag.attrs) || (self.rules == Rules::Mail && hints::is_signature(&tag.attrs)),
        }
    }

    fn line_break(&mut self) {
        match &mut self.code {
            Some(code) => code.text.push('\n'),
            None => self.builder.lines.line_break(),
        }
    }

    /// Where a block begins or ends that we don't follow further.
    pub fn edge(&mut self) {
        match &mut self.code {
            Some(code) if !code.text.is_empty() && !code.text.ends_with('\n') => code.text.push('\n'),
            Some(_) => {}
            None => self.builder.lines.new_line(),
        }
    }

    fn image(&mut self, tag: &Tag) {
        if self.pictures == Pictures::Named {
            return self.text(&pictures::sign(hints::get(&tag.attrs, "src").unwrap_or_default()));
        }
        let words =
            ["alt", "title"].iter().find_map(|name| hints::get(&tag.attrs, name).filter(|text| !text.is_empty()));
        self.text(words.unwrap_or_default());
    }

    /// A paragraph whose end tag was left out ends where another block begins.
    pub fn end_open_paragraph(&mut self) {
        let within = self.elements.iter().rev().take_while(|element| !matches!(element.end, End::Frame));
        let above = within.take_while(|element| element.kind != Kind::Paragraph).count();
        if let Some(at) = self.elements.len().checked_sub(above + 1)
            && self.elements.get(at).is_some_and(|element| element.kind == Kind::Paragraph)
        {
            self.close_to(at);
        }
    }

    /// Closes the innermost element of a kind, if it stands within the one that bounds it.
    pub fn close_within(&mut self, bounds: impl Fn(Kind) -> bool, closes: impl Fn(Kind) -> bool) {
        let found = self.elements.iter().rposition(|element| closes(element.kind) || bounds(element.kind));
        if let Some(at) = found
            && self.elements.get(at).is_some_and(|element| closes(element.kind))
        {
            self.close_to(at);
        }
    }

    pub fn end(&mut self, name: &LocalName, kind: Kind) {
        self.raised = false;
        if kind.is_block() {
            self.line.clear();
        }
        if let Some(skip) = &mut self.skip {
            if skip.name == *name {
                skip.open -= 1;
                if skip.open == 0 {
                    self.skip = None;
                }
            }
            return;
        }
        if kind == Kind::Break {
            return self.line_break();
        }
        if self.too_deep > 0 && !matches!(kind, Kind::Void | Kind::Image | Kind::Rule) {
            self.too_deep -= 1;
            if kind.is_block() {
                self.edge();
            }
            return;
        }
        let is_it = |element: &Element| element.name == *name && element.kind == kind;
        let is_bound = |element: &Element| match kind {
            _ if !kind.is_block() => matches!(element.end, End::Frame | End::Code),
            Kind::Item => matches!(element.kind, Kind::Bullets | Kind::Numbers),
            _ if kind.is_in_table() => element.kind == Kind::Table,
            _ => matches!(element.kind, Kind::Cell | Kind::HeaderCell),
        };
        let found = self.elements.iter().rposition(|element| is_it(element) || is_bound(element));
        if let Some(at) = found.filter(|at| self.elements.get(*at).is_some_and(is_it)) {
            if kind.is_block() {
                self.close_to(at);
            } else {
                let element = self.elements.remove(at);
                self.undo(element);
            }
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.elements.len() > depth
            && let Some(element) = self.elements.pop()
        {
            self.undo(element);
        }
    }

    fn undo(&mut self, element: Element) {
        match element.end {
            End::Nothing if element.kind.is_block() => self.edge(),
            End::Nothing => {}
            End::Line => self.builder.lines.new_line(),
            End::Paragraph => self.builder.end_paragraph(),
            End::Heading => self.builder.end_heading(),
            End::Frame => self.builder.close(),
            End::Styles(ids) => ids.into_iter().for_each(|id| self.builder.lines.end(id)),
            End::Breaks => {
                self.keeps_breaks -= 1;
                if element.kind == Kind::Preformatted {
                    self.builder.end_paragraph();
                }
            }
            End::Code => {
                let code = self.code.take().unwrap_or_default();
                self.builder.code(code.language, &code.text);
            }
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '−', '+']).unwrap_or(text);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// A number or a unit (`backwards`: from its end); behind a word it is a note's.
fn may_have_power(backwards: &str) -> bool {
    let letters = backwards.chars().take_while(|c| c.is_alphabetic()).count();
    match backwards.chars().next() {
        Some(last) if last.is_alphabetic() => letters < POWER_CHARS,
        Some(last) => last.is_ascii_digit() || last == ')',
        None => false,
    }
}
