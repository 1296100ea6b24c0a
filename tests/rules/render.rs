//! Effects as short lines, so that a case reads like what happens. Words only: formatting is tested where it is made.

use ruma::{EventId, RoomId, UserId};
use ticketroom::model::{
    Author, Block, CodeId, Effect, Fact, File, FileSpeech, Inline, MessageId, Particulars, Place, Powers, Prepared,
    RichText, Room, RoomKind, Speaker, Speech, SpeechKind, Ticket, Visibility,
};

/// `…` in what is expected stands for anything.
pub fn matches(line: &str, expected: &str) -> bool {
    let mut pieces = expected.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

pub fn effects(effects: &[Effect], before: Option<&Ticket>) -> Vec<String> {
    effects.iter().map(|effect| render(effect, before)).collect()
}

fn render(effect: &Effect, before: Option<&Ticket>) -> String {
    match effect {
        Effect::CreateTicketRoom { snapshot, powers } => {
            format!("make room of #{} with {}", snapshot.number, levels(powers))
        }
        Effect::CreateWaitingRoom { door, customer, cause, .. } => {
            format!("make waiting room for {} at {} because of {cause}", who(customer), place_name(door))
        }
        Effect::Say(speech) => say(speech),
        Effect::RetryDeadLetters { ticket } => format!("retry dead letters of #{ticket}"),
        Effect::SayFile(speech) => say_file(speech),
        Effect::React { place, event, key } => format!("react {key} to {event} in {}", place_of(place)),
        Effect::Redact { room, event, .. } => format!("redact {event} in {}", place_name(room)),
        Effect::Join { room } => format!("join {}", place_name(room)),
        Effect::Leave { room } => format!("leave {}", place_name(room)),
        Effect::SetWidget { room, widget: Some(widget) } => {
            format!("widget in {}: {} {}", place_name(room), widget.name, widget.url)
        }
        Effect::SetWidget { room, widget: None } => format!("no widget in {}", place_name(room)),
        Effect::AskForVideo { ticket, speech } => {
            format!("ask for video of #{ticket} in {}: {:?}", place_of(&speech.place), words(&speech.body))
        }
        Effect::AttachLink { ticket, url } => format!("attach {url} to #{ticket}"),
        Effect::Decline { room, code, reason } => {
            let reason = reason.as_ref().map(|reason| format!(": {reason:?}")).unwrap_or_default();
            format!("decline {}{}{reason}", place_name(room), by_code(code.as_ref()))
        }
        Effect::Admit { kind, user, room } => format!("count {kind:?} of {} at {}", who(user), place_name(room)),
        Effect::Cancel { ticket, by, name, cause, room } => {
            format!("cancel #{ticket} for {} {name} because of {cause} in {}", who(by), place_name(room))
        }
        Effect::ReadAnswered { said, answered } => format!("read {answered} for {:?}", words(&said.body)),
        Effect::Invite { room, user } => format!("invite {} to {}", who(user), place_name(room)),
        Effect::InviteToDesk { desk, user } => format!("invite {} to desk {}", who(user), desk.name),
        Effect::BringGhost { room, person, name } => format!("bring ghost {person} {name} to {}", place_name(room)),
        Effect::SetPowers { room, powers } => format!("levels of {}: {}", place_name(room), levels(powers)),
        Effect::Shelve { desk, room, shown } => {
            let verb = if *shown { "show" } else { "hide" };
            format!("{verb} {} in the space of {}", place_name(room), desk.name)
        }
        Effect::LowPriority { room, user, low } => {
            format!("{} {} for {}", if *low { "sink" } else { "raise" }, place_name(room), who(user))
        }
        Effect::Kick { room, user, .. } => format!("kick {} from {}", who(user), place_name(room)),
        Effect::SetHistory { room, hidden } => {
            format!("{} the past of {}", if *hidden { "hide" } else { "open" }, place_name(room))
        }
        Effect::Replace { room, by, .. } => format!("replace {} by the room of #{by}", place_name(room)),
        Effect::Inspect { former, room, by } => {
            format!("inspect {} after {} by {}", place_name(room), place_name(&former.id), who(by))
        }
        Effect::Describe { room, snapshot } => {
            format!("describe {} as #{} {}", place_name(room), snapshot.number, snapshot.title)
        }
        Effect::CreateTicket { desk, customer, customer_name, title, body, files, marker, particulars, room } => {
            format!(
                "open ticket at desk {desk} for {} {customer_name}: {title:?} {:?}{} from {marker} in {}{}",
                who(customer),
                words(body),
                file_names(files),
                place_name(&room.id),
                about(particulars)
            )
        }
        Effect::Post { ticket, author, visibility, body, files, marker, from } => format!(
            "post #{ticket} as {} {}: {:?}{} from {marker}{}",
            author_name(author),
            if *visibility == Visibility::Public { "public" } else { "internal" },
            words(body),
            file_names(files),
            from.as_ref().map(|place| format!(" in {}", place_of(place))).unwrap_or_default()
        ),
        Effect::Accept { ticket, login, agent } => format!("accept #{ticket} for {login} {}", who(agent)),
        Effect::MoveDesk { desk, from, to } => {
            format!("move desk {desk} from {} to {}", place_name(from), place_name(to))
        }
        Effect::Release { ticket, login } => format!("release #{ticket} of {login}"),
        Effect::SetClosed { ticket, closed } => format!("{} #{ticket}", if *closed { "close" } else { "reopen" }),
        Effect::LinkRoom { ticket, room } => format!("link #{ticket} to {}", place_name(room)),
        Effect::Search { ticket, agent, search, .. } => {
            format!("search {:?} for {:?} of {} in #{ticket}", search.shelf, search.words, who(agent))
        }
        Effect::LookAt { ticket, batch } => format!("look at #{ticket} for {batch}"),
        Effect::FetchMessage { ticket, message } => format!("fetch message {message} of #{ticket}"),
        Effect::RememberTicket(ticket) => remember(ticket, before),
        Effect::RememberRoom(room) => room_kind(room),
        Effect::RememberLanguage { user, language } => format!("remember that {user} chose {language}"),
        Effect::ForgetRoom { room } => format!("forget {}", place_name(room)),
        Effect::LearnName { user } => format!("learn the name of {}", who(user)),
        Effect::Tell { ticket, fact } => format!("tell #{ticket} {}", told(fact)),
    }
}

fn say(speech: &Speech) -> String {
    if let Some(event) = &speech.replaces {
        return format!("change {event} in {}: {:?}", place_of(&speech.place), words(&speech.body));
    }
    let verb = match speech.kind {
        SpeechKind::Message => "say",
        SpeechKind::Notice => "notice",
    };
    let mut line = format!("{verb} in {}", place_of(&speech.place));
    if let Speaker::Ghost { person, name } = &speech.speaker {
        line.push_str(&format!(" as ghost {person} {name}"));
    }
    if let Some(event) = &speech.reply_to {
        line.push_str(&format!(" at {event}"));
    }
    match (&speech.answers, &speech.reply_to) {
        // Where its words were said again, at those.
        (Some(message), Some(event)) if *message == MessageId::standing_for(event) => line.push_str(" or instead"),
        (Some(message), _) => line.push_str(&format!(" answering {message}")),
        (None, _) => {}
    }
    if let Some((ticket, message)) = &speech.carries {
        line.push_str(&format!(" carrying {message} of #{ticket}"));
    }
    if let Some((_, prepared)) = &speech.prepares {
        line.push_str(match **prepared {
            Prepared::Draft { .. } => " drafting",
            Prepared::List { .. } => " listing",
        });
    }
    if let Some(ticket) = &speech.offer_of {
        line.push_str(&format!(" offering #{ticket}"));
    }
    format!("{line}: {:?}", words(&speech.body))
}

fn say_file(speech: &FileSpeech) -> String {
    let mut line = format!("file {:?} in {}", speech.file.name, place_of(&speech.place));
    if let Speaker::Ghost { person, name } = &speech.speaker {
        line.push_str(&format!(" as ghost {person} {name}"));
    }
    if let Some((ticket, message)) = &speech.carries {
        line.push_str(&format!(" carrying {message} of #{ticket}"));
    }
    if speech.caption.is_empty() { line } else { format!("{line}: {:?}", words(&speech.caption)) }
}

fn file_names(files: &[File]) -> String {
    files.iter().map(|file| format!(" with {:?}", file.name)).collect()
}

fn place_of(place: &Place) -> String {
    match place {
        Place::Room(room) => place_name(room),
        Place::Desk { desk } => format!("desk {}", desk.name),
        Place::Thread { desk, root } => format!("thread {root} of {}", desk.name),
    }
}

fn levels(powers: &Powers) -> String {
    let list = |users: &[ruma::OwnedUserId]| users.iter().map(|user| who(user)).collect::<Vec<_>>().join(" ");
    let state = if powers.locked { "locked" } else { "open" };
    format!("{state}, agents [{}], customers [{}]", list(&powers.agents), list(&powers.customers))
}

/// Only what is different from before.
fn remember(after: &Ticket, before: Option<&Ticket>) -> String {
    let fresh = Ticket::new(after.snapshot.clone());
    let old = before.unwrap_or(&fresh);
    let users = |users: &[ruma::OwnedUserId]| users.iter().map(|user| who(user)).collect::<Vec<_>>().join("+");
    let ghost = |ghost: &ticketroom::model::Ghost| format!("{}{}", ghost.person, if ghost.agent { "*" } else { "" });
    let mut line = format!("remember #{}", after.snapshot.number);
    let mut note = |changed: bool, what: String| {
        if changed {
            line.push_str(&format!(", {what}"));
        }
    };
    note(old.snapshot != after.snapshot, "snapshot".to_owned());
    note(old.room != after.room, format!("room {}", after.room.as_deref().map(place_name).unwrap_or_default()));
    note(old.card != after.card, format!("card {}", after.card.as_deref().map_or("none", EventId::as_str)));
    note(
        old.card_desk != after.card_desk,
        format!("card at {}", after.card_desk.as_ref().map_or("no desk", |desk| desk.name.as_str())),
    );
    let cards: Vec<&str> = after.former_cards.iter().map(|card| card.as_str()).collect();
    note(old.former_cards != after.former_cards, format!("former cards {}", cards.join("+")));
    note(!old.waiting_posts().eq(after.waiting_posts()), "waiting".to_owned());
    note(old.waiting_here != after.waiting_here, "waiting here".to_owned());
    note(old.undelivered != after.undelivered, "undelivered".to_owned());
    note(old.undelivered_here != after.undelivered_here, "undelivered here".to_owned());
    note(old.locked != after.locked, if after.locked { "locked" } else { "unlocked" }.to_owned());
    note(
        old.ghosts != after.ghosts,
        format!("ghosts {}", after.ghosts.iter().map(ghost).collect::<Vec<_>>().join("+")),
    );
    note(old.invited != after.invited, format!("invited {}", users(&after.invited)));
    note(old.joined != after.joined, format!("joined [{}]", users(&after.joined)));
    let agents = if after.agents.is_empty() { "none".to_owned() } else { users(&after.agents) };
    note(old.agents != after.agents, format!("agents {agents}"));
    // With another owner it goes without saying.
    let same_owner = old.snapshot.owner == after.snapshot.owner;
    let writer = after.writer.as_deref().map_or("none".to_owned(), who);
    note(same_owner && old.writer != after.writer, format!("writer {writer}"));
    let session = |ticket: &Ticket| {
        ticket.video.as_ref().map_or("none".to_owned(), |session| {
            format!("{:?} with {}{}", session.state, session.present.len(), if session.used { " used" } else { "" })
        })
    };
    note(old.video != after.video, format!("video {}", session(after)));
    note(
        old.video_wish != after.video_wish,
        format!("wish {}", after.video_wish.as_deref().map_or("none", EventId::as_str)),
    );
    let away = |away: &[ticketroom::model::Away]| {
        let line = |away: &ticketroom::model::Away| {
            format!("{}{}", who(&away.user), if away.called { " (called)" } else { "" })
        };
        away.iter().map(line).collect::<Vec<_>>().join("+")
    };
    note(old.away != after.away, format!("away [{}]", away(&after.away)));
    note(old.dropped != after.dropped, format!("dropped [{}]", users(&after.dropped)));
    let people =
        |people: &[ticketroom::model::Person]| people.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join("+");
    note(old.unseen != after.unseen, format!("unseen [{}]", people(&after.unseen)));
    note(old.followed != after.followed, "followed".to_owned());
    note(old.card_left != after.card_left, format!("card left {}", after.card_left));
    let draft = |draft: &ticketroom::model::Draft| format!("{} {:?}", draft.event, words(&draft.body));
    note(
        old.drafts != after.drafts,
        format!("drafts [{}]", after.drafts.iter().map(draft).collect::<Vec<_>>().join("+")),
    );
    note(old.shown != after.shown, format!("lists {}", after.shown.len()));
    note(old.told_no_edits != after.told_no_edits, format!("told {}", users(&after.told_no_edits)));
    line
}

fn room_kind(room: &Room) -> String {
    let name = place_name(&room.id);
    match &room.kind {
        RoomKind::Ticket(ticket) => format!("know {name} as room of #{ticket}"),
        RoomKind::Desk(desk) => format!("know {name} as desk {desk}"),
        RoomKind::FormerDesk(desk) => format!("know {name} as former desk {desk}"),
        RoomKind::Upgrade { former, by } => {
            format!("know {name} as upgrade of {} by {}", place_name(&former.id), who(by))
        }
        RoomKind::Space(desk) => format!("know {name} as space of desk {desk}"),
        RoomKind::Waiting { customer, door, code } => {
            format!(
                "know {name} as waiting room of {} from {}{}",
                who(customer),
                place_name(door),
                by_code(code.as_ref())
            )
        }
        RoomKind::Door { customer, open, waiting, code, others } => format!(
            "know {name} as door of {}{}{}{}{}",
            who(customer),
            open.as_ref().map(|ticket| format!(" into #{ticket}")).unwrap_or_default(),
            waiting.as_deref().map(|room| format!(" waiting in {}", place_name(room))).unwrap_or_default(),
            by_code(code.as_ref()),
            others.iter().map(|(user, ticket)| format!("; {} into #{ticket}", who(user))).collect::<String>(),
        ),
    }
}

fn by_code(code: Option<&CodeId>) -> String {
    code.map(|code| format!(" by code {code}")).unwrap_or_default()
}

fn told(fact: &Fact) -> String {
    match fact {
        Fact::Opened { waiting, language, .. } => {
            let language = language.as_ref().map(|language| format!(" in language {language}")).unwrap_or_default();
            format!(
                "opened{}{language}",
                waiting.as_deref().map(|room| format!(" in {}", place_name(room))).unwrap_or_default()
            )
        }
        Fact::SaidAtDoor(said) => format!("said at door: {:?}", words(&said.body)),
        Fact::MergedHere { number, customers, agents, .. } => {
            let names = |users: &[ruma::OwnedUserId]| users.iter().map(|user| who(user)).collect::<Vec<_>>().join(" ");
            format!("merged here: #{number} with customers [{}], agents [{}]", names(customers), names(agents))
        }
        Fact::Upgraded { room, replacement, .. } => {
            format!("upgraded {} to {}", place_name(room), place_name(replacement))
        }
        other => format!("{other:?}"),
    }
}

/// What the ticket bears beside its words.
fn about(particulars: &Particulars) -> String {
    let part =
        |name: &str, part: &Option<String>| part.as_ref().map(|part| format!(", {name} {part}")).unwrap_or_default();
    part("device", &particulars.device)
        + &part("template", &particulars.template)
        + &part("priority", &particulars.priority)
}

fn author_name(author: &Author) -> String {
    match author {
        Author::Agent { login, name } => format!("agent {login} {name}"),
        Author::Customer { matrix, name } => format!("customer {} {name}", who(matrix)),
        Author::Bridge => "bridge".to_owned(),
    }
}

/// `@ada`, `ghost 7`.
fn who(user: &UserId) -> String {
    match user.localpart().strip_prefix("_desk_u") {
        Some(person) => format!("ghost/{person}"),
        None => format!("@{}", user.localpart()),
    }
}

fn place_name(room: &RoomId) -> String {
    room.as_str().split(':').next().unwrap_or_default().to_owned()
}

/// The words alone; a break is a newline, quotes are marked.
pub fn words(body: &RichText) -> String {
    blocks(&body.blocks)
}

fn blocks(all: &[Block]) -> String {
    all.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(content) | Block::Heading(_, content) => inlines(content),
        Block::List { items, .. } => items.iter().map(|item| blocks(item)).collect::<Vec<_>>().join("\n"),
        Block::Quote(inner) => format!("> {}", blocks(inner)),
        Block::Code { text, .. } => text.clone(),
        Block::Table { rows, .. } => rows.iter().flatten().map(|cell| inlines(cell)).collect::<Vec<_>>().join("\n"),
        Block::Rule => "---".to_owned(),
    }
}

fn inlines(all: &[Inline]) -> String {
    all.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Bold(inner)
        | Inline::Italic(inner)
        | Inline::Strike(inner)
        | Inline::Underline(inner)
        | Inline::Spoiler(inner) => inlines(inner),
        Inline::Link { url, content } => format!("{} <{url}>", inlines(content)),
        Inline::Break => "\n".to_owned(),
    }
}
