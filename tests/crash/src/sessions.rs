//! Video sessions that Bert opens and ends, and what they have left in the room and in the ticket.

use serde_json::Value;

use crate::desk::{Desk, says};
use crate::oracle::{Book, Channel, From, Read, Trace};

/// Behind it stands a session's name.
pub const ADDRESS: &str = "https://video.example.org/";
/// What he waits for, and what is written of it (`video_opened`, `video_ended`, `video_opened_comment`,
/// `video_ended_in_thread` in locales/en).
const OPENED: &str = "The video session is open";
const ENDED: &str = "The video session has ended.";
const OPENED_COMMENT: &str = "Video session opened:";
const DONE: &str = "Video session done.";

impl Desk<'_> {
    /// Opens a video session and ends it; until the thread says both.
    pub async fn session(&self, ticket: usize) -> Result<(), String> {
        let entries = self.world.book().write_session(ticket);
        let id = self.world.book().id(entries[0]).to_owned();
        let opened = self.say(ticket, &format!("open-{id}"), "!video").await?;
        self.until(&opened, &format!("the session {id}"), |event: &Value| says(event, OPENED)).await?;
        let ended = self.say(ticket, &format!("end-{id}"), "!video end").await?;
        entries.iter().for_each(|entry| self.world.book().acknowledged(*entry));
        self.until(&ended, &format!("{id} to end"), |event: &Value| says(event, DONE)).await.map(drop)
    }
}

/// Whether a comment is about a session, and not a draft's words.
pub fn is_comment(text: &str) -> bool {
    text.starts_with(OPENED_COMMENT) || text == DONE
}

/// What the bot said in the room: the session that it invites to, or that one has ended.
pub struct Said {
    pub invitations: Vec<String>,
    pub ends: usize,
}

impl Said {
    pub fn of<'a>(bodies: impl Iterator<Item = &'a str> + Clone) -> Self {
        let ends = bodies.clone().filter(|body| *body == ENDED).count();
        Self { invitations: bodies.filter_map(address_in).collect(), ends }
    }
}

fn address_in(text: &str) -> Option<String> {
    let rest = &text[text.find(ADDRESS)?..];
    Some(rest.split(|letter: char| letter.is_whitespace() || letter == ')').next()?.to_owned())
}

/// Puts what sessions of this ticket left to what was read. What bears a session's address is known by the order in which
/// the room shows them first, the rest by its own order.
pub fn insert(ticket: usize, said: &Said, links: &[String], comments: &[String], book: &Book, read: &mut Read) {
    let mut known: Vec<&String> = Vec::new();
    for address in &said.invitations {
        if !known.contains(&address) {
            known.push(address);
        }
    }
    let by_address = |addresses: &[String]| -> Vec<Option<usize>> {
        addresses.iter().map(|address| known.iter().position(|one| *one == address)).collect()
    };
    let by_order = |count: usize| (0..count).map(Some).collect();
    let of_end = comments.iter().filter(|text| *text == DONE).count();
    for (trace, found) in [
        (Trace::Invitation, by_address(&said.invitations)),
        (Trace::End, by_order(said.ends)),
        (Trace::Link, by_address(links)),
        (Trace::Comment, by_order(comments.len() - of_end)),
        (Trace::EndComment, by_order(of_end)),
    ] {
        let channel = Channel { ticket, from: From::Session(trace) };
        let id =
            |nth: Option<usize>| nth.map_or_else(|| format!("{trace:?} of no session"), |nth| book.nth(channel, nth));
        if !found.is_empty() {
            read.insert(channel, found.into_iter().map(id).collect());
        }
    }
}
