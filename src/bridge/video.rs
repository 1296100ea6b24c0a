//! Video sessions: opened by the ticket's owner, wished for by customers, followed by who is in the call, ended by hand or
//! with the ticket.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};

use super::offer::ACCEPT;
use super::view::View;
use super::{away, door, offer, say};
use crate::model::{
    Agent, Author, Block, Effect, Inline, Place, Provider, RichText, Said, Session, SessionState, Settings, Speech,
    SpeechKind, Ticket, Visibility,
};
use crate::video::Home;
use crate::{text, video};

/// Call memberships that are remembered of one session.
const PRESENT_MAX: usize = 50;

/// Why there are no video sessions for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    Organisation,
    Desk,
    Template,
    Device,
}

impl Off {
    /// As the texts know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Desk => "desk",
            Self::Template => "template",
            Self::Device => "device",
        }
    }
}

/// Whether a session may be opened for this ticket, and where.
pub fn allowed<'a>(settings: &'a Settings, ticket: &Ticket) -> Result<&'a Provider, Off> {
    let Some(provider) = &settings.video.provider else { return Err(Off::Organisation) };
    let (off, snapshot) = (&settings.video.off_for, &ticket.snapshot);
    if off.desks.iter().any(|desk| *desk == snapshot.desk_name || desk == snapshot.desk.as_str()) {
        return Err(Off::Desk);
    }
    if let Some(name) = &snapshot.template {
        let without = settings.templates.iter().any(|template| template.name == *name && !template.video);
        if without || off.templates.contains(name) {
            return Err(Off::Template);
        }
    }
    match &snapshot.device {
        Some(device) if off.devices.contains(device) => Err(Off::Device),
        _ => Ok(provider),
    }
}

/// `!video` of an agent, or ✅ at a customer's wish; `cause` is that event.
pub fn open(agent: &Agent, ticket: &Ticket, cause: &OwnedEventId, view: &View) -> Vec<Effect> {
    let (words, settings) = (view.words_for(&agent.matrix), &view.settings);
    let tell = |text: String| -> Vec<Effect> { say::in_thread(ticket, &text).into_iter().collect() };
    let provider = match allowed(settings, ticket) {
        Ok(provider) => provider,
        Err(off) => return tell(words.video_off(off.as_str())),
    };
    if let Some(into) = &ticket.snapshot.merged_into {
        return tell(words.merged_in_thread(&into.number));
    }
    if ticket.snapshot.status.closed {
        return tell(words.is_closed());
    }
    let Some(room) = &ticket.room else { return Vec::new() };
    let kind = kind(provider);
    let agents_link = |session: &Session, head: String| {
        let url = video::agent_url(provider, &session.name, &session.url, &agent.name, view.now_ms);
        say::thread(ticket).map(|place| say::notice(place, link(head, url, words.video_join())))
    };
    if let Some(mut session) = ticket.video.clone().filter(Session::is_open) {
        session.expire(view.now_ms);
        return agents_link(&session, words.video_is_open(session_word(&session), kind)).into_iter().collect();
    }
    let name = video::name(&settings.video.key, &ticket.snapshot.id, cause);
    let home = Home { room, server: &settings.server };
    let url = video::public_url(provider, &name, home, view.now_ms);
    let lasting = video::lasting_url(provider, &name, &url).into_owned();
    let session = Session {
        name,
        url: url.clone(),
        opened: cause.clone(),
        state: SessionState::Open,
        present: Vec::new(),
        expiring: Vec::new(),
        used: false,
    };
    let title = view.words().video_title();
    let widget = video::widget(provider, &session.name, &url, home, title.clone());
    let mut after = ticket.clone();
    let mut effects = away::call(&mut after);
    effects.extend([
        invitation(room, title, view.words().video_invitation(&agent.name, kind), &url, view.words().video_join()),
        Effect::SetWidget { room: room.clone(), widget: Some(widget) },
    ]);
    effects.extend(agents_link(&session, words.video_opened()));
    effects.push(Effect::AttachLink { ticket: ticket.snapshot.id.clone(), url: lasting });
    let author = Author::Agent { login: agent.login.clone(), name: agent.name.clone() };
    let body = link(view.desk_words().video_opened_comment(), url, view.desk_words().video_join());
    effects.push(comment(ticket, author, body, cause.clone()));
    after.video = Some(session);
    after.forget_wishes();
    effects.push(Effect::RememberTicket(Box::new(after)));
    effects
}

