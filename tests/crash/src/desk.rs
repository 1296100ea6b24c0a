//! Bert, who works in the desk's room: he accepts tickets, and prepares drafts and video sessions in their threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::drafts::Draft;
use crate::wait;
use crate::world::{HEALED, World};

/// Accepts an offer, and sends a draft.
pub const YES: &str = "✅";
/// What he waits for before he goes on (`accepted` in locales/en).
const ACCEPTED: &str = "has accepted this ticket";
/// What he does waits its turn behind all that others wrote in the ticket before, thousands of messages in the long runs.
const PATIENCE: Duration = Duration::from_secs(1200);
/// Between two pieces of work.
const BREATH: Duration = Duration::from_millis(200);

/// What he does, one after the other.
#[derive(Clone, Copy, Debug)]
enum Work {
    Draft(Draft),
    Session,
}

const WORK: [Work; 4] = [Work::Draft(Draft::Words), Work::Draft(Draft::Link), Work::Draft(Draft::Block), Work::Session];

pub struct Desk<'a> {
    pub world: &'a World,
    pub room: String,
    /// Of each ticket.
    pub cards: Vec<String>,
}

/// As long as this goes on Bert works, in one ticket after the other, whenever he may; in each at least once, and once at
/// each kind of his work.
pub async fn meanwhile<T>(
    world: &World,
    may_begin: impl Fn() -> bool,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    let is_over = AtomicBool::new(false);
    let drafting = async {
        let desk = Desk::enter(world).await?;
        let tickets = desk.cards.len();
        let least = tickets.max(WORK.len());
        for number in (0..).take_while(|number| *number < least || !is_over.load(Ordering::SeqCst)) {
            if may_begin() {
                // Each kind in each ticket, in the end.
                desk.work(number % tickets, number + number / tickets).await?;
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

    /// The n-th piece of his work.
    pub async fn work(&self, ticket: usize, number: usize) -> Result<(), String> {
        match WORK[number % WORK.len()] {
            Work::Draft(draft) => self.draft(ticket, draft, (number / WORK.len()).is_multiple_of(2)).await,
            Work::Session => self.session(ticket).await,
        }
    }

    /// He writes this in the ticket's thread.
    pub async fn say(&self, ticket: usize, txn: &str, text: &str) -> Result<String, String> {
        self.world.bert.say_in_thread(&self.room, &self.cards[ticket], txn, text).await
    }

    /// The first event of the bot's behind this one that is so; its id.
    pub async fn until(&self, behind: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Result<String, String> {
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

pub fn says(event: &Value, part: &str) -> bool {
    event["content"]["body"].as_str().is_some_and(|body| body.contains(part))
}

pub fn is_related(event: &Value, how: &str) -> bool {
    event["content"]["m.relates_to"]["rel_type"] == how
}

/// The event that it edits, reacts to or stands in the thread of.
pub fn about(event: &Value) -> &str {
    event["content"]["m.relates_to"]["event_id"].as_str().unwrap_or_default()
}
