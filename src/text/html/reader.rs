//! Understands the tokens of a document one after the other and tells the builder.

use std::cell::RefCell;

use html5ever::LocalName;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::builder::{Builder, Cell, Frame, Table};
use super::hints;
use super::lines::Style;
use super::tags::{Kind, kind};
use crate::model::RichText;
use crate::text::url::{is_mention, linkable};

/// How deep elements may stand in each other; of those beyond only the text counts.
const DEPTH_MAX: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// A message as it is: from Matrix, or written by us.
    Message,
    /// A mail: layout tables, hidden text and the signature that its program marked count as nothing.
    Mail,
    MailWithSignature,
}

/// An element that is open, and what its end has to undo.
struct Element {
    name: LocalName,
    kind: Kind,
    end: End,
}

enum End {
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
struct Code {
    language: Option<String>,
    text: String,
}

struct State {
    rules: Rules,
    may_skip: bool,
    builder: Builder,
    elements: Vec<Element>,
    /// How many elements beyond the depth limit are open.
    too_deep: usize,
    keeps_breaks: usize,
    skip: Option<Skip>,
    code: Option<Code>,
    tokens: usize,
}

pub struct Reader(RefCell<State>);

impl Reader {
    /// `may_skip`: whether elements are left out whose end could be missing.
    pub fn new(rules: Rules, may_skip: bool) -> Self {
        Self(RefCell::new(State {
            rules,
            may_skip,
            builder: Builder::default(),
            elements: Vec::new(),
            too_deep: 0,
            keeps_breaks: 0,
            skip: None,
            code: None,
            tokens: 0,
        }))
    }

    /// How many tokens came so far.
    pub fn tokens(&self) -> usize {
        self.0.borrow().tokens
    }

