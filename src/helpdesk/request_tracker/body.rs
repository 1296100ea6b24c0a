//! Message bodies between Request Tracker and the rich-text tree: the one place that calls `crate::text`.

use crate::model::{Block, Inline, RichText};

/// HTML for Request Tracker, with the person's name in front where the message can't be theirs.
pub(super) fn to_html(body: &RichText, name: Option<&str>) -> String {
    let mut html = String::new();
    if let Some(name) = name {
        html.push_str(&format!("<p><b>{}</b> wrote:</p>", html_escape::encode_text(name)));
    }
    blocks(&body.blocks, &mut html);
    html
}

pub(super) fn from_html(html: &str) -> RichText {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.replace("<br />", "\n").replace("<br>", "\n").replace("</p>", "\n\n").chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            _ => text.push(c),
        }
    }
    RichText::plain(&html_escape::decode_html_entities(&text))
}

pub(super) fn from_plain(text: &str) -> RichText {
    RichText::plain(text)
}

fn blocks(blocks_: &[Block], html: &mut String) {
    for block in blocks_ {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => {
                html.push_str("<p>");
                inlines(content, html);
                html.push_str("</p>");
            }
            Block::List { items, .. } => items.iter().for_each(|item| blocks(item, html)),
            Block::Quote(content) => blocks(content, html),
            Block::Code { text, .. } => html.push_str(&format!("<pre>{}</pre>", html_escape::encode_text(text))),
            Block::Table { rows, .. } => rows.iter().flatten().for_each(|cell| inlines(cell, html)),
            Block::Rule => html.push_str("<hr>"),
        }
    }
}

fn inlines(content: &[Inline], html: &mut String) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) => html.push_str(&html_escape::encode_text(text)),
            Inline::Bold(content)
            | Inline::Italic(content)
            | Inline::Strike(content)
            | Inline::Underline(content)
            | Inline::Spoiler(content)
            | Inline::Link { content, .. } => inlines(content, html),
            Inline::Break => html.push_str("<br>"),
        }
    }
}
