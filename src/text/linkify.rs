//! Bare addresses in a text become links.

use std::sync::LazyLock;

use linkify::{LinkFinder, LinkKind};

use super::url::linkable;
use crate::model::{Inline, RichText};

/// How often the rest between addresses is searched again. Where that isn't enough, somebody plays with us.
const AGAIN_MAX: usize = 8;

static FINDER: LazyLock<LinkFinder> = LazyLock::new(LinkFinder::new);

/// Sees addresses without a scheme, too; of those only the ones that begin with `www.` are meant as links for sure.
static BARE_FINDER: LazyLock<LinkFinder> = LazyLock::new(|| {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    finder
});

const WWW: &str = "www.";

/// Links URLs and mail addresses that stand in the text, except in code and in links. Doing it twice changes nothing.
pub fn linkify(mut text: RichText) -> RichText {
    text.each_words(&mut inlines);
    text
}

fn inlines(list: &mut Vec<Inline>) {
    if !list.iter().any(|inline| matches!(inline, Inline::Text(text) if may_have_link(text))) {
        return;
    }
    let mut out = Vec::with_capacity(list.len() + 2);
    for inline in list.drain(..) {
        match inline {
            Inline::Text(text) if may_have_link(&text) => match settled(&text, AGAIN_MAX) {
                Some(inlines) => out.extend(inlines),
                None => out.push(Inline::Text(text)),
            },
            other => out.push(other),
        }
    }
    *list = out;
}

fn may_have_link(text: &str) -> bool {
    text.contains('@') || text.contains("://") || has_www(text)
}

fn has_www(text: &str) -> bool {
    text.as_bytes().windows(WWW.len()).any(|window| window.eq_ignore_ascii_case(WWW.as_bytes()))
}

/// The text with its links, in which there is no further one: what stands between two addresses is read without them
/// the next time, and may be one itself. `None` if there is no end of it.
fn settled(text: &str, again: usize) -> Option<Vec<Inline>> {
    let found = once(text);
    if !found.iter().any(|inline| matches!(inline, Inline::Link { .. })) {
        return Some(found);
    }
    let mut out = Vec::with_capacity(found.len());
    for inline in found {
        match inline {
            Inline::Text(rest) if may_have_link(&rest) => out.extend(settled(&rest, again.checked_sub(1)?)?),
            other => out.push(other),
        }
    }
    Some(out)
}

fn once(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    for span in FINDER.spans(text) {
        let words = span.as_str();
        let url = match span.kind() {
            Some(LinkKind::Url) => linkable(words).map(|url| url.into_owned()),
            Some(LinkKind::Email) => linkable(&format!("mailto:{words}")).map(|url| url.into_owned()),
            _ => None,
        };
        match url {
            Some(url) => out.push(link(url, words)),
            None if has_www(words) => bare(words, &mut out),
            None => push_text(words, &mut out),
        }
    }
    out
}

/// `www.example.org` without a scheme, which browsers try by https first.
fn bare(text: &str, out: &mut Vec<Inline>) {
    for span in BARE_FINDER.spans(text) {
        let words = span.as_str();
        let begins = words.get(..WWW.len()).is_some_and(|start| start.eq_ignore_ascii_case(WWW));
        let is_site = begins && words.get(WWW.len()..).is_some_and(has_domain);
        let url = match span.kind() {
            Some(LinkKind::Url) if is_site => linkable(&format!("https://{words}")).map(|url| url.into_owned()),
            _ => None,
        };
        match url {
            Some(url) => out.push(link(url, words)),
            None => push_text(words, out),
        }
    }
}

/// `example.org/x`; not the `log` of a file named `www.log`.
fn has_domain(rest: &str) -> bool {
    rest.split(['/', '?', '#', ':']).next().is_some_and(|host| host.contains('.'))
}

fn link(url: String, words: &str) -> Inline {
    Inline::Link { url, content: vec![Inline::Text(words.to_owned())] }
}

fn push_text(words: &str, out: &mut Vec<Inline>) {
    match out.last_mut() {
        Some(Inline::Text(last)) => last.push_str(words),
        _ => out.push(Inline::Text(words.to_owned())),
    }
}
