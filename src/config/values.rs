//! What a single value must be like. No message repeats the value: it may hold a secret or a person's address.

use std::net::IpAddr;

use ruma::{OwnedServerName, OwnedUserId, RoomVersionId, ServerName, UserId};
use url::Url;

use super::{
    LogFormat,
    problem::{Wrong, wrong},
};

/// Secrets shorter than this could be guessed.
const SECRET_MIN_CHARS: usize = 16;
/// How long a name of ours may be; Matrix allows 255 bytes for the whole id.
const LOCALPART_MAX_BYTES: usize = 64;
/// Markdown of a building block.
const BODY_MAX_BYTES: usize = 6 * 1024;
/// Room versions whose rules of redaction and power we know.
const ROOM_VERSIONS: [&str; 3] = ["10", "11", "12"];

/// A base address without a path, as of the homeserver or of ourselves.
pub fn origin_url(text: &str) -> Result<Url, Wrong> {
    let url = base_url(text)?;
    if url.path() != "/" {
        return wrong("has a path", "leave away what follows the host and port (`/_matrix` is added by itself)");
    }
    Ok(url)
}

/// A base address, perhaps with a path, as of a helpdesk.
pub fn base_url(text: &str) -> Result<Url, Wrong> {
    let mend = "write it like https://host.example.org or http://127.0.0.1:8008";
    let Ok(url) = Url::parse(text) else {
        return wrong("is no URL", mend);
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return wrong("is neither an http nor an https URL", mend);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("holds a user name or password", "leave them away: a token is used instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a part behind `?` or `#`", "leave it away");
    }
    Ok(url)
}

pub fn tracker_url(text: &str) -> Result<Url, Wrong> {
    let url = base_url(text)?;
    if url.path().contains("/REST") {
        return wrong("names the REST interface", "give the address of RT's pages (`/REST/2.0` is added by itself)");
    }
    Ok(url)
}

pub fn server_name(text: &str) -> Result<OwnedServerName, Wrong> {
    if text.contains("://") {
        return wrong(
            "is an address",
            "write the server name alone, as it stands behind the colon in Matrix ids: example.org",
        );
    }
    match ServerName::parse(text) {
        Ok(name) => Ok(name),
        Err(_) => wrong("is no server name", "write it as it stands behind the colon in Matrix ids: example.org"),
    }
}

pub fn room_version(text: &str) -> Result<RoomVersionId, Wrong> {
    match RoomVersionId::try_from(text) {
        Ok(version) if ROOM_VERSIONS.contains(&text) => Ok(version),
        _ => wrong(
            "is a room version that Ticketroom was not tried with",
            "write \"10\", \"11\" or \"12\", or remove the line",
        ),
    }
}

/// Where to listen: an address of this machine, or a name of it.
pub fn hostname(text: &str) -> Result<String, Wrong> {
    let name_ok = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if name_ok || text.parse::<IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    wrong("is no host", "write an IP address like 127.0.0.1 or 0.0.0.0, or a host name, without scheme and port")
}

pub fn appservice_id(text: &str) -> Result<String, Wrong> {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return Ok(text.to_owned());
    }
    wrong("has other signs than letters, digits, `_`, `-` and `.`", "use only these: it becomes part of an address")
}

pub fn user_prefix(text: &str) -> Result<String, Wrong> {
    let text = localpart(text)?;
    if text.len() < 3 || !text.starts_with(|c: char| c == '_' || c.is_ascii_lowercase()) {
        return wrong(
            "is too wide: it would claim accounts of people",
            "write at least three signs, the first a lower-case letter or `_`, like `_desk_`",
        );
    }
    Ok(text)
}

/// The part of a Matrix id between `@` and `:`.
pub fn localpart(text: &str) -> Result<String, Wrong> {
    if text.starts_with('@') || text.contains(':') {
        return wrong("is a whole Matrix id", "write only what stands between `@` and `:`");
    }
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '=' | '-' | '/' | '+');
    if !text.chars().all(allowed) {
        return wrong("has signs that Matrix ids can't have", "use lower-case letters, digits and `. _ = - / +`");
    }
    if text.len() > LOCALPART_MAX_BYTES {
        return wrong("is too long", format!("use at most {LOCALPART_MAX_BYTES} signs"));
    }
    Ok(text.to_owned())
}

