//! `[[URL | text]]` and `[[URL]]`, the way in which agents write a link, becomes one. Whatever is not whole stays text.

use super::url::linkable;
use crate::model::{Inline, RichText};

const OPEN: &str = "[[";
const CLOSE: &str = "]]";

/// The text with its bracketed links made links; `None`: there are none. Code is left alone.
pub fn bracket_links(text: &RichText) -> Option<RichText> {
    let mut text = text.clone();
    let mut made = 0;
    text.each_words(&mut |words| inlines(words, &mut made));
    (made > 0).then_some(text)
}

enum Token {
    Open,
    Close,
    Other(Inline),
}

fn inlines(list: &mut Vec<Inline>, made: &mut usize) {
    if !list.iter().any(|inline| matches!(inline, Inline::Text(text) if text.contains(OPEN))) {
        return;
    }
    let mut out: Vec<Token> = Vec::with_capacity(list.len() + 4);
    // Where the link that may be under way begins: always the latest, so that each part is looked at once.
    let mut open: Option<usize> = None;
    for token in list.drain(..).flat_map(tokens) {
        match (token, open) {
            (Token::Open, _) => {
                open = Some(out.len());
                out.push(Token::Open);
            }
            (Token::Close, Some(at)) => {
                open = None;
                match link(out.get(at + 1..).unwrap_or_default()) {
                    Some(link) => {
                        out.truncate(at);
                        out.push(Token::Other(link));
                        *made += 1;
                    }
                    None => out.push(Token::Close),
                }
            }
            (Token::Other(Inline::Break), _) => {
                open = None;
                out.push(Token::Other(Inline::Break));
            }
            (token, _) => out.push(token),
        }
    }
    for token in out {
        match token {
            Token::Open => push_text(list, OPEN),
            Token::Close => push_text(list, CLOSE),
            Token::Other(Inline::Text(text)) => push_text(list, &text),
            Token::Other(other) => list.push(other),
        }
    }
}

fn push_text(list: &mut Vec<Inline>, text: &str) {
    match list.last_mut() {
        Some(Inline::Text(last)) => last.push_str(text),
        _ => list.push(Inline::Text(text.to_owned())),
    }
}

/// The inner pair of more than two brackets counts: the others stand around the link.
fn tokens(inline: Inline) -> Vec<Token> {
    let Inline::Text(text) = inline else { return vec![Token::Other(inline)] };
    let mut tokens = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, token, after)) = next_mark(rest) {
        if !before.is_empty() {
            tokens.push(Token::Other(Inline::Text(before.to_owned())));
        }
        tokens.push(token);
        rest = after;
    }
    if !rest.is_empty() {
        tokens.push(Token::Other(Inline::Text(rest.to_owned())));
    }
    tokens
}

fn next_mark(text: &str) -> Option<(&str, Token, &str)> {
    let bytes = text.as_bytes();
    let at = bytes.windows(2).position(|pair| pair == OPEN.as_bytes() || pair == CLOSE.as_bytes())?;
    let rest = bytes.get(at..)?;
    let (at, token) = match rest.first() {
        Some(b'[') => (at + rest.iter().take_while(|b| **b == b'[').count() - OPEN.len(), Token::Open),
        _ => (at, Token::Close),
    };
    Some((text.get(..at)?, token, text.get(at + OPEN.len()..)?))
}

/// What stands between the brackets, as a link; `None`: it is none.
fn link(inside: &[Token]) -> Option<Inline> {
    let mut target = Vec::new();
    let mut words: Option<Vec<Inline>> = None;
    for token in inside {
        let Token::Other(inline) = token else { return None };
        match (&mut words, inline) {
            (Some(words), inline) => words.push(inline.clone()),
            (None, Inline::Text(text)) => match text.split_once('|') {
                Some((before, after)) => {
                    target.push(Inline::Text(before.to_owned()));
                    words = Some(vec![Inline::Text(after.to_owned())]);
                }
                None => target.push(inline.clone()),
            },
            (None, _) => target.push(inline.clone()),
        }
    }
    let (url, shown) = address(&target)?;
    let mut content = without_links(words.unwrap_or_default());
    trim(&mut content);
    if content.is_empty() {
        content.push(Inline::Text(shown));
    }
    Some(Inline::Link { url, content })
}

/// The address, which may have become a link by itself already, and how it is shown where there are no words.
fn address(target: &[Inline]) -> Option<(String, String)> {
    let mut typed = String::new();
    let mut linked = None;
    for inline in target {
        match inline {
            Inline::Text(text) => typed.push_str(text),
            Inline::Link { url, content } => {
                linked = linked.is_none().then_some(url);
                for inline in content {
                    let Inline::Text(text) = inline else { return None };
                    typed.push_str(text);
                }
            }
            _ => return None,
        }
    }
    let typed = typed.trim();
    if typed.is_empty() || typed.contains(char::is_whitespace) {
        return None;
    }
    // A page's editor links `example.org` without a scheme: then the address is the one behind it.
    let url = linkable(typed).or_else(|| linkable(linked?))?.into_owned();
    Some((url, typed.strip_prefix("mailto:").unwrap_or(typed).to_owned()))
}

