//! Builds the tree from what a reader meets on its way: text, breaks, and the starts and ends of blocks and styles.
//!
//! Architecture invariant: blocks nest at most `NESTED_MAX` deep, whatever comes in, so that walking, storing (JSON
//! readers stop at 128 levels) and dropping a tree are safe.

use super::lines::{Lines, Style};
use crate::model::{Block, Inline, ListItem, RichText};
use crate::text::chars::{cleaned, is_visible};
use crate::text::to_plain::inlines_to_plain;

/// How deep lists and quotes may stand in each other; what is deeper is kept one level up.
pub const NESTED_MAX: usize = 12;

pub enum Frame {
    Quote(Vec<Block>),
    List { start: Option<u32>, items: Vec<ListItem> },
    Item(Vec<Block>),
    Table(Table),
    Row(Vec<Cell>),
    Cell(Cell),
}

#[derive(Default)]
pub struct Cell {
    pub is_header: bool,
    pub blocks: Vec<Block>,
}

#[derive(Default)]
pub struct Table {
    /// Whether it holds data; mails also place things with tables, and those are read cell after cell.
    pub is_data: bool,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Default)]
pub struct Builder {
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    nested: usize,
    heading: Option<u8>,
    pub lines: Lines,
}

impl Builder {
    /// Text in which blanks and line breaks count as one blank.
    pub fn text(&mut self, text: &str) {
        if self.lines.ends_paragraph() && text.contains(|c: char| !c.is_whitespace() && c != '\u{a0}') {
            self.end_paragraph();
        }
        self.lines.text(text);
    }

    /// Text in which line breaks count.
    pub fn text_with_breaks(&mut self, text: &str) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.lines.line_break();
            }
            self.text(line);
        }
    }

    pub fn end_paragraph(&mut self) {
        if self.lines.is_empty() {
            self.lines.take();
            return;
        }
        let content = self.lines.take();
        // Direction marks alone are no paragraph.
        if !is_visible(&inlines_to_plain(&content)) {
            return;
        }
        let block = match self.heading {
            Some(level) => Block::Heading(level, content),
            None => Block::Paragraph(content),
        };
        self.block(block);
    }

    fn block(&mut self, block: Block) {
        match self.frames.last_mut() {
            // A list without an item around its content: the last item takes it, as browsers show it.
            Some(Frame::List { items, .. }) => match items.last_mut() {
                Some(item) => item.push(block),
                None => items.push(vec![block]),
            },
            _ => self.place().push(block),
        }
    }

    /// Where blocks go; what stands in a table but in no cell goes before the table.
    fn place(&mut self) -> &mut Vec<Block> {
        for frame in self.frames.iter_mut().rev() {
            if let Frame::Quote(blocks) | Frame::Item(blocks) | Frame::Cell(Cell { blocks, .. }) = frame {
                return blocks;
            }
        }
        &mut self.blocks
    }

    pub fn rule(&mut self) {
        self.end_paragraph();
        self.block(Block::Rule);
    }

    pub fn code(&mut self, language: Option<String>, text: &str) {
        self.end_paragraph();
        let text = cleaned(text);
        let text = text.trim_matches('\n');
        if is_visible(text) {
            self.block(Block::Code { language, text: text.to_owned() });
        }
    }

    pub fn start_heading(&mut self, level: u8) {
        self.end_paragraph();
        self.heading = Some(level);
    }

    pub fn end_heading(&mut self) {
        self.end_paragraph();
        self.heading = None;
    }

    /// Opens a block that holds blocks; false where it would be too deep or out of place, and nothing is to be closed.
    pub fn open(&mut self, frame: Frame) -> bool {
        self.end_paragraph();
        let nests = matches!(frame, Frame::Quote(_) | Frame::List { .. });
        let fits = match frame {
            Frame::Quote(_) | Frame::List { .. } => self.nested < NESTED_MAX,
            Frame::Item(_) => matches!(self.frames.last(), Some(Frame::List { .. })),
            Frame::Row(_) => matches!(self.frames.last(), Some(Frame::Table(_))),
            Frame::Cell(_) => matches!(self.frames.last(), Some(Frame::Row(_))),
            Frame::Table(_) => true,
        };
        if fits {
            self.nested += usize::from(nests);
            self.frames.push(frame);
        }
        fits
    }

    pub fn close(&mut self) {
        self.end_paragraph();
        match self.frames.pop() {
            Some(Frame::Quote(blocks)) => {
                self.nested -= 1;
                if !blocks.is_empty() {
                    self.block(Block::Quote(blocks));
                }
            }
            Some(Frame::List { start, items }) => {
                self.nested -= 1;
                if !items.is_empty() {
                    self.block(Block::List { start, items });
                }
            }
            Some(Frame::Item(blocks)) => match self.frames.last_mut() {
                Some(Frame::List { items, .. }) if !blocks.is_empty() => items.push(blocks),
                _ => {}
            },
            Some(Frame::Cell(cell)) => {
                if let Some(Frame::Row(cells)) = self.frames.last_mut() {
                    cells.push(cell);
                }
            }
            Some(Frame::Row(cells)) => {
                if let Some(Frame::Table(table)) = self.frames.last_mut()
                    && !cells.is_empty()
                {
                    table.rows.push(cells);
                }
            }
            Some(Frame::Table(table)) => table.into_blocks().into_iter().for_each(|block| self.block(block)),
            None => {}
        }
    }

    pub fn in_row(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Row(_)))
    }

    pub fn in_table(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Table(_)))
    }

    pub fn start_style(&mut self, style: Style) -> Option<u32> {
        self.lines.start(style)
    }

    /// Says of the table that we are in that it holds data.
    pub fn mark_data(&mut self) {
        if let Some(Frame::Table(table)) = self.frames.iter_mut().rev().find(|frame| matches!(frame, Frame::Table(_))) {
            table.is_data = true;
        }
    }

    pub fn finish(mut self) -> RichText {
        self.end_paragraph();
        while !self.frames.is_empty() {
            self.close();
        }
        RichText { blocks: self.blocks }
    }
}

impl Table {
    fn into_blocks(self) -> Vec<Block> {
        let is_simple = |cell: &Cell| cell.blocks.iter().all(|block| matches!(block, Block::Paragraph(_)));
        let is_table = self.is_data && self.rows.iter().flatten().all(is_simple);
        if !is_table {
            return self.rows.into_iter().flatten().flat_map(|cell| cell.blocks).collect();
        }
        let header = self.rows.first().is_some_and(|row| row.iter().all(|cell| cell.is_header));
        let rows: Vec<Vec<Vec<Inline>>> =
            self.rows.into_iter().map(|row| row.into_iter().map(Cell::into_inlines).collect()).collect();
        let is_empty = rows.iter().flatten().all(Vec::is_empty);
        if is_empty { Vec::new() } else { vec![Block::Table { header, rows }] }
    }
}

impl Cell {
    fn into_inlines(self) -> Vec<Inline> {
        let mut out = Vec::new();
        for block in self.blocks {
            if let Block::Paragraph(content) = block {
                if !out.is_empty() {
                    out.push(Inline::Break);
                }
                out.extend(content);
            }
        }
        out
    }
}