/// What is seen of the session in another room that the ticket goes on in.
pub fn shown_in(room: &OwnedRoomId, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let (Some(session), Some(provider)) =
        (ticket.video.as_ref().filter(|session| session.is_open()), &view.settings.video.provider)
    else {
        return Vec::new();
    };
    let (home, title) = (Home { room, server: &view.settings.server }, view.words().video_title());
    // A signed one lasts for half a day, and the session may be older.
    let url = video::guest_url(provider, &session.name, view.now_ms).unwrap_or_else(|| session.url.clone());
    let widget = video::widget(provider, &session.name, &url, home, title.clone());
    let mut effects = vec![
        Effect::SetWidget { room: room.clone(), widget: Some(widget) },
        say::notice(Place::Room(room.clone()), link(title, url.clone(), view.words().video_join())),
    ];
    if is_room_call(provider) {
        // The link of before leads into the call of the room of before.
        effects.push(Effect::AttachLink { ticket: ticket.snapshot.id.clone(), url });
    }
    effects
}

/// `!video end`.
pub fn end(agent: &Agent, ticket: &Ticket, cause: &OwnedEventId, view: &View) -> Vec<Effect> {
    let mut after = ticket.clone();
    let author = Author::Agent { login: agent.login.clone(), name: agent.name.clone() };
    let effects = ended(&mut after, author, cause.clone(), view);
    if effects.is_empty() {
        let text = view.words_for(&agent.matrix).video_none();
        return say::in_thread(ticket, &text).into_iter().collect();
    }
    effects.into_iter().chain([Effect::RememberTicket(Box::new(after))]).collect()
}

/// The ticket was closed: its session ends with it, and what was wished for in it is granted no more.
pub fn end_with_ticket(ticket: &mut Ticket, view: &View) -> Vec<Effect> {
    ticket.forget_wishes();
    let Some(session) = &ticket.video else { return Vec::new() };
    // In the shape of an event id, for what no event stands behind.
    let marker = OwnedEventId::try_from(format!("$ticketroom-video-end-{}", &*session.name));
    let marker = marker.unwrap_or_else(|_| session.opened.clone());
    ended(ticket, Author::Bridge, marker, view)
}

/// Empty: there was none.
fn ended(ticket: &mut Ticket, author: Author, marker: OwnedEventId, view: &View) -> Vec<Effect> {
    ticket.forget_wishes();
    let Some(session) = ticket.video.as_mut().filter(|session| session.is_open()) else { return Vec::new() };
    // Who joins by a link is seen by the provider alone; in the room's own call nobody seen is nobody there.
    let is_seen = view.settings.video.provider.as_ref().is_some_and(is_room_call);
    session.state = if session.used || !is_seen { SessionState::Done } else { SessionState::Cancelled };
    (session.present, session.expiring) = (Vec::new(), Vec::new());
    let word = session_word(session);
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let mut effects = vec![
        Effect::SetWidget { room: room.clone(), widget: None },
        say::notice(Place::Room(room), view.words().video_ended().as_str()),
    ];
    effects.extend(say::in_thread(ticket, &view.desk_words().video_ended_in_thread(word)));
    effects.push(comment(ticket, author, text::from_plain(&view.desk_words().video_ended_in_thread(word)), marker));
    effects
}

