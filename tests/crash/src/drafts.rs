//! Bert, who works in the desk's room: he accepts tickets, prepares drafts in their threads, and sends them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::wait;
use crate::world::{HEALED, World};

/// Accepts an offer, and sends a draft.
const YES: &str = "✅";
/// What he waits for before he goes on (`accepted`, `draft_sent` in locales/en).
const ACCEPTED: &str = "has accepted this ticket";
const SENT: &str = "Sent to the customer";
/// What he does waits its turn behind all that others wrote in the ticket before, thousands of messages in the long runs.
const PATIENCE: Duration = Duration::from_secs(1200);
/// Between two drafts.
const BREATH: Duration = Duration::from_millis(200);

pub struct Desk<'a> {
    world: &'a World,
    room: String,
    /// Of each ticket.
    cards: Vec<String>,
}

/// As long as this goes on Bert drafts, in one ticket after the other, whenever he may; in each at least once.
pub async fn meanwhile<T>(
    world: &World,
    may_begin: impl Fn() -> bool,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    let is_over = AtomicBool::new(false);
    let drafting = async {
        let desk = Desk::enter(world).await?;
        let tickets = desk.cards.len();
        for number in (0..).take_while(|number| *number < tickets || !is_over.load(Ordering::SeqCst)) {
            if may_begin() {
                desk.draft(number % tickets, number / tickets % 2 == 0).await?;
            }
            wait::pass(BREATH).await;
        }
        Ok::<(), String>(())
    };
    let work = async {
        let done = work.await;
        is_over.store(true, Ordering::SeqCst);
        done
    };
    let (done, drafted) = tokio::join!(work, drafting);
    drafted?;
    done
}

impl<'a> Desk<'a> {
    /// All tickets that there are become his.
    pub async fn enter(world: &'a World) -> Result<Self, String> {
        let room = wait::until(HEALED, || world.desk_room()).await?;
        let mut desk = Self { world, room, cards: Vec::new() };
        for ticket in world.tickets() {
            let card = desk.accept(ticket.number).await?;
            desk.cards.push(card);
        }
        Ok(desk)
    }

    async fn accept(&self, ticket: u64) -> Result<String, String> {
        let offer = format!("#{ticket} ");
        let is_card = |event: &Value| !is_related(event, "m.replace") && says(event, &offer);
        let card = self.until("", &format!("the offer of {ticket}"), is_card).await?;
        let tapped = self.world.bert.react(&self.room, &card, YES).await?;
        let is_told = |event: &Value| about(event) == card && says(event, ACCEPTED);
        self.until(&tapped, &format!("{ticket} to be accepted"), is_told).await?;
        Ok(card)
    }

    /// Prepares a draft and sends it, by a reaction or by a command; until the desk is told that it is sent.
    pub async fn draft(&self, ticket: usize, taps: bool) -> Result<(), String> {
        let (bert, card) = (&self.world.bert, &self.cards[ticket]);
        let (entries, text) = self.world.book().write_draft(ticket, "drafted");
        let id = self.world.book().id(entries[0]).to_owned();
        let command = bert.say_in_thread(&self.room, card, &id, &format!("!add {text}")).await?;
        let is_shown = |event: &Value| !is_related(event, "m.replace") && says(event, &text);
        let draft = self.until(&command, &format!("the draft {id}"), is_shown).await?;
        if taps {
            bert.react(&self.room, &draft, YES).await?;
        } else {
            // Whoever types takes longer than the bridge until it has noted what it shows.
            let is_noted = |event: &Value| about(event) == draft && event["type"] == "m.reaction";
            self.until(&draft, &format!("{id} to be noted"), is_noted).await?;
            bert.say_in_thread(&self.room, card, &format!("send-{id}"), "!send").await?;
        }
        entries.iter().for_each(|entry| self.world.book().acknowledged(*entry));
        let is_sent = |event: &Value| about(event) == draft && says(event, SENT);
        self.until(&draft, &format!("{id} to be sent"), is_sent).await.map(drop)
    }

    /// The first event of the bot's behind this one that is so; its id.
    async fn until(&self, behind: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Result<String, String> {
        let bot = self.world.bot();
        wait::until(PATIENCE, || async {
            let events = self.world.bert.events_behind(&self.room, behind).await?;
            let found = events.iter().find(|event| event["sender"] == bot.as_str() && is_so(event));
            let id = found.and_then(|event| event["event_id"].as_str());
            id.map(str::to_owned).ok_or_else(|| format!("Bert waits for {what}"))
        })
        .await
    }
}

fn says(event: &Value, part: &str) -> bool {
    event["content"]["body"].as_str().is_some_and(|body| body.contains(part))
}

fn is_related(event: &Value, how: &str) -> bool {
    event["content"]["m.relates_to"]["rel_type"] == how
}

/// The event that it edits, reacts to or stands in the thread of.
fn about(event: &Value) -> &str {
    event["content"]["m.relates_to"]["event_id"].as_str().unwrap_or_default()
}
