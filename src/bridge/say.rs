//! Short ways to say something in a room, a thread or under a ghost's name.

use ruma::{OwnedEventId, OwnedRoomId};

use super::view::View;
use crate::model::{
    Block, Effect, FileSpeech, Inline, Lack, MessageId, Person, Place, RichText, Speaker, Speech, SpeechKind, Ticket,
    Topic,
};
use crate::texts::Words;

/// A notice of the bot.
pub fn notice(place: Place, body: impl Into<RichText>) -> Effect {
    Effect::Say(Speech { kind: SpeechKind::Notice, ..speech(place, body.into()) })
}

/// The same, about something of which only the latest is true.
pub fn about(tells: Topic, notice: Effect) -> Effect {
    match notice {
        Effect::Say(speech) => Effect::Say(Speech { tells: Some(tells), ..speech }),
        other => other,
    }
}

/// A notice of the bot at a message.
pub fn reply(place: Place, event: &OwnedEventId, body: &str) -> Effect {
    match notice(place, body) {
        Effect::Say(speech) => Effect::Say(Speech { reply_to: Some(event.clone()), ..speech }),
        other => other,
    }
}

/// A notice of the bot at words that go into a ticket; where they were said again in the room, at those.
pub fn at_words(place: Place, marker: &OwnedEventId, body: &str) -> Effect {
    match reply(place, marker, body) {
        Effect::Say(speech) => Effect::Say(Speech { answers: Some(MessageId::standing_for(marker)), ..speech }),
        other => other,
    }
}

/// The ticket's thread in the desk room.
pub fn thread(ticket: &Ticket) -> Option<Place> {
    Some(Place::Thread { desk: ticket.card_desk.clone()?, root: ticket.card.clone()? })
}

/// A notice in the ticket's thread, if there is one.
pub fn in_thread(ticket: &Ticket, body: &str) -> Option<Effect> {
    thread(ticket).map(|place| notice(place, body))
}

/// A notice of the bot at a message of the helpdesk, once that stands in the room.
pub fn at_message(place: Place, message: Option<&MessageId>, body: &str) -> Effect {
    match notice(place, body) {
        Effect::Say(speech) => Effect::Say(Speech { answers: message.cloned(), ..speech }),
        other => other,
    }
}

/// A person's words: under their ghost's name, or by the bot with the name in front where the ghost may not speak.
pub fn words_of(
    room: OwnedRoomId,
    person: &Person,
    body: RichText,
    by_bot: bool,
    view: &View,
    words: Words<'_>,
) -> Speech {
    let foreign = person.matrix.as_ref().is_some_and(|user| view.settings.agent(user).is_none());
    if by_bot || foreign {
        // A real Matrix user can't be spoken for, and nobody shall stand in the room twice.
        return speech(Place::Room(room), attributed(words, &person.name, body));
    }
    let speaker = Speaker::Ghost { person: person.id.clone(), name: person.name.clone() };
    Speech { speaker, ..speech(Place::Room(room), body) }
}

/// Somebody's words, said by the bot.
pub fn speech(place: Place, body: RichText) -> Speech {
    Speech {
        place,
        speaker: Speaker::Bot,
        kind: SpeechKind::Message,
        body,
        reply_to: None,
        answers: None,
        room_thread: None,
        carries: None,
        replaces: None,
        offer_of: None,
        prepares: None,
        tells: None,
        language: None,
    }
}

/// Whoever carries it out adds a word or two, and knows nobody's language.
pub fn in_their_language(mut effects: Vec<Effect>, view: &View) -> Vec<Effect> {
    let words = view.words();
    if words.code() == view.desk_words().code() {
        return effects;
    }
    for effect in &mut effects {
        if let Effect::Say(Speech { place, language, .. }) | Effect::SayFile(FileSpeech { place, language, .. }) =
            effect
            && matches!(place, Place::Room(_))
        {
            *language = Some(words.code().to_owned());
        }
    }
    effects
}

/// The words, and what of them is to be seen in the helpdesk alone.
pub fn whole(body: &RichText, lacks: Option<Lack>, words: Words<'_>) -> RichText {
    let mut body = body.clone();
    if let Some(lack) = lacks {
        let text = match lack {
            Lack::Rest => words.rest_in_ticket(),
            Lack::Picture => words.picture_in_ticket(),
        };
        body.blocks.extend(RichText::plain(&text).blocks);
    }
    body
}

/// The name in front, the words as a quote.
pub fn attributed(words: Words<'_>, name: &str, body: RichText) -> RichText {
    let head = Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(words.wrote(name))])]);
    RichText { blocks: vec![head, Block::Quote(body.blocks)] }
}

/// A marker in the shape of an event id for what no event stands behind.
pub fn marker(kind: &str, ticket: &str, message: &str) -> ruma::OwnedEventId {
    let clean = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>();
    let id = format!("$ticketroom-{kind}-{}-{}", clean(ticket), clean(message));
    ruma::OwnedEventId::try_from(id).unwrap_or_else(|_| ruma::owned_event_id!("$ticketroom-report"))
}
