//! Mails, as a mail gateway hands them over: they open tickets, and answer what has an id of a mail.

use super::{MemoryHelpdesk, PUBLIC};
use crate::model::{Answers, DeskId, Failure, MessageId, Person, RichText, TicketId};

/// What a mail program makes.
pub struct Mail<'a> {
    pub from: Person,
    /// Whether the sender works in the helpdesk.
    pub by_agent: bool,
    /// `None`: it opens one.
    pub ticket: Option<&'a TicketId>,
    pub id: &'a str,
    /// What it answers, then what that answered.
    pub answers: &'a [&'a str],
    pub subject: &'a str,
    pub text: &'a str,
}

/// A message that came as a mail, by that one's id.
pub(super) struct Known {
    pub id: String,
    ticket: TicketId,
    /// `None`: it opened the ticket.
    message: Option<MessageId>,
    from: Person,
}

impl MemoryHelpdesk {
    /// The ticket that it went into.
    pub fn mail(&self, mail: &Mail<'_>) -> Result<TicketId, Failure> {
        let mut state = self.state();
        let body = RichText::plain(mail.text);
        let known = |ticket: &TicketId, message| Known {
            id: mail.id.to_owned(),
            ticket: ticket.clone(),
            message,
            from: mail.from.clone(),
        };
        let Some(ticket) = mail.ticket else {
            let ticket = state.open(&DeskId::new("1"), mail.from.clone(), mail.subject, &body, None)?;
            state.mails.push(known(&ticket, None));
            return Ok(ticket);
        };
        let find = |id: &&str| state.mails.iter().find(|known| known.id == *id && known.ticket == *ticket);
        let answers = mail.answers.iter().find_map(find).and_then(|answered| match &answered.message {
            // Who writes on after their own first mail answers nobody.
            None if answered.from.id == mail.from.id => None,
            None => Some(Answers { message: MessageId::opening(), visibility: PUBLIC, marker: None }),
            Some(message) => Some(Answers { message: message.clone(), visibility: PUBLIC, marker: None }),
        });
        let message = state.write(ticket, mail.from.clone(), mail.by_agent, PUBLIC, body, None)?;
        state.set_answers(&message, answers);
        state.mails.push(known(ticket, Some(message)));
        Ok(ticket.clone())
    }
}
