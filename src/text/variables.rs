//! `{{customer.name}}` and the like, filled in on the tree: what is filled in is data, never markup.

use std::fmt::Write;

use super::to_plain::inlines_to_plain;
use super::url::linkable;
use crate::model::{Block, Inline, RichText};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// Longer ones are no names, and not even mistaken ones.
const NAME_BYTES_MAX: usize = 200;

/// What stands for a name; `None`: nothing does.
pub type Values<'v> = &'v dyn Fn(&str) -> Option<Vec<Inline>>;

/// A variable with words for a value.
pub fn value(words: &str) -> Option<Vec<Inline>> {
    Some(vec![Inline::Text(words.to_owned())])
}

/// The text with its variables filled in, and the names for which there is nothing: they stay where they stand.
pub fn fill(mut text: RichText, values: Values<'_>) -> (RichText, Vec<String>) {
    let mut filler = Filler { values, unknown: Vec::new() };
    filler.blocks(&mut text.blocks);
    (text, filler.unknown)
}

struct Filler<'v> {
    values: Values<'v>,
    unknown: Vec<String>,
}

impl Filler<'_> {
    fn blocks(&mut self, blocks: &mut [Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(content) | Block::Heading(_, content) => self.words(content),
                Block::List { items, .. } => items.iter_mut().for_each(|item| self.blocks(item)),
                Block::Quote(content) => self.blocks(content),
                Block::Table { rows, .. } => rows.iter_mut().flatten().for_each(|cell| self.words(cell)),
                Block::Code { text, .. } => *text = self.plain(text),
                Block::Rule => {}
            }
        }
    }

    fn words(&mut self, list: &mut Vec<Inline>) {
        if list.len() > 1 {
            self.note_divided(list);
        }
        self.inlines(list);
    }

    /// One that formatting divides reads like one, and is none.
    fn note_divided(&mut self, list: &[Inline]) {
        let shown = inlines_to_plain(list);
        for part in parts(&shown) {
            if let Part::Variable { whole, .. } = part
                && list.iter().map(|inline| count(inline, whole)).sum::<usize>() < shown.matches(whole).count()
            {
                self.note(whole);
            }
        }
    }

    fn inlines(&mut self, list: &mut Vec<Inline>) {
        let mut out = Vec::with_capacity(list.len());
        for inline in list.drain(..) {
            match inline {
                Inline::Text(text) => self.text(&text, &mut out),
                Inline::Code(text) => out.push(Inline::Code(self.plain(&text))),
                Inline::Link { url, mut content } => {
                    self.inlines(&mut content);
                    // A link that was filled in with a link is that link.
                    content = content.into_iter().flat_map(without_link).collect();
                    out.push(Inline::Link { url: self.url(url), content });
                }
                mut styled => {
                    if let Inline::Bold(content)
                    | Inline::Italic(content)
                    | Inline::Strike(content)
                    | Inline::Underline(content)
                    | Inline::Spoiler(content) = &mut styled
                    {
                        self.inlines(content);
                    }
                    out.push(styled);
                }
            }
        }
        *list = out;
    }

    fn text(&mut self, text: &str, out: &mut Vec<Inline>) {
        for part in parts(text) {
            match part {
                Part::Words(words) => out.push(Inline::Text(words.to_owned())),
                Part::Variable { name, whole } => match self.value(name) {
                    Some(value) => out.extend(value),
                    None => out.push(Inline::Text(whole.to_owned())),
                },
            }
        }
        out.dedup_by(|after, before| match (before, after) {
            (Inline::Text(before), Inline::Text(after)) => {
                before.push_str(after);
                true
            }
            _ => false,
        });
    }

    fn plain(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for part in parts(text) {
            match part {
                Part::Words(words) => out.push_str(words),
                Part::Variable { name, whole } => match self.value(name) {
                    Some(value) => out.push_str(&inlines_to_plain(&value)),
                    None => out.push_str(whole),
                },
            }
        }
        out
    }

    /// Behind the host only, and escaped, so that a value can't lead elsewhere.
    fn url(&mut self, url: String) -> String {
        let decoded = url.replace("%7B%7B", OPEN).replace("%7D%7D", CLOSE);
        let behind = path_start(&decoded);
        let (head, tail) = decoded.split_at_checked(behind).unwrap_or((&decoded, ""));
        let mut out = head.to_owned();
        for part in parts(head) {
            if let Part::Variable { whole, .. } = part {
                self.note(whole);
            }
        }
        let mut filled = false;
        for part in parts(tail) {
            match part {
                Part::Words(words) => out.push_str(words),
                Part::Variable { name, whole } => match self.value(name) {
                    Some(value) => {
                        filled = true;
                        escape(&inlines_to_plain(&value), &mut out);
                    }
                    None => out.push_str(whole),
                },
            }
        }
        match linkable(&out) {
            Some(out) if filled => out.into_owned(),
            _ => url,
        }
    }

    fn value(&mut self, name: &str) -> Option<Vec<Inline>> {
        let value = (self.values)(&name.to_ascii_lowercase());
        if value.is_none() {
            self.note(&format!("{OPEN}{name}{CLOSE}"));
        }
        value
    }

    fn note(&mut self, whole: &str) {
        if !self.unknown.iter().any(|known| known == whole) {
            self.unknown.push(whole.to_owned());
        }
    }
}

