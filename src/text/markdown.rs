//! Markdown, as people type it in any client, read into the tree.
//!
//! comrak parses; its tree is walked without recursion and told to the same builder as HTML, which bounds the depth.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, NodeValue};
use comrak::{Arena, Options, parse_document};

use super::html::{Builder, Cell, Frame, Style, Table, is_language};
use super::signs::{as_meant, restored};
use super::url::{is_mention, linkable};
use super::{from_plain, linkify, plain};
use crate::model::RichText;

/// A Matrix event holds at most 64 KiB.
const MARKDOWN_BYTES_MAX: usize = 64 * 1024;

/// Reads Markdown; HTML in it stays the text that it is, line breaks stay, bare addresses become links.
pub fn from_markdown(markdown: &str) -> RichText {
    if !may_have_marks(markdown) {
        return from_plain(markdown);
    }
    let markdown = &*as_meant(plain::start_of(markdown, MARKDOWN_BYTES_MAX));
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(markdown));
    let mut walk = Walk::default();
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => walk.start(&node.data().value),
            NodeEdge::End(node) => walk.end(&node.data().value),
        }
    }
    linkify(walk.builder.finish())
}

/// Whether anything in it could be Markdown; most messages have nothing, and need no parser.
fn may_have_marks(text: &str) -> bool {
    text.bytes().any(|b| b"*_`[]<>~#|\\&\t".contains(&b))
        || text.lines().any(|line| {
            line.starts_with("    ")
                || line.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'))
        })
}

fn options(markdown: &str) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    // Without this check a signature's line of dashes makes a table of one column, and what a row has beyond the ruler is gone.
    options.extension.table = markdown.lines().any(is_table_ruler) && !is_cut_by_its_ruler(markdown);
    // `||` within a table is two ends of a cell.
    options.extension.spoiler = !options.extension.table && has_spoiler(markdown);
    // "Thanks" over a line of dashes is a signature and no heading.
    options.parse.ignore_setext = true;
    options
}

/// Whether `||` stands around words somewhere; in `if(x||y)&&(z||w)` it stands between them.
fn has_spoiler(markdown: &str) -> bool {
    let is_open = |(at, _): (usize, &str)| {
        let (before, behind) = (&markdown.get(..at), &markdown.get(at + 2..));
        let is_edge = before.is_none_or(|it| it.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != ')'));
        is_edge && behind.is_some_and(|it| it.contains("||") && it.starts_with(|c: char| !c.is_whitespace()))
    };
    markdown.match_indices("||").any(is_open)
}

fn is_table_ruler(line: &str) -> bool {
    line.contains('|') && line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '>'))
}

/// Whether a row has more cells than the ruler above it.
fn is_cut_by_its_ruler(markdown: &str) -> bool {
    let mut columns = None;
    markdown.lines().any(|line| {
        if line.trim().is_empty() {
            columns = None;
        } else if is_table_ruler(line) {
            columns = Some(cells(line));
        }
        columns.is_some_and(|columns| cells(line) > columns)
    })
}

fn cells(line: &str) -> usize {
    let line = line.trim_matches(|c: char| c == '>' || c.is_whitespace());
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.matches('|').count() + 1 - line.matches("\\|").count()
}

/// What the end of a node has to undo.
enum End {
    Nothing,
    Frame,
    Style(u32),
}

#[derive(Default)]
struct Walk {
    builder: Builder,
    ends: Vec<End>,
    /// Whether the row that we are in is the header.
    is_header: bool,
}

impl Walk {
    fn start(&mut self, value: &NodeValue) {
        let end = match value {
            NodeValue::Paragraph => {
                self.builder.end_paragraph();
                End::Nothing
            }
            NodeValue::Heading(heading) => {
                self.builder.start_heading(heading.level);
                End::Nothing
            }
            NodeValue::BlockQuote => self.frame(Frame::Quote(Vec::new())),
            NodeValue::List(list) => {
                let start = match list.list_type {
                    ListType::Bullet => None,
                    ListType::Ordered => Some(u32::try_from(list.start).unwrap_or(1)),
                };
                self.frame(Frame::List { start, items: Vec::new() })
            }
            NodeValue::Item(_) => self.frame(Frame::Item(Vec::new())),
            NodeValue::Table(_) => self.frame(Frame::Table(Table { is_data: true, rows: Vec::new() })),
            NodeValue::TableRow(is_header) => {
                self.is_header = *is_header;
                self.frame(Frame::Row(Vec::new()))
            }
            NodeValue::TableCell => self.frame(Frame::Cell(Cell { is_header: self.is_header, blocks: Vec::new() })),
            NodeValue::Strong => self.style(Style::Bold),
            NodeValue::Emph => self.style(Style::Italic),
            NodeValue::Strikethrough => self.style(Style::Strike),
            NodeValue::SpoileredText => self.style(Style::Spoiler),
            NodeValue::Link(link) | NodeValue::Image(link) => match linkable(&restored(&link.url)) {
                Some(url) if !is_mention(&url) => self.style(Style::Link(url.into_owned())),
                _ => End::Nothing,
            },
            _ => {
                self.leaf(value);
                End::Nothing
            }
        };
        self.ends.push(end);
    }

    fn leaf(&mut self, value: &NodeValue) {
        match value {
            NodeValue::Text(text) => self.builder.text(&restored(text)),
            NodeValue::Code(code) => {
                let style = self.builder.start_style(Style::Code);
                self.builder.text(&restored(&code.literal));
                style.into_iter().for_each(|id| self.builder.lines.end(id));
            }
            NodeValue::HtmlInline(html) => self.builder.text_with_breaks(&restored(html)),
            NodeValue::HtmlBlock(html) => {
                self.builder.end_paragraph();
                self.builder.text_with_breaks(restored(&html.literal).trim_end());
                self.builder.end_paragraph();
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => self.builder.lines.line_break(),
            NodeValue::CodeBlock(code) => {
                let info = restored(&code.info);
                let language = info.split_whitespace().next().filter(|name| is_language(name));
                self.builder.code(language.map(str::to_owned), &restored(&code.literal));
            }
            NodeValue::ThematicBreak => self.builder.rule(),
            _ => {}
        }
    }

    fn end(&mut self, value: &NodeValue) {
        match self.ends.pop() {
            Some(End::Frame) => self.builder.close(),
            Some(End::Style(id)) => self.builder.lines.end(id),
            _ => {}
        }
        match value {
            NodeValue::Paragraph => self.builder.end_paragraph(),
            NodeValue::Heading(_) => self.builder.end_heading(),
            _ => {}
        }
    }

    fn frame(&mut self, frame: Frame) -> End {
        if self.builder.open(frame) { End::Frame } else { End::Nothing }
    }

    fn style(&mut self, style: Style) -> End {
        self.builder.start_style(style).map_or(End::Nothing, End::Style)
    }
}