pub fn matrix_id(text: &str) -> Result<OwnedUserId, Wrong> {
    match UserId::parse(text) {
        Ok(id) => Ok(id),
        Err(_) => wrong("is no Matrix id", "write it like \"@ada:example.org\", in quotes"),
    }
}

pub fn word(text: &str) -> Result<String, Wrong> {
    if text.chars().any(char::is_control) {
        return wrong("has control characters", "write it in one line of plain text");
    }
    Ok(text.trim().to_owned())
}

/// What a link may lead to.
pub fn link(text: &str) -> Result<String, Wrong> {
    match crate::text::linkable(text) {
        Some(url) => Ok(url.into_owned()),
        None => {
            wrong("is no address that may be linked", "write it like https://host.example.org/page or mailto:a@b.org")
        }
    }
}

/// Where an article is read.
pub fn article_url(text: &str) -> Result<String, Wrong> {
    if !text.contains("{id}") {
        return wrong("has no {id}", "write {id} where the article's number is to stand");
    }
    link(&text.replace("{id}", "1")).map(|_| text.trim().to_owned())
}

/// Words around a link.
pub fn template(text: &str) -> Result<String, Wrong> {
    if !text.contains("{{link}}") {
        return wrong("has no {{link}}", "write {{link}} where the link is to stand");
    }
    body(text)
}

/// Markdown of one message.
pub fn body(text: &str) -> Result<String, Wrong> {
    if text.len() > BODY_MAX_BYTES {
        return wrong("is too long for one message", format!("shorten it to {BODY_MAX_BYTES} bytes"));
    }
    Ok(text.trim().to_owned())
}

/// A token of the appservice, made by `ticketroom generate`.
pub fn own_token(text: &str) -> Result<(), Wrong> {
    sample_secret(text)?;
    if text.chars().count() < SECRET_MIN_CHARS {
        return wrong(
            format!("is shorter than {SECRET_MIN_CHARS} signs and could be guessed"),
            "let `ticketroom generate` make one",
        );
    }
    token(text)
}

/// A token of somebody else's making.
pub fn token(text: &str) -> Result<(), Wrong> {
    sample_secret(text)?;
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return wrong("has blanks or signs that no token has", "copy it again, without blanks and line ends");
    }
    Ok(())
}

pub fn database_uri(text: &str) -> Result<(), Wrong> {
    sample_secret(text)?;
    let mend = "write sqlite:ticketroom.db or postgres://user:password@host/database";
    if text.strip_prefix("sqlite:").is_some_and(|path| !path.trim_start_matches('/').is_empty()) {
        return Ok(());
    }
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return wrong("is neither SQLite nor PostgreSQL", mend);
    }
    match Url::parse(text) {
        Ok(url) if url.path().len() > 1 => Ok(()),
        Ok(_) => wrong("names no database", mend),
        Err(_) => wrong("can't be read as a URL", "write signs like @ and / within the password as %40 and %2F"),
    }
}

pub fn level(text: &str) -> Result<tracing::Level, Wrong> {
    let levels = ["error", "warn", "info", "debug", "trace"];
    match text.parse() {
        Ok(level) if levels.contains(&text) => Ok(level),
        _ => wrong("is no level", format!("write one of {}", levels.join(", "))),
    }
}

pub fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => wrong("is no format of logs", "write text or json"),
    }
}

fn sample_secret(text: &str) -> Result<(), Wrong> {
    if text.contains("CHANGE_ME") {
        return wrong("is still the sample's", "put the real secret here, or its file's name at the key with `_file`");
    }
    Ok(())
}

/// The known word that was probably meant: at most two signs away.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known.map(|it| (distance(word, it), it)).filter(|(distance, _)| *distance <= 2).min().map(|(_, it)| it)
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (y, pair) in b.chars().zip(row.windows(2)) {
            if let (&[replaced, added], Some(&removed)) = (pair, next.last()) {
                next.push((replaced + usize::from(x != y)).min(added + 1).min(removed + 1));
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_recognised() {
        let known = ["as_token", "hs_token", "port"];
        assert_eq!(nearest("as_tokn", known.into_iter()), Some("as_token"));
        assert_eq!(nearest("prot", known.into_iter()), Some("port"));
        assert_eq!(nearest("colour", known.into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