/// How often it stands there in one piece.
fn count(inline: &Inline, variable: &str) -> usize {
    let within = |content: &[Inline]| content.iter().map(|it| count(it, variable)).sum();
    match inline {
        Inline::Text(text) | Inline::Code(text) => text.matches(variable).count(),
        Inline::Link { content, url } => url.matches(variable).count() + within(content),
        Inline::Bold(content)
        | Inline::Italic(content)
        | Inline::Strike(content)
        | Inline::Underline(content)
        | Inline::Spoiler(content) => within(content),
        Inline::Break => 0,
    }
}

fn without_link(inline: Inline) -> Vec<Inline> {
    match inline {
        Inline::Link { content, .. } => content,
        other => vec![other],
    }
}

/// Where the path of an address begins; of a mail address, what stands behind the host's end.
fn path_start(url: &str) -> usize {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let ends = |c: char| if authority == 0 { c == '?' } else { matches!(c, '/' | '?' | '#') };
    url.get(authority..).and_then(|rest| rest.find(ends)).map_or(url.len(), |at| authority + at)
}

fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing into a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

enum Part<'t> {
    Words(&'t str),
    Variable { name: &'t str, whole: &'t str },
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut rest) = (0, 0);
    while let Some(at) = text.get(rest..).and_then(|tail| tail.find(OPEN)).map(|at| rest + at) {
        match variable(text.get(at..).unwrap_or_default()) {
            Some((name, whole)) => {
                parts.push(Part::Words(text.get(from..at).unwrap_or_default()));
                parts.push(Part::Variable { name, whole });
                rest = at + whole.len();
                from = rest;
            }
            None => rest = at + 1,
        }
    }
    parts.push(Part::Words(text.get(from..).unwrap_or_default()));
    parts.retain(|part| !matches!(part, Part::Words(words) if words.is_empty()));
    parts
}

/// The variable at the beginning of this text; half of one is words. Whatever stands within, such as a blank or a filter,
/// it is one that there is not: a mistake that the agent has to see.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(OPEN)?;
    let window = inside.get(..inside.floor_char_boundary(NAME_BYTES_MAX))?;
    let end = window.find(CLOSE)?;
    let name = inside.get(..end)?.trim();
    let is_name = !name.contains(['{', '}', '\n']);
    (is_name && !name.is_empty()).then_some((name, text.get(..OPEN.len() + end + CLOSE.len())?))
}

#[cfg(test)]
mod tests {
    use super::super::{Flavour, bracket_links, from_markdown, to_html};
    use super::*;

