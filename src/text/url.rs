//! Which addresses may stand behind a link.

use std::borrow::Cow;

use url::Url;

/// Longer ones are tracking or an attempt to fill the event.
const URL_BYTES_MAX: usize = 4096;

/// The address if it may be linked: http, https or mailto, without a user name that could pass for a host.
pub fn linkable(address: &str) -> Option<Cow<'_, str>> {
    // Browsers ignore these at the ends, and line breaks and tabs anywhere: so must the check.
    let address = address.trim_matches(|c: char| c <= ' ');
    if address.is_empty() || address.len() > URL_BYTES_MAX {
        return None;
    }
    let parsed = Url::parse(address).ok()?;
    match parsed.scheme() {
        "http" | "https" if parsed.username().is_empty() && parsed.password().is_none() => {}
        "mailto" if parsed.cannot_be_a_base() && parsed.path().contains('@') => {}
        _ => return None,
    }
    // As it was written where that is unambiguous: people compare addresses by eye.
    if has_plain_start(address) && address.chars().all(is_harmless) {
        return Some(Cow::Borrowed(address));
    }
    let normal = String::from(parsed);
    (normal.len() <= URL_BYTES_MAX && normal.chars().all(is_harmless)).then_some(Cow::Owned(normal))
}

/// Whether it is a matrix.to link to a user, which is how clients write a mention.
pub fn is_mention(address: &str) -> bool {
    mentioned(address).is_some()
}

/// The user whom a matrix.to link mentions.
pub fn mentioned(address: &str) -> Option<String> {
    let target = address.trim().strip_prefix("https://matrix.to/#/")?;
    let target = target.split(['?', '/']).next()?.replace("%40", "@").replace("%3A", ":").replace("%3a", ":");
    target.starts_with('@').then_some(target)
}

fn has_plain_start(address: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|start| {
        let found = address.get(..start.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(start))
            && !address.get(start.len()..).unwrap_or("/").starts_with('/')
    })
}

fn is_harmless(c: char) -> bool {
    !c.is_whitespace() && !super::chars::is_invisible(c) && !matches!(c, '\\' | '"' | '\'' | '<' | '>' | '`')
}
