//! Mentions become names: nobody reads `@anna:example.org` where "Anna" is meant.

use super::url::mentioned;
use crate::model::{Block, Inline, RichText};

/// Shows users by the names given with their ids, where they are written as ids or as bare links.
pub fn name_mentions(mut text: RichText, names: &[(String, String)]) -> RichText {
    blocks(&mut text.blocks, names);
    text
}

fn blocks(list: &mut [Block], names: &[(String, String)]) {
    for block in list {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => inlines(content, names),
            Block::List { items, .. } => items.iter_mut().for_each(|item| blocks(item, names)),
            Block::Quote(content) => blocks(content, names),
            Block::Table { rows, .. } => rows.iter_mut().flatten().for_each(|cell| inlines(cell, names)),
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn inlines(list: &mut [Inline], names: &[(String, String)]) {
    for inline in list {
        match inline {
            Inline::Text(text) => *text = named(text, names),
            Inline::Link { url, content } => {
                if let Some(name) = mentioned(url).and_then(|id| name_of(&id, names)) {
                    *inline = Inline::Text(name.to_owned());
                } else {
                    inlines(content, names);
                }
            }
            Inline::Bold(content)
            | Inline::Italic(content)
            | Inline::Strike(content)
            | Inline::Underline(content)
            | Inline::Spoiler(content) => inlines(content, names),
            Inline::Code(_) | Inline::Break => {}
        }
    }
}

fn name_of<'a>(id: &str, names: &'a [(String, String)]) -> Option<&'a str> {
    names.iter().find(|(known, _)| known == id).map(|(_, name)| name.as_str())
}

/// The same in plain text. Ids as whole words; `@anna:hs.org` in `@anna:hs.organic` is somebody else.
pub fn named(text: &str, names: &[(String, String)]) -> String {
    let mut out = text.to_owned();
    for (id, name) in names {
        if !out.contains(id.as_str()) {
            continue;
        }
        let mut replaced = String::with_capacity(out.len());
        let mut rest = out.as_str();
        while let Some((before, after)) = rest.split_once(id.as_str()) {
            replaced.push_str(before);
            let goes_on = after.starts_with(|c: char| c.is_alphanumeric() || c == '-')
                || after.strip_prefix(['.', ':']).is_some_and(|next| next.starts_with(char::is_alphanumeric));
            let begun_before = before.ends_with(|c: char| c.is_alphanumeric() || c == '/');
            replaced.push_str(if goes_on || begun_before { id } else { name });
            rest = after;
        }
        replaced.push_str(rest);
        out = replaced;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{from_html, from_markdown, to_plain};
    use super::*;

    fn names() -> Vec<(String, String)> {
        vec![("@anna:hs.org".to_owned(), "Anna".to_owned()), ("@b:hs.org".to_owned(), "Bert".to_owned())]
    }

    #[test]
    fn ids_and_links_of_who_is_mentioned_become_names() {
        for (typed, shown) in [
            ("ask @anna:hs.org.", "ask Anna."),
            ("@anna:hs.org, @b:hs.org: look", "Anna, Bert: look"),
            ("@anna:hs.organic and x@b:hs.org", "@anna:hs.organic and x@b:hs.org"),
            ("@anna:hs.org:8448", "@anna:hs.org:8448"),
            ("https://matrix.to/#/@anna:hs.org said", "Anna said"),
            ("[Annie](https://matrix.to/#/@anna:hs.org) said", "Annie said"),
            ("`@anna:hs.org`", "`@anna:hs.org`"),
        ] {
            assert_eq!(to_plain(&name_mentions(from_markdown(typed), &names())), shown, "{typed}");
        }
    }

    #[test]
    fn a_spoiler_survives_the_helpdesk_and_is_typed_with_bars() {
        use super::super::{Flavour, Origin, from_reply_html, to_html};
        let typed = from_markdown("Who? ||The *pump*|| did");
        let html = "Who? <span data-mx-spoiler>The <em>pump</em></span> did";
        assert_eq!(to_html(&typed, Flavour::Matrix), html);
        let back = from_reply_html(&to_html(&typed, Flavour::Helpdesk), Origin::Page);
        assert_eq!(to_html(&back, Flavour::Matrix), html);
        let reason = from_html("<span data-mx-spoiler=\"ending\">all die</span>");
        assert_eq!(to_html(&reason, Flavour::Matrix), "(ending) <span data-mx-spoiler>all die</span>");
        assert_eq!(to_plain(&from_markdown("a || b, c || d")), "a || b, c || d");
    }

    #[test]
    fn a_mention_is_one_however_its_address_is_broken_into_lines() {
        let html = "<a href=\"https://m\n\natrix.to/#/@anna:hs.org\">Anna</a>";
        assert_eq!(super::super::to_html(&from_html(html), super::super::Flavour::Matrix), "Anna");
    }

    #[test]
    fn a_pill_that_shows_an_id_shows_the_name() {
        let html = "<a href=\"https://matrix.to/#/@anna:hs.org\">@anna:hs.org</a>: <b>@b:hs.org</b>";
        assert_eq!(to_plain(&name_mentions(from_html(html), &names())), "Anna: Bert");
    }
}