/// A link can't stand in a link.
fn without_links(inlines: Vec<Inline>) -> Vec<Inline> {
    inlines
        .into_iter()
        .flat_map(|inline| match inline {
            Inline::Link { content, .. } => content,
            other => vec![other],
        })
        .collect()
}

fn trim(content: &mut Vec<Inline>) {
    if let Some(Inline::Text(text)) = content.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text(text)) = content.last_mut() {
        *text = text.trim_end().to_owned();
    }
    content.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::super::{Flavour, from_html, from_markdown, linkify, to_html, to_plain};
    use super::*;

    fn html(text: &RichText) -> String {
        to_html(&bracket_links(text).unwrap_or_else(|| text.clone()), Flavour::Matrix)
    }

    #[test]
    fn typed_links_become_links_with_their_words() {
        for (typed, expected) in [
            ("[[https://e.org/a|the pump]]", r#"<a href="https://e.org/a">the pump</a>"#),
            (
                "See [[ https://e.org/a | the *old* pump ]] now",
                r#"See <a href="https://e.org/a">the <em>old</em> pump</a> now"#,
            ),
            ("[[https://e.org/a]]", r#"<a href="https://e.org/a">https://e.org/a</a>"#),
            ("[[www.e.org/a | the pump]]", r#"<a href="https://www.e.org/a">the pump</a>"#),
            ("[[https://e.org/a | ]]", r#"<a href="https://e.org/a">https://e.org/a</a>"#),
            ("[[http://e.org|a|b]]", r#"<a href="http://e.org">a|b</a>"#),
            ("[[mailto:a@e.org | mail us]], please", r#"<a href="mailto:a@e.org">mail us</a>, please"#),
            ("[[mailto:a@e.org]]", r#"<a href="mailto:a@e.org">a@e.org</a>"#),
            ("[[https://e.org | see https://x.org]]", r#"<a href="https://e.org">see https://x.org</a>"#),
            ("[[[https://e.org | x]]]", r#"[<a href="https://e.org">x</a>]"#),
            ("[[ or [[https://e.org | x]]", r#"[[ or <a href="https://e.org">x</a>"#),
            ("**[[https://e.org | x]]**", r#"<strong><a href="https://e.org">x</a></strong>"#),
            ("- [[https://e.org | x]]", r#"<ul><li><a href="https://e.org">x</a></li></ul>"#),
            (
                "[[https://e.org/a | x]] [[https://e.org/b | y]]",
                r#"<a href="https://e.org/a">x</a> <a href="https://e.org/b">y</a>"#,
            ),
        ] {
            assert_eq!(html(&from_markdown(typed)), expected, "{typed}");
        }
    }

    #[test]
    fn what_is_no_whole_link_stays_text() {
        for typed in [
            "[[",
            "[[]]",
            "[[https://e.org",
            "[[https://e.org | x",
            "[[https://e.org | x]",
            "[[https://e.org\n| x]]",
            "[[ see x | y]]",
            "[[ftp://e.org | x]]",
            "[[javascript:alert(1) | x]]",
            "[[https://u:p@e.org | x]]",
            "[[https://e.org two | x]]",
            "[[x]]",
            "a]] b [[",
            "`[[https://e.org | x]]`",
            "```\n[[https://e.org | x]]\n```",
        ] {
            let text = from_markdown(typed);
            assert_eq!(bracket_links(&text), None, "{typed}");
        }
    }

    #[test]
    fn a_page_that_linked_the_address_itself_means_the_same() {
        for page in [
            r#"<p>See [[<a href="https://e.org/a">https://e.org/a</a> | the pump]]</p>"#,
            r#"<p>See [[<a href="https://e.org/a">e.org/a</a>&nbsp;| the pump]]</p>"#,
            "<p>See [[https://e.org/a | the pump]]</p>",
            "<p>See [[https://e.org/a&nbsp;|&nbsp;the pump]]</p>",
        ] {
            let made = html(&linkify(from_html(page)));
            assert_eq!(made, r#"See <a href="https://e.org/a">the pump</a>"#, "{page}");
        }
    }

    #[test]
    fn without_html_the_address_stands_behind_the_words() {
        let text = bracket_links(&from_markdown("See [[https://e.org/a | the pump]]")).unwrap();
        assert_eq!(to_plain(&text), "See the pump (https://e.org/a)");
        let text = bracket_links(&from_markdown("See [[https://e.org/a]]")).unwrap();
        assert_eq!(to_plain(&text), "See https://e.org/a");
    }

    #[test]
    fn a_flood_of_brackets_is_read_in_no_time() {
        let text = RichText::plain(&"[[https://e.org |".repeat(20_000));
        assert_eq!(bracket_links(&text), None);
        let text = RichText::plain(&"]][[".repeat(50_000));
        assert_eq!(bracket_links(&text), None);
    }
}
