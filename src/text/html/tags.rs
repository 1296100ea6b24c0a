//! What an element means to us, by its name.

use html5ever::tokenizer::states::RawKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unknown or without a meaning of its own: only its content counts.
    Inline,
    Bold,
    Italic,
    Strike,
    Underline,
    Code,
    Superscript,
    Span,
    Font,
    Link,
    /// A block without a meaning of its own: its content stands on lines of its own.
    Division,
    Paragraph,
    Heading(u8),
    Quote,
    Bullets,
    Numbers,
    Item,
    Preformatted,
    Table,
    Row,
    HeaderCell,
    Cell,
    Break,
    Rule,
    Image,
    /// Without content: nothing to do.
    Void,
    /// Its content is left out.
    Skipped,
    /// Its content is left out, and is no HTML.
    SkippedRaw(RawKind),
    /// Its content is text, and is no HTML.
    RawText(RawKind),
}

pub fn kind(name: &str) -> Kind {
    match name {
        "b" | "strong" => Kind::Bold,
        "i" | "em" | "cite" | "var" | "dfn" => Kind::Italic,
        "s" | "del" | "strike" => Kind::Strike,
        "u" | "ins" => Kind::Underline,
        "code" | "tt" | "kbd" | "samp" => Kind::Code,
        "sup" => Kind::Superscript,
        "span" => Kind::Span,
        "font" => Kind::Font,
        "a" => Kind::Link,
        "p" => Kind::Paragraph,
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" => Kind::Heading(4),
        "h5" => Kind::Heading(5),
        "h6" => Kind::Heading(6),
        "blockquote" => Kind::Quote,
        "ul" | "menu" | "dir" => Kind::Bullets,
        "ol" => Kind::Numbers,
        "li" => Kind::Item,
        "pre" | "listing" | "xmp" => Kind::Preformatted,
        "table" => Kind::Table,
        "tr" => Kind::Row,
        "th" => Kind::HeaderCell,
        "td" => Kind::Cell,
        "br" => Kind::Break,
        "hr" => Kind::Rule,
        "img" | "image" => Kind::Image,
        "area" | "base" | "basefont" | "bgsound" | "col" | "embed" | "frame" | "input" | "keygen" | "link" | "meta"
        | "param" | "source" | "track" | "wbr" => Kind::Void,
        "head" | "mx-reply" | "template" | "xml" => Kind::Skipped,
        "script" => Kind::SkippedRaw(RawKind::ScriptData),
        "title" => Kind::SkippedRaw(RawKind::Rcdata),
        "style" | "iframe" | "noembed" | "noframes" => Kind::SkippedRaw(RawKind::Rawtext),
        "textarea" => Kind::RawText(RawKind::Rcdata),
        "html" | "body" | "div" | "address" | "article" | "aside" | "caption" | "center" | "dd" | "details" | "dl"
        | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "header" | "hgroup" | "legend" | "main"
        | "nav" | "optgroup" | "option" | "search" | "section" | "select" | "summary" => Kind::Division,
        _ => Kind::Inline,
    }
}

impl Kind {
    /// Whether the start of such an element ends a paragraph that is still open, as in HTML itself.
    pub fn ends_paragraph(self) -> bool {
        matches!(
            self,
            Kind::Division
                | Kind::Paragraph
                | Kind::Heading(_)
                | Kind::Quote
                | Kind::Bullets
                | Kind::Numbers
                | Kind::Item
                | Kind::Preformatted
                | Kind::Table
                | Kind::Rule
        )
    }

    /// Whether its end tag closes what was left open inside; the others end only themselves.
    pub fn is_block(self) -> bool {
        self.ends_paragraph() || self.is_in_table()
    }

    pub fn is_in_table(self) -> bool {
        matches!(self, Kind::Table | Kind::Row | Kind::Cell | Kind::HeaderCell)
    }
}
