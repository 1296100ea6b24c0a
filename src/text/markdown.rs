//! Markdown, as people type it in any client, read into the tree.
//!
//! comrak parses; its tree is walked without recursion and told to the same builder as HTML, which bounds the depth.

use std::borrow::Cow;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, NodeValue};
use comrak::{Arena, Options, parse_document};

use super::html::{Builder, Cell, Frame, Style, Table, is_language};
use super::url::{is_mention, linkable};
use super::{from_plain, linkify, plain};
use crate::model::RichText;

/// What may be within an address and mean something else.
const MARKS: [char; 3] = ['_', '*', '~'];
const ADDRESS: &str = "://";
/// A Matrix event holds at most 64 KiB.
const MARKDOWN_BYTES_MAX: usize = 64 * 1024;

/// Reads Markdown; HTML in it stays the text that it is, line breaks stay, bare addresses become links.
pub fn from_markdown(markdown: &str) -> RichText {
    if !may_have_marks(markdown) {
        return from_plain(markdown);
    }
    let markdown = &*with_whole_addresses(plain::start_of(markdown, MARKDOWN_BYTES_MAX));
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

/// Marks within an address are part of it: `__main__.html` is no bold word. Where there is code, all stays as it is.
fn with_whole_addresses(markdown: &str) -> Cow<'_, str> {
    let is_code = |line: &str| line.starts_with("    ") || line.contains(['`', '\t']) || line.contains("~~~");
    if !markdown.contains(ADDRESS) || !markdown.contains(MARKS) || markdown.lines().any(is_code) {
        return Cow::Borrowed(markdown);
    }
    let (mut whole, mut rest) = (String::with_capacity(markdown.len() + 16), markdown);
    while let Some(at) = rest.find(ADDRESS) {
        let (before, address) = rest.split_at(at);
        let end = address.find(|c: char| c.is_whitespace() || "<>[]()|\\".contains(c)).unwrap_or(address.len());
        let (address, behind) = address.split_at(end);
        // What stands behind the last letter may end a bold passage.
        let letters = address.rfind(|c: char| c.is_alphanumeric() || c == '/').map_or(0, |last| last + 1);
        // `<https://…>` is taken as it is.
        let is_bare = !before.rsplit(char::is_whitespace).next().unwrap_or_default().contains('<');
        whole.push_str(before);
        for (place, c) in address.char_indices() {
            if is_bare && place < letters && MARKS.contains(&c) {
                whole.push('\\');
            }
            whole.push(c);
        }
        rest = behind;
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

fn options(markdown: &str) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    // Without this check a signature's line of dashes makes a table of one column.
    options.extension.table = markdown.lines().any(is_table_ruler);
    // `||` within a table is two ends of a cell.
    options.extension.spoiler = !options.extension.table && markdown.contains("||");
    // "Thanks" over a line of dashes is a signature and no heading.
    options.parse.ignore_setext = true;
    options
}

fn is_table_ruler(line: &str) -> bool {
    line.contains('|') && line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '>'))
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
            NodeValue::Link(link) | NodeValue::Image(link) => match linkable(&link.url) {
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
            NodeValue::Text(text) => self.builder.text(text),
            NodeValue::Code(code) => {
                let style = self.builder.start_style(Style::Code);
                self.builder.text(&code.literal);
                style.into_iter().for_each(|id| self.builder.lines.end(id));
            }
            NodeValue::HtmlInline(html) => self.builder.text_with_breaks(html),
            NodeValue::HtmlBlock(html) => {
                self.builder.end_paragraph();
                self.builder.text_with_breaks(html.literal.trim_end());
                self.builder.end_paragraph();
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => self.builder.lines.line_break(),
            NodeValue::CodeBlock(code) => {
                let language = code.info.split_whitespace().next().filter(|name| is_language(name));
                self.builder.code(language.map(str::to_owned), &code.literal);
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