    fn values(name: &str) -> Option<Vec<Inline>> {
        match name {
            "customer.name" => value("*Eve* [[https://evil.invalid | x]] {{agent.name}} <b>"),
            "agent.name" => value("Ada"),
            "ticket.number" => value("42/../7"),
            "link" => Some(vec![Inline::Link { url: "https://e.org".to_owned(), content: value("here")? }]),
            _ => None,
        }
    }

    fn filled(markdown: &str) -> (String, Vec<String>) {
        let text = from_markdown(markdown);
        let (text, unknown) = fill(bracket_links(&text).unwrap_or(text), &values);
        (to_html(&text, Flavour::Matrix), unknown)
    }

    #[test]
    fn variables_are_filled_in_wherever_words_stand() {
        for (markdown, expected) in [
            ("Hello {{agent.name}}!", "Hello Ada!"),
            ("Hello {{ Agent.Name }}{{agent.name}}", "Hello AdaAda"),
            ("**{{agent.name}}** `{{agent.name}}`", "<strong>Ada</strong> <code>Ada</code>"),
            ("- {{agent.name}}", "<ul><li>Ada</li></ul>"),
            ("See {{link}}.", r#"See <a href="https://e.org">here</a>."#),
            ("```\n{{link}}\n```", "<pre><code>here (https://e.org)</code></pre>"),
        ] {
            assert_eq!(filled(markdown), (expected.to_owned(), Vec::new()), "{markdown}");
        }
    }

    #[test]
    fn what_is_filled_in_is_data() {
        let (html, unknown) = filled("Hello {{customer.name}}");
        assert_eq!(html, "Hello *Eve* [[https://evil.invalid | x]] {{agent.name}} &lt;b&gt;");
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn an_unknown_one_is_named_once_and_stays() {
        let (html, unknown) = filled("{{foo}} and {{foo}}, {{agent.nam}}, {{agent name}}");
        assert_eq!(html, "{{foo}} and {{foo}}, {{agent.nam}}, {{agent name}}");
        assert_eq!(unknown, ["{{foo}}", "{{agent.nam}}", "{{agent name}}"]);
    }

    #[test]
    fn half_of_one_is_words() {
        for words in ["{{", "{{agent.name", "{{agent.name}", "{{}}", "{{ }}", "{{a\nb}}", "}} {{"] {
            let (_, unknown) = filled(words);
            assert!(unknown.is_empty(), "{words}: {unknown:?}");
        }
        let long = format!("{{{{{}}}}}", "x".repeat(300));
        assert!(filled(&long).1.is_empty());
    }

    #[test]
    fn whatever_reads_like_one_is_one() {
        for wrong in [
            "{{a | b}}",
            "{{agent.name|upper}}",
            "{{customer/name}}",
            "{{customer’s name}}",
            &format!("{{{{{}}}}}", "x".repeat(100)),
        ] {
            assert_eq!(filled(&format!("Hello {wrong}!")).1, [wrong], "{wrong}");
        }
        assert_eq!(filled("{{**agent.name**}} {{agent.name}}").1, ["{{agent.name}}"]);
        assert_eq!(filled("*{{agent*.name}}").1, ["{{agent.name}}"]);
        assert!(
            filled("**{{agent.name}}**, `{{agent.name}}`, [[https://e.org/{{agent.name}} | {{agent.name}}]]")
                .1
                .is_empty()
        );
    }

    #[test]
    fn in_an_address_a_value_stays_where_it_stands() {
        let (html, unknown) = filled("[[https://e.org/t/{{ticket.number}}?a={{agent.name}} | it]]");
        assert_eq!(html, r#"<a href="https://e.org/t/42%2F%2E%2E%2F7?a=Ada">it</a>"#);
        assert!(unknown.is_empty(), "{unknown:?}");
        let (_, unknown) = filled("[[https://{{agent.name}}.org/ | it]]");
        assert!(unknown.len() <= 1);
    }

    #[test]
    fn a_flood_of_braces_is_read_in_no_time() {
        let text = RichText::plain(&"{{".repeat(200_000));
        assert!(fill(text, &values).1.is_empty());
    }
}