/// Whether `!video` of a customer leads to anything: to the open session's link, or to a wish that an agent reads.
pub fn may_wish(ticket: &Ticket, view: &View) -> bool {
    let is_open = ticket.video.as_ref().is_some_and(Session::is_open);
    let may_ask = view.settings.video.customers_may_ask && say::thread(ticket).is_some();
    !ticket.snapshot.status.closed && allowed(&view.settings, ticket).is_ok() && (is_open || may_ask)
}

/// `!video` of a customer.
pub fn wished(said: &Said, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let words = view.words_for(&said.sender);
    let here = Place::Room(said.room.clone());
    let answer = |text: String| vec![say::reply(here.clone(), &said.event, &text)];
    if let Err(off) = allowed(&view.settings, ticket) {
        return answer(words.video_off(off.as_str()));
    }
    if let Some(session) = ticket.video.as_ref().filter(|session| session.is_open()) {
        let provider = view.settings.video.provider.as_ref();
        let url = provider.and_then(|provider| video::guest_url(provider, &session.name, view.now_ms));
        let url = url.unwrap_or_else(|| session.url.clone());
        return vec![say::notice(here, link(words.video_title(), url, words.video_join()))];
    }
    if !view.settings.video.customers_may_ask {
        return answer(words.video_not_for_customers());
    }
    let Some(place) = say::thread(ticket) else { return answer(words.video_not_for_customers()) };
    let body = RichText::plain(&view.desk_words().video_wish(view.name_of(&said.sender)));
    let speech = Speech { kind: SpeechKind::Notice, ..say::speech(place, body) };
    let mut effects = vec![Effect::AskForVideo { ticket: ticket.snapshot.id.clone(), speech }];
    let owner = ticket.snapshot.owner.as_ref();
    if owner.is_some_and(|owner| view.settings.agent_by_login(&owner.login).is_none()) {
        // Whoever works in the helpdesk alone does not see the thread.
        let body = text::from_plain(&view.desk_words().video_wish_comment(view.name_of(&said.sender)));
        let mut wish = comment(ticket, Author::Bridge, body, said.event.clone());
        if let Effect::Post { from, .. } = &mut wish {
            // The event stands in another room than the thread, where nobody waits to hear of it.
            *from = None;
        }
        effects.push(wish);
    }
    effects.extend(answer(words.video_wish_passed_on()));
    effects
}

/// A customer's wish stands in the thread.
pub fn asked(room: &OwnedRoomId, event: &OwnedEventId, view: &View) -> Vec<Effect> {
    let Some(mut ticket) = view.ticket.clone() else { return Vec::new() };
    ticket.note_wish(event.clone());
    vec![
        Effect::React { place: Place::Room(room.clone()), event: event.clone(), key: ACCEPT.to_owned() },
        Effect::RememberTicket(Box::new(ticket)),
    ]
}

/// ✅ at a customer's wish; `None`: the reaction is about something else.
pub fn reacted(
    event: &OwnedEventId,
    sender: &OwnedUserId,
    target: &OwnedEventId,
    key: &str,
    view: &View,
) -> Option<Vec<Effect>> {
    let ticket = view.ticket.as_ref().filter(|ticket| ticket.is_wish(target))?;
    if view.settings.is_ours(sender) || key.trim_end_matches('\u{fe0f}') != ACCEPT {
        return Some(Vec::new());
    }
    let Some(agent) = view.settings.agent(sender) else {
        return Some(say::in_thread(ticket, &view.words_for(sender).not_an_agent()).into_iter().collect());
    };
    Some(match offer::not_yours(agent, ticket, view.words_for(sender)) {
        None => open(agent, ticket, event, view),
        Some(refusal) => say::in_thread(ticket, &refusal).into_iter().collect(),
    })
}

