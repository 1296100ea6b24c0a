//! Files: said in the room after the words that they came with, and what is said of those that may not be carried.

use ruma::OwnedEventId;

use super::say;
use super::view::View;
use crate::model::{
    Author, Block, Effect, File, FileKind, FileSource, FileSpeech, Inline, MessageId, Place, Refusal, RichText,
    Speaker, Speech, Ticket, TicketId, Visibility,
};
use crate::texts::Words;

/// Clients show what is longer as a text of its own better than beneath a picture.
const CAPTION_CHARS_MAX: usize = 400;

/// The event that a message answers, or the helpdesk's message where no event stands for it yet.
type Answered = (Option<OwnedEventId>, Option<MessageId>);

/// What a message's words and files become: text first, then the files in their order; a picture with a few words is one
/// event, as in Matrix.
pub fn with_words(
    words: Speech,
    author: &str,
    is_empty: bool,
    files: &[File],
    carries: Option<(TicketId, MessageId)>,
) -> Vec<Effect> {
    let say = |speech: Speech| Effect::Say(Speech { carries: carries.clone(), ..speech });
    if files.is_empty() {
        return vec![say(words)];
    }
    let file = |file: &File, caption: RichText, (reply_to, answers): Answered| {
        Effect::SayFile(FileSpeech {
            reply_to,
            answers,
            room_thread: words.room_thread.clone(),
            place: words.place.clone(),
            speaker: words.speaker.clone(),
            file: file.clone(),
            caption,
            carries: carries.clone(),
            language: None,
        })
    };
    if let ([only], false) = (files, is_empty)
        && fits_beneath(only, &words.body)
    {
        return vec![file(only, words.body.clone(), (words.reply_to.clone(), words.answers.clone()))];
    }
    let mut effects = Vec::new();
    let mut answered = (words.reply_to.clone(), words.answers.clone());
    if !is_empty {
        effects.push(say(words.clone()));
        answered = Answered::default();
    }
    // Whose they are has to be said with the first one, where the bot speaks.
    let mut caption = if is_empty && words.speaker == Speaker::Bot { named(author) } else { RichText::default() };
    for one in files {
        effects.push(file(one, std::mem::take(&mut caption), std::mem::take(&mut answered)));
    }
    effects
}

fn named(author: &str) -> RichText {
    RichText { blocks: vec![Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(format!("{author}:"))])])] }
}

fn fits_beneath(file: &File, body: &RichText) -> bool {
    let is_seen = matches!(file.kind, FileKind::Image | FileKind::Video);
    is_seen && body.blocks.len() <= 2 && crate::text::to_plain(body).chars().count() <= CAPTION_CHARS_MAX
}

/// A file of the effect may not be carried: what is said of it. What else there is of the effect was done.
pub fn not_carried(effect: &Effect, index: usize, why: &Refusal, view: &View) -> Vec<Effect> {
    let Some(file) = effect.files().get(index) else { return Vec::new() };
    let name = crate::text::file_name(&file.name);
    let told = |place: Place, marker: &OwnedEventId, words: Words<'_>| {
        vec![say::at_words(place, marker, &words.file_not_passed_on(name.as_str(), reason(why, words)))]
    };
    match effect {
        Effect::Post { from: Some(place), marker, .. } => told(place.clone(), marker, view.words_at(place)),
        Effect::CreateTicket { room, marker, .. } => told(Place::Room(room.id.clone()), marker, view.words()),
        // What was written in Matrix still stands there, file and all.
        Effect::SayFile(speech) if !speech.takes_the_place_of_an_event() => not_shown(speech, &name, why, view),
        _ => Vec::new(),
    }
}

/// What is left of an effect that was not done because of this file.
pub fn rest(effect: &Effect, index: usize) -> Option<Effect> {
    if let Effect::SayFile(speech) = effect {
        return speech.words_alone().map(Effect::Say);
    }
    let mut effect = effect.clone();
    let (Effect::Post { files, body, .. } | Effect::CreateTicket { files, body, .. }) = &mut effect else {
        return None;
    };
    if index < files.len() {
        files.remove(index);
    }
    let is_empty = files.is_empty() && body.is_empty();
    (!is_empty).then_some(effect)
}

/// The file's name in its place, and the reason where the agents see it.
fn not_shown(speech: &FileSpeech, name: &str, why: &Refusal, view: &View) -> Vec<Effect> {
    let text = |words: Words<'_>| words.file_not_shown(name, reason(why, words));
    let message = speech.carries.as_ref().map(|(_, message)| message);
    let mut effects = vec![say::at_message(speech.place.clone(), message, &text(view.words_at(&speech.place)))];
    if matches!(speech.place, Place::Room(_)) {
        effects.extend(view.ticket.as_ref().and_then(|ticket| say::in_thread(ticket, &text(view.desk_words()))));
        effects.extend(view.ticket.as_ref().and_then(|ticket| told_in_helpdesk(speech, name, why, ticket, view)));
    }
    effects
}

/// Whoever attached it there may never look into a room.
fn told_in_helpdesk(speech: &FileSpeech, name: &str, why: &Refusal, ticket: &Ticket, view: &View) -> Option<Effect> {
    let FileSource::Helpdesk { message, file } = &speech.file.source else { return None };
    let words = view.desk_words();
    Some(Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author: Author::Bridge,
        visibility: Visibility::Internal,
        body: RichText::plain(&words.file_not_shown_to_customer(name, reason(why, words))),
        files: Vec::new(),
        marker: say::marker("file", message.as_str(), file),
        from: None,
    })
}

fn reason(why: &Refusal, words: Words<'_>) -> String {
    match why {
        Refusal::TooLarge { max_bytes } => words.file_too_large(size(*max_bytes)),
        Refusal::NotAllowed { what } if what.is_empty() => words.file_unknown(),
        Refusal::NotAllowed { what } => words.file_not_allowed(words.file_type_name(what.as_str())),
        Refusal::Disguised { what, named } if what.is_empty() => words.file_disguised_unknown(named.as_str()),
        Refusal::Disguised { what, named } => words.file_disguised(words.file_type_name(what.as_str()), named.as_str()),
        Refusal::TooManyPixels => words.file_too_many_pixels(),
        Refusal::Empty => words.file_empty(),
        Refusal::Gone => words.file_gone(),
        Refusal::NotHandedOver => words.file_not_handed_over(),
    }
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{} KiB", bytes.div_ceil(1024)) }
}
