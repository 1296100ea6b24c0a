//! What a message answers, in front of its words, wherever they go into a ticket: a helpdesk shows no threads of answers.

use super::manner;
use super::view::View;
use crate::model::{Answered, Effect, Fact, RichText, Said};

/// The place in an effect where the words of this message go on into a ticket; `None`: they don't.
pub fn words_in<'e>(effect: &'e Effect, said: &Said) -> Option<&'e RichText> {
    match effect {
        Effect::Post { marker, body, .. } | Effect::CreateTicket { marker, body, .. } if *marker == said.event => {
            Some(body)
        }
        Effect::Tell { fact, .. } => match &**fact {
            Fact::SaidAtDoor(told) if told.event == said.event => Some(&told.body),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a message has no words of its own: none, or what its file answered alone.
pub fn is_wordless(body: &RichText) -> bool {
    body.is_empty() || matches!(body.blocks.as_slice(), [block] if manner::is_quote(block))
}

/// The room itself shows what is answered; the ticket gets a short quote.
pub fn put_before(effect: &mut Effect, said: &Said, answered: &Answered, view: &View) {
    if words_in(effect, said).is_none() {
        return;
    }
    let body = match effect {
        // Our own greeting at the door is no part of the matter.
        Effect::CreateTicket { .. } if view.settings.is_ours(&answered.sender) => return,
        Effect::Post { body, .. } | Effect::CreateTicket { body, .. } => body,
        Effect::Tell { fact, .. } => match &mut **fact {
            Fact::SaidAtDoor(told) => &mut told.body,
            _ => return,
        },
        _ => return,
    };
    body.blocks.insert(0, manner::quote(answered, view));
}
