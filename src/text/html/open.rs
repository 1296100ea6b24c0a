//! What the start of an element does: which block, style or nothing it opens, and what its end will undo.

use html5ever::LocalName;
use html5ever::tokenizer::Tag;

use super::builder::{Cell, Frame, Table};
use super::hints;
use super::lines::Style;
use super::reader::Rules;
use super::state::{Code, Element, End, State};
use super::tags::Kind;
use crate::text::url::{is_mention, linkable};

impl State {
    pub fn open(&mut self, tag: &Tag, kind: Kind) {
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
                let is_data = kind == Kind::HeaderCell || hints::is_of_a_spreadsheet(&tag.attrs);
                if is_data && self.builder.in_row() {
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
                .and_then(linkable)
                // As it would be followed: a line break in it hides nothing.
                .filter(|url| !is_mention(url))
                .map(|url| Style::Link(url.into_owned()))
                .into_iter()
                .collect(),
            Kind::Span if hints::get(attributes, "data-mx-spoiler").is_some() => {
                if let Some(reason) = hints::get(attributes, "data-mx-spoiler").filter(|reason| !reason.is_empty()) {
                    self.builder.text(&format!("({reason}) "));
                }
                vec![Style::Spoiler]
            }
            Kind::Span | Kind::Font if hints::is_blackened(attributes) => vec![Style::Spoiler],
            _ => Vec::new(),
        };
        if self.rules != Rules::Message && matches!(kind, Kind::Span | Kind::Font) {
            wanted.extend(hints::styles(attributes));
        }
        End::Styles(wanted.into_iter().filter_map(|style| self.builder.start_style(style)).collect())
    }
}