    /// The text, and whether all that was left out had its end.
    pub fn finish(self) -> (RichText, bool) {
        let mut state = self.0.into_inner();
        let is_whole = state.skip.as_ref().is_none_or(|skip| skip.is_raw);
        state.close_to(0);
        (state.builder.finish(), is_whole)
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        // A parse error comes from inside a token.
        state.tokens += usize::from(!matches!(token, Token::ParseError(_)));
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => {
                let kind = kind(&tag.name);
                match tag.kind {
                    TagKind::StartTag => state.start(&tag, kind),
                    TagKind::EndTag => state.end(&tag.name, kind),
                }
                if let (TagKind::StartTag, Kind::SkippedRaw(raw) | Kind::RawText(raw)) = (tag.kind, kind) {
                    return TokenSinkResult::RawData(raw);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn text(&mut self, text: &str) {
        if self.skip.is_some() {
            return;
        }
        match &mut self.code {
            Some(code) => code.text.push_str(text),
            None if self.keeps_breaks > 0 => self.builder.text_with_breaks(text),
            None => self.builder.text(text),
        }
    }

    fn start(&mut self, tag: &Tag, kind: Kind) {
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
    fn edge(&mut self) {
        match &mut self.code {
            Some(code) if !code.text.is_empty() && !code.text.ends_with('\n') => code.text.push('\n'),
            Some(_) => {}
            None => self.builder.lines.new_line(),
        }
    }

    fn image(&mut self, tag: &Tag) {
        let words =
            ["alt", "title"].iter().find_map(|name| hints::get(&tag.attrs, name).filter(|text| !text.is_empty()));
        self.text(words.unwrap_or_default());
    }

    /// A paragraph whose end tag was left out ends where another block begins.
    fn end_open_paragraph(&mut self) {
        let within = self.elements.iter().rev().take_while(|element| !matches!(element.end, End::Frame));
        let above = within.take_while(|element| element.kind != Kind::Paragraph).count();
        if let Some(at) = self.elements.len().checked_sub(above + 1)
            && self.elements.get(at).is_some_and(|element| element.kind == Kind::Paragraph)
        {
            self.close_to(at);
        }
    }

    fn open(&mut self, tag: &Tag, kind: Kind) {
        if let Some(code) = &mut self.code {
            if kind == Kind::Code && code.language.is_none() {
                code.language = hints::language(&tag.attrs);
            }
            if kind.is_block() {
                self.edge();
            }
            return self.push(tag, kind, End::Nothing);
        }
        if kind.ends_paragraph() {
            self.end_open_paragraph();
        }
        let end = match kind {
            Kind::Quote => self.frame(Frame::Quote(Vec::new())),
            Kind::Bullets => self.frame(Frame::List { start: None, items: Vec::new() }),
            Kind::Numbers => {
                let start = hints::get(&tag.attrs, "start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                self.frame(Frame::List { start: Some(start), items: Vec::new() })
            }
            Kind::Item => {
                self.close_within(|kind| matches!(kind, Kind::Bullets | Kind::Numbers), |kind| kind == Kind::Item);
                self.frame(Frame::Item(Vec::new()))
            }
            Kind::Table => {
                let is_data = self.rules == Rules::Message || hints::is_data_table(&tag.attrs);
                self.frame(Frame::Table(Table { is_data, rows: Vec::new() }))
            }
            Kind::Row => {
                self.close_within(|kind| kind == Kind::Table, |kind| kind == Kind::Row);
                self.frame(Frame::Row(Vec::new()))
            }
            Kind::Cell | Kind::HeaderCell => {
                self.close_within(|kind| kind == Kind::Table, |kind| matches!(kind, Kind::Cell | Kind::HeaderCell));
                if self.builder.in_table() && self.builder.open(Frame::Row(Vec::new())) {
                    self.elements.push(Element { name: LocalName::from("tr"), kind: Kind::Row, end: End::Frame });
                }
                if kind == Kind::HeaderCell && self.builder.in_row() {
                    self.builder.mark_data();
                }
                self.frame(Frame::Cell(Cell { is_header: kind == Kind::HeaderCell, blocks: Vec::new() }))
            }
            Kind::Paragraph if self.rules != Rules::Message && hints::is_line_of_word(&tag.attrs) => self.line(),
            Kind::Paragraph => {
                self.builder.end_paragraph();
                End::Paragraph
            }
            Kind::Heading(level) => {
                self.builder.start_heading(level);
                End::Heading
            }
            Kind::Preformatted => self.preformatted(tag),
            Kind::Division => self.line(),
            _ => self.styles(tag, kind),
        };
        self.push(tag, kind, end);
        if kind.is_block() && self.rules != Rules::Message && self.code.is_none() && hints::keeps_breaks(&tag.attrs) {
            self.keeps_breaks += 1;
            self.push(tag, Kind::Inline, End::Breaks);
        }
    }

    fn push(&mut self, tag: &Tag, kind: Kind, end: End) {
        self.elements.push(Element { name: tag.name.clone(), kind, end });
    }

    fn line(&mut self) -> End {
        self.builder.lines.new_line();
        End::Line
    }

    fn frame(&mut self, frame: Frame) -> End {
        if self.builder.open(frame) { End::Frame } else { self.line() }
    }

    fn preformatted(&mut self, tag: &Tag) -> End {
        // Mail programs wrap whole texts into `pre`, and so does Request Tracker with plain mails.
        let is_text =
            hints::keeps_breaks(&tag.attrs) || hints::has_class(&tag.attrs, |class| class.starts_with("moz-"));
        self.builder.end_paragraph();
        if self.rules != Rules::Message && is_text {
            if !hints::keeps_breaks(&tag.attrs) {
                self.keeps_breaks += 1;
                return End::Breaks;
            }
            return End::Paragraph;
        }
        self.code = Some(Code { language: hints::language(&tag.attrs), text: String::new() });
        End::Code
    }

    fn styles(&mut self, tag: &Tag, kind: Kind) -> End {
        let attributes = &tag.attrs;
        let mut wanted = match kind {
            Kind::Bold if hints::is_normal_weight(attributes) => Vec::new(),
            Kind::Bold => vec![Style::Bold],
            Kind::Italic => vec![Style::Italic],
            Kind::Strike => vec![Style::Strike],
            Kind::Underline => vec![Style::Underline],
            Kind::Code => vec![Style::Code],
            // How our own emitter writes code for helpdesks that strip `code`.
            Kind::Font if hints::get(attributes, "face") == Some("monospace") => vec![Style::Code],
            Kind::Link => hints::get(attributes, "href")
                .filter(|address| !is_mention(address))
                .and_then(linkable)
                .map(|url| Style::Link(url.into_owned()))
                .into_iter()
                .collect(),
            Kind::Span if hints::get(attributes, "data-mx-spoiler").is_some() => vec![Style::Spoiler],
            _ => Vec::new(),
        };
        if self.rules != Rules::Message && matches!(kind, Kind::Span | Kind::Font) {
            wanted.extend(hints::styles(attributes));
        }
        End::Styles(wanted.into_iter().filter_map(|style| self.builder.start_style(style)).collect())
    }

    /// Closes the innermost element of a kind, if it stands within the one that bounds it.
    fn close_within(&mut self, bounds: impl Fn(Kind) -> bool, closes: impl Fn(Kind) -> bool) {
        let found = self.elements.iter().rposition(|element| closes(element.kind) || bounds(element.kind));
        if let Some(at) = found
            && self.elements.get(at).is_some_and(|element| closes(element.kind))
        {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &LocalName, kind: Kind) {
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
