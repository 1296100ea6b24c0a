//! What people type: Markdown, `[[address | words]]`, `{{variables}}`, bare addresses.

use ticketroom::model::{Inline, RichText};
use ticketroom::text::{
    Flavour, bracket_links, fill, from_markdown, from_plain, linkable, linkify, name_mentions, to_html, value,
};

use super::html::written;
use crate::parts;

/// Markup of every kind that somebody could have as a name.
const NAME: &str = "*Eve* <b> [[https://evil.invalid | x]] {{agent.name}} https://evil.invalid";

/// The address of what we fill in.
const OURS: &str = "https://filled-in.invalid";

pub fn check(data: &[u8]) {
    let [typed, name] = parts::<2>(data);
    let text = from_markdown(&typed);
    written(&text);
    // Where addresses touch, looking twice may find one more; it is as harmless.
    written(&linkify(text.clone()));
    let text = bracket_links(&text).unwrap_or(text);
    written(&text);
    let values = |wanted: &str| match wanted {
        "customer.name" => value(&name),
        "agent.name" => value(NAME),
        "link" => Some(vec![Inline::Link { url: OURS.to_owned(), content: value("here")? }]),
        _ => None,
    };
    // What is filled in stands among what was typed, and may have been typed as well.
    let theirs = |text: &RichText| links(text).into_iter().filter(|(url, _)| url != OURS).collect::<Vec<_>>();
    let before = theirs(&text);
    let (filled, _) = fill(text, &values);
    // Of names nothing becomes a link, and none of ours leads to another host.
    let after = theirs(&filled);
    assert_eq!(before.len(), after.len(), "a name became a link, or a link went");
    for ((was, _), (is, _)) in before.iter().zip(&after) {
        assert_eq!(host(was), host(is), "{was} became {is}");
    }
    if let Err(wrong) = crate::strict_html::check(&to_html(&filled, Flavour::Matrix)) {
        panic!("{wrong}, filled in");
    }
    let plain = from_plain(&typed);
    written(&plain);
    written(&name_mentions(plain, &[("@ada:hs.test".to_owned(), "Ada".to_owned())]));
    if let Some(url) = linkable(&typed) {
        assert!(linkable(&url).is_some_and(|again| again == url), "{url}");
    }
}

fn links(text: &RichText) -> Vec<(String, String)> {
    let html = to_html(text, Flavour::Matrix);
    html.split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(url, rest)| (url.to_owned(), rest.to_owned()))
        .collect()
}

fn host(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}
