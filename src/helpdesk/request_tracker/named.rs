//! Which messages a mail's headers say that it answers.

/// As long as Request Tracker's database keeps ids.
const ID_BYTES_MAX: usize = 160;

/// An id that Request Tracker made for something it sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SentId {
    /// The part that all mails about one message share.
    pub start: String,
    pub seconds: i64,
    pub ticket: u64,
}

/// The id of a message that another one answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    Sent(SentId),
    /// Given by somebody's mail program, without its brackets.
    Mail(String),
}

impl Named {
    pub fn mail(&self) -> Option<&str> {
        match self {
            Self::Mail(id) => Some(id),
            Self::Sent(_) => None,
        }
    }
}

/// What is answered first, then what that answered.
pub(super) fn named(headers: &str) -> Vec<Named> {
    let of = |name: &str| header(headers, name).unwrap_or_default();
    let (answered, past) = (of("In-Reply-To"), of("References"));
    let ids = answered.split_whitespace().chain(past.split_whitespace().rev());
    let mail = |id| mail_id(id).map(|id| Named::Mail(id.to_owned()));
    ids.filter_map(|id| sent_id(id).map(Named::Sent).or_else(|| mail(id))).collect()
}

/// Whether it came as a mail: what is written in Request Tracker's own pages has one of its ids, or none.
pub(super) fn is_mail(headers: &str) -> bool {
    header(headers, "Message-ID").is_some_and(|id| sent_id(&id).is_none())
}

/// When what these headers answer was sent, and about which ticket.
pub(super) fn sent(headers: &str) -> Vec<(i64, u64)> {
    let sent = |id| if let Named::Sent(id) = id { Some((id.seconds, id.ticket)) } else { None };
    named(headers).into_iter().filter_map(sent).collect()
}

/// An id as it stands in a mail's headers, without its brackets.
pub(super) fn mail_id(id: &str) -> Option<&str> {
    let id = id.strip_prefix('<')?.strip_suffix('>')?;
    // Request Tracker names the ticket itself in all mails about it.
    let is_one = !id.is_empty() && id.len() <= ID_BYTES_MAX && !id.starts_with("RT-Ticket-");
    is_one.then_some(id)
}

fn sent_id(id: &str) -> Option<SentId> {
    let id = id.strip_prefix('<').unwrap_or(id);
    // Versions have points, too.
    let (local, _) = id.strip_prefix("rt-").and_then(|_| id.split_once('@'))?;
    let (start, rest) = local.rsplit_once('.')?;
    let mut parts = start.rsplit('-');
    let _random: u64 = parts.next()?.parse().ok()?;
    let seconds = parts.next()?.parse().ok()?;
    let ticket = rest.split('-').next()?.parse().ok()?;
    Some(SentId { start: start.to_owned(), seconds, ticket })
}

/// A header's value with its further lines.
pub(super) fn header(headers: &str, name: &str) -> Option<String> {
    let mut lines = headers.lines();
    let first = lines.find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then_some(value)
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    let value = std::iter::once(first).chain(more).map(str::trim).collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_known_by_the_start_of_its_id() {
        let headers = "Subject: Re: x\nReferences: <RT-Ticket-7@example.org> <a@b>\n <rt-5.0.3-11-1700000000-5.7-3-1@ex.org>\n\
            In-Reply-To: <rt-5.0.3-12-1700000099-88.7-4-2@ex.org>\nX: y";
        let id = |start: &str, seconds, ticket| Named::Sent(SentId { start: start.to_owned(), seconds, ticket });
        let expected = [
            id("rt-5.0.3-12-1700000099-88", 1_700_000_099, 7),
            id("rt-5.0.3-11-1700000000-5", 1_700_000_000, 7),
            Named::Mail("a@b".to_owned()),
        ];
        assert_eq!(named(headers), expected);
        for strange in ["", "In-Reply-To: x@y", "In-Reply-To: rt-@", "In-Reply-To: <>\n\n<rt-1-2-3.4@d>"] {
            assert_eq!(named(strange), [], "{strange}");
        }
    }

    #[test]
    fn a_mail_is_known_by_an_id_of_elsewhere() {
        for (headers, expected) in [
            ("Subject: x\nMessage-ID: <a@b>", true),
            ("RT-Message-ID: <rt-5.0.3-11-1700000000-5.7-0-0@ex.org>", false),
            ("Message-ID: <rt-5.0.3-11-1700000000-5.7-0-0@ex.org>", false),
            ("", false),
        ] {
            assert_eq!(is_mail(headers), expected, "{headers}");
        }
    }

    #[test]
    fn an_id_stands_in_brackets_and_is_not_the_tickets() {
        assert_eq!(mail_id("<1@example.org>"), Some("1@example.org"));
        let long = format!("<{}>", "x".repeat(161));
        for strange in ["", "<>", "1@example.org", "<1@example.org", "<RT-Ticket-7@example.org>", &long] {
            assert_eq!(mail_id(strange), None, "{strange}");
        }
    }
}