/// Somebody came into the room's call or left it. `key`: of which device; `until_ms`: unless their client says more.
pub fn called(user: &OwnedUserId, key: &str, joined: bool, until_ms: Option<i64>, view: &View) -> Vec<Effect> {
    // A call in a chat with the bot is not the ticket's.
    let Some(before) = door::ticket_here(view) else { return Vec::new() };
    let mut ticket = before.clone();
    let mut effects = present(user, &mut ticket, view, |session| {
        session.goes(key);
        session.used |= joined;
        if joined && session.present.len() < PRESENT_MAX {
            session.comes(key, until_ms);
        }
    });
    if ticket != *before {
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects
}

/// Somebody left the room, and with it its call, whether their clients said so or not.
pub fn gone(user: &OwnedUserId, ticket: &mut Ticket, view: &View) -> Vec<Effect> {
    // Of a device of theirs (`_@ada:example.org_DEVICE_m.call`), or theirs alone.
    let is_theirs = |key: &str| {
        let rest = key.trim_start_matches('_').strip_prefix(user.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    present(user, ticket, view, |session| session.stay(|key| !is_theirs(key)))
}

/// The ticket goes on in another room: nobody is in a call there yet, and where the call is the room's, it is another one.
pub fn moved(ticket: &mut Ticket, view: &View) {
    let Some(session) = ticket.video.as_mut().filter(|session| session.is_open()) else { return };
    session.stay(|_| false);
    if let (Some(provider), Some(room)) = (&view.settings.video.provider, &ticket.room)
        && is_room_call(provider)
    {
        let home = Home { room, server: &view.settings.server };
        session.url = video::public_url(provider, &session.name, home, view.now_ms);
    }
}

/// Agents are told when the first one comes and when the last one goes.
fn present(user: &OwnedUserId, ticket: &mut Ticket, view: &View, change: impl FnOnce(&mut Session)) -> Vec<Effect> {
    let Some(session) = ticket.video.as_mut().filter(|session| session.is_open()) else { return Vec::new() };
    let old = session.state;
    change(session);
    // Where somebody did not say that they left, the others who come or go find them gone.
    session.expire(view.now_ms);
    let words = view.desk_words();
    let news = match (old, session.state) {
        (SessionState::Open, SessionState::InProgress) => Some(words.video_in_progress(view.name_of(user))),
        (SessionState::InProgress, SessionState::Open) => Some(words.video_empty()),
        _ => None,
    };
    news.and_then(|text| say::in_thread(ticket, &text)).into_iter().collect()
}

/// Whether a session is the call of the ticket's room, in which the homeserver shows who is there.
fn is_room_call(provider: &Provider) -> bool {
    matches!(provider, Provider::ElementCall { .. })
}

/// As the texts know it.
fn kind(provider: &Provider) -> &'static str {
    if is_room_call(provider) { "call" } else { "page" }
}

fn session_word(session: &Session) -> &'static str {
    match session.state {
        SessionState::Open => "open",
        SessionState::InProgress => "in_progress",
        SessionState::Done => "done",
        SessionState::Cancelled => "cancelled",
    }
}

/// A message and no notice: people shall be called by it.
fn invitation(room: &OwnedRoomId, title: String, text: String, url: &str, join: String) -> Effect {
    let head = vec![Inline::Bold(vec![Inline::Text(title)]), Inline::Break, Inline::Text(text)];
    let link = vec![Inline::Link { url: url.to_owned(), content: vec![Inline::Text(join)] }];
    let body = RichText { blocks: vec![Block::Paragraph(head), Block::Paragraph(link)] };
    Effect::Say(say::speech(Place::Room(room.clone()), body))
}

fn link(head: String, url: String, join: String) -> RichText {
    let link = Inline::Link { url, content: vec![Inline::Text(join)] };
    RichText { blocks: vec![Block::Paragraph(vec![Inline::Text(head), Inline::Break, link])] }
}

fn comment(ticket: &Ticket, author: Author, body: RichText, marker: OwnedEventId) -> Effect {
    Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author,
        visibility: Visibility::Internal,
        body,
        marker,
        files: Vec::new(),
        from: say::thread(ticket),
    }
}
