//! The sweep: the bridge dies at each named point, again and again, while people write in both directions.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::oracle::{Channel, Entry, From, Verdict};
use crate::proxy::Fate;
use crate::wait;
use crate::world::{HEALED, Options, World};

/// How long the bridge may take to come to a point.
const REACHED: Duration = Duration::from_secs(12);
/// Attempts at a point of which not every one strikes.
const ATTEMPTS: usize = 3;

/// What makes the bridge come to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A few messages.
    Messages,
    /// Nothing: it passes there at each start.
    Start,
    File,
    /// A ticket is opened, its customer enters its room, and both sides write there.
    Opening,
    /// The same from the helpdesk, with a reply that comes before its room is made.
    BusyOpening,
    /// A customer edits what they wrote.
    Edit,
    /// A ticket is closed, and opened again.
    Closing,
    /// The helpdesk gets another desk.
    NewDesk,
    /// A message is refused for good.
    Refused,
    /// The other side fails once.
    Failing,
    /// The other side is away for longer than somebody waits for.
    Away,
    /// An agent reacts to an offer that is shown and not yet noted.
    QuickAgent,
}

impl Act {
    /// Nothing of what Bert does is closed, struck or counted by it.
    fn leaves_bert_alone(self) -> bool {
        matches!(self, Self::Messages | Self::Start | Self::File | Self::Failing)
    }
}

/// What the author of a refused message is told (`undelivered` in locales/en/common.ftl).
const GIVEN_UP: &str = "could not be delivered";
/// And perhaps before that (`message_waits` there): a bridge may take longer to start again than this run lets it wait.
const WAITS: &str = "is not delivered yet";

/// How the sweep reaches a point.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub act: Act,
    /// It dies here first: some points are passed only after a death.
    pub first: Option<&'static str>,
    /// Up to which time that it comes there it may die; a death at the first is the least interesting where all pass.
    pub spread: usize,
    /// Where only one direction passes there.
    pub only: Option<From>,
}

const fn way(act: Act) -> Way {
    Way { act, first: None, spread: 1, only: None }
}

const fn spread(act: Act, spread: usize) -> Way {
    Way { act, first: None, spread, only: None }
}

const fn only(act: Act, from: From, first: Option<&'static str>) -> Way {
    Way { act, first, spread: 1, only: Some(from) }
}

/// `None`: a point that the sweep does not know.
pub fn way_to(point: &str) -> Option<Way> {
    use Act::{
        Away, BusyOpening, Closing, Edit, Failing, File, Messages, NewDesk, Opening, QuickAgent, Refused, Start,
    };
    Some(match point {
        "authenticated" | "transaction-parsed" | "before-placing" | "before-answer" => spread(Messages, 3),
        "before-inbox" | "after-inbox" => only(Messages, From::Matrix, None),
        "before-group-commit" | "after-group-commit" => spread(Messages, 12),
        "before-deciding" | "before-rules" | "before-decision-commit" | "after-decision-commit" => spread(Messages, 5),
        "before-send" | "after-send" => spread(Messages, 4),
        "before-attempting-commit" | "after-attempting-commit" | "before-helpdesk-write" | "after-helpdesk-write" => {
            only(Messages, From::Matrix, None)
        }
        "before-move-commit" | "after-move-commit" => way(QuickAgent),
        "before-later-commit" | "after-later-commit" => way(Failing),
        "before-uncertain-wait" | "before-look-up" | "looked-up-and-found" => {
            only(Messages, From::Matrix, Some("after-helpdesk-write"))
        }
        "looked-up-and-missing" => only(Messages, From::Matrix, Some("before-helpdesk-write")),
        "before-plain-settle-commit" | "after-plain-settle-commit" => only(Messages, From::Matrix, None),
        "before-settle-commit" | "after-settle-commit" => only(Messages, From::Helpdesk, None),
        "before-held-outcome" => only(BusyOpening, From::Helpdesk, None),
        "before-dead-letter" => way(Refused),
        "before-ticket" | "ticket-made" => only(Opening, From::Matrix, None),
        "before-card-noted" | "before-room" | "room-made" => way(Opening),
        "ghost-made" | "ghost-invited" => only(Opening, From::Helpdesk, None),
        "room-half-adopted" => Way { first: Some("room-made"), ..way(Opening) },
        "desk-room-made" | "space-made" => way(NewDesk),
        "part-sent" => only(Messages, From::Helpdesk, None),
        "before-redaction" | "redacted" => only(Edit, From::Matrix, None),
        "before-powers" | "powers-set" => way(Closing),
        "before-download" | "file-spooled" | "file-checked" => way(File),
        "before-upload" | "file-uploaded" => only(File, From::Helpdesk, None),
        "before-feed-read" => spread(Messages, 3),
        "before-feed-commit" | "after-feed-commit" => only(Messages, From::Helpdesk, None),
        "before-overdue-commit" => way(Away),
        "before-receipt" => way(Messages),
        "ghost-registered"
        | "before-catching-up"
        | "before-catch-up-commit"
        | "after-catch-up-commit"
        | "before-ping"
        | "queues-looked-after"
        | "before-forgetting"
        | "database-opened"
        | "fence-raised"
        | "before-start" => way(Start),
        _ => return None,
    })
}

pub struct Wishes {
    pub options: Options,
    /// Deaths at each point, in each direction.
    pub each: usize,
    /// Only these, where any are named.
    pub points: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Outcome {
    /// How often the bridge died where.
    pub struck: BTreeMap<String, usize>,
    pub verdict: Verdict,
    /// The longest that it took until nothing was missing.
    pub slowest: Duration,
    pub version: String,
}

impl Outcome {
    /// How often it died, in one line: at how many points, and how often at each.
    pub fn strikes(&self) -> String {
        let (least, most) = (self.struck.values().min().unwrap_or(&0), self.struck.values().max().unwrap_or(&0));
        let each = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let all: usize = self.struck.values().sum();
        format!("{} points, {each} deaths each, {} deaths", self.struck.len(), with_commas(all))
    }
}

/// As people read large numbers.
fn with_commas(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", with_commas(number / 1000), number % 1000),
    }
}

/// Ends at the first thing that is not as it should be.
pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let mut sweep = Sweep {
        world: &world,
        desk: Desk::enter(&world).await?,
        random: StdRng::seed_from_u64(wishes.options.seed),
        deaths: 0,
        slowest: Duration::ZERO,
    };
    let mut outcome = Outcome { version: world.homeserver.version().await, ..Outcome::default() };
    for point in &wishes.points {
        let way = way_to(point).ok_or_else(|| format!("the sweep knows no way to the point {point}"))?;
        for from in From::BOTH {
            let deaths = sweep.deaths(point, way, way.only.unwrap_or(from), wishes.each).await;
            let deaths = deaths.map_err(|why| format!("{point}, {from:?}: {why}\n{}", world.bridge.log_tail()))?;
            *outcome.struck.entry(point.clone()).or_default() += deaths;
        }
        tell(&format!("{point}: {} deaths", outcome.struck[point]));
    }
    let (verdict, _) = world.healed().await?;
    if !verdict.is_clean() {
        return Err(verdict.to_string());
    }
    world.passes_a_fresh_message().await?;
    outcome.verdict = world.healed().await?.0;
    outcome.slowest = sweep.slowest;
    world.clean_up();
    Ok(outcome)
}

struct Sweep<'a> {
    world: &'a World,
    desk: Desk<'a>,
    random: StdRng,
    /// Tried so far.
    deaths: usize,
    slowest: Duration,
}

impl Sweep<'_> {
    async fn deaths(&mut self, point: &str, way: Way, from: From, wanted: usize) -> Result<usize, String> {
        let mut struck = 0;
        for _ in 0..wanted * ATTEMPTS {
            if struck == wanted {
                break;
            }
            struck += usize::from(self.death(point, way, from).await?);
        }
        if struck < wanted { Err(format!("struck {struck} times instead of {wanted}")) } else { Ok(struck) }
    }

    /// One death, while Bert works where he may: all of it has to be well afterwards. False: the bridge did not come there.
    async fn death(&mut self, point: &str, way: Way, from: From) -> Result<bool, String> {
        let world = self.world;
        let ticket = self.random.random_range(0..world.tickets().len());
        let (theirs, number) = (self.random.random_range(0..self.desk.cards.len()), self.deaths);
        let nth = 1 + self.random.random_range(0..way.spread);
        self.deaths += 1;
        world.bridge.kill9();
        for from in From::BOTH {
            world.write_something(Channel { ticket, from }, "written while it is down").await?;
        }
        let working = async { if way.act.leaves_bert_alone() { self.desk.work(theirs, number).await } else { Ok(()) } };
        let (died, worked) = tokio::join!(self.dies(point, way, nth, Channel { ticket, from }), working);
        let died = died.and_then(|died| worked.map(|()| died))?;
        for from in From::BOTH {
            world.write_something(Channel { ticket, from }, "written afterwards").await?;
        }
        let (verdict, took) = world.healed().await?;
        self.slowest = self.slowest.max(took);
        world.into_homeserver.heal();
        world.into_helpdesk.heal();
        if verdict.is_clean() { Ok(died) } else { Err(format!("after its {nth}. time: {verdict}")) }
    }

    /// It is started, dies, and goes on.
    async fn dies(&self, point: &str, way: Way, nth: usize, channel: Channel) -> Result<bool, String> {
        let world = self.world;
        let mut begun = Begun::default();
        if let Some(first) = way.first {
            world.bridge.start_to_die_at(first, 1);
            begun = self.begin(way.act, channel).await?;
            if !world.bridge.dies_within(REACHED).await {
                return Err(format!("it did not come to {first} before"));
            }
        }
        if way.act == Act::NewDesk {
            world.helpdesk.add_desk(&format!("Desk {}", self.deaths));
        }
        world.bridge.start_to_die_at(point, nth);
        if way.first.is_none() && way.act != Act::Start {
            // Where it passes at the start already it may be dead by now.
            let _ready_or_dead = world.bridge.until_ready(REACHED).await;
            begun = self.begin(way.act, channel).await?;
        }
        let died = world.bridge.dies_within(REACHED).await;
        if way.act != Act::Refused {
            world.into_homeserver.heal();
            world.into_helpdesk.heal();
        }
        if !died {
            world.bridge.kill9();
        }
        world.bridge.start();
        self.finish(begun).await.map(|()| died)
    }

    async fn begin(&self, act: Act, channel: Channel) -> Result<Begun, String> {
        let world = self.world;
        let ticket = world.tickets()[channel.ticket].clone();
        let mut begun = Begun { channel: Some(channel), ..Begun::default() };
        match act {
            Act::Start | Act::NewDesk => {}
            Act::Messages => {
                for n in 0..3 {
                    world.write(channel, &format!("message {n}: \"5 < 7 & 8 > 3\", it’s leaking ä 漢字")).await?;
                }
            }
            Act::File => {
                world.write_file(channel).await?;
            }
            Act::Opening if channel.from == From::Matrix => begun.knocked = Some(world.knock().await?),
            Act::Opening | Act::BusyOpening => {
                let customer = world.new_person().await;
                let subject = format!("Opened for {}", customer.id.split(':').next().unwrap_or_default());
                world.helpdesk.add_user(&customer.id);
                // Its words are the first that stand in its room.
                let channel = Channel { ticket: world.tickets().len(), from: From::Helpdesk };
                let (entry, text) = world.book().write(channel, "It leaks.");
                if act == Act::BusyOpening {
                    world.into_homeserver.strike_next("/createRoom", "", Fate::Late(Duration::from_millis(700)), 1);
                }
                let number = world.agent.open(&subject, &customer.id, &text).await;
                world.book().acknowledged(entry);
                if act == Act::BusyOpening {
                    let (entry, text) = world.book().write(channel, "It still leaks.");
                    world.agent.try_reply(number, &text).await?;
                    world.book().acknowledged(entry);
                }
                begun.knocked = Some((customer, subject));
            }
            Act::Edit => {
                let entry = world.write(channel, "will be edited").await?;
                let event = world.event_of(entry).await?;
                let content = json!({"msgtype": "m.text", "body": "* edited",
                    "m.new_content": {"msgtype": "m.text", "body": "edited"},
                    "m.relates_to": {"rel_type": "m.replace", "event_id": event}});
                let txn = format!("edit-{}", world.book().id(entry));
                begun.edit = Some(ticket.customer.send(&ticket.room, "m.room.message", &txn, &content).await?);
            }
            Act::Closing => {
                world.agent.change(ticket.number, json!({"Status": "resolved"})).await;
                begun.closed = true;
            }
            Act::Refused => {
                let (entry, text) = world.book().write(channel, "will be refused");
                world.book().doomed(entry);
                let id = world.book().id(entry).to_owned();
                match channel.from {
                    From::Matrix => {
                        let refusal = Fate::Answered(400, r#"{"message":"this is no message"}"#);
                        world.into_helpdesk.strike_next("/correspond", &id, refusal, usize::MAX);
                        begun.refused = Some(ticket.customer.say(&ticket.room, &id, &text).await?);
                    }
                    _ => {
                        let refusal = Fate::Answered(400, r#"{"errcode":"M_BAD_JSON","error":"this is no message"}"#);
                        world.into_homeserver.strike_next("/send/", &id, refusal, usize::MAX);
                        begun.reports = Some(world.reports(ticket.number) + 1);
                        world.agent.try_reply(ticket.number, &text).await?;
                        world.write(channel, "and another one").await?;
                    }
                }
                world.book().acknowledged(entry);
            }
            Act::Failing => {
                let (proxy, path) = match channel.from {
                    From::Matrix => (&world.into_helpdesk, "/correspond"),
                    _ => (&world.into_homeserver, "/send/m.room.message"),
                };
                proxy.strike_next(path, "", Fate::FailedAfter(500), 1);
                world.write(channel, "the other side fails").await?;
            }
            Act::Away => {
                let (proxy, path) = match channel.from {
                    From::Matrix => (&world.into_helpdesk, "/correspond"),
                    _ => (&world.into_homeserver, "/send/m.room.message"),
                };
                proxy.strike_next(path, "", Fate::RequestLost, usize::MAX);
                world.write(channel, "the other side is away").await?;
            }
            Act::QuickAgent => {
                let desk = world.desk_room().await?;
                let known = world.bert.events(&desk).await?.len();
                // Only offers say so: the newcomer is answered in the same moment.
                let offered = "\u{2705}";
                let late = Fate::Late(Duration::from_millis(700));
                world.into_homeserver.strike_next("/send/m.room.message", offered, late, 1);
                let (customer, subject) = world.knock().await?;
                begun.knocked = Some((customer, subject.clone()));
                let card = wait::until(REACHED, || async {
                    if world.bridge.has_died() {
                        return Ok(None);
                    }
                    let events = world.bert.events(&desk).await?;
                    let is_offer =
                        |event: &&Value| event["content"]["body"].as_str().is_some_and(|it| it.contains(&subject));
                    let shown = events.iter().skip(known).find(is_offer);
                    let card = shown.and_then(|event| event["event_id"].as_str());
                    card.map(|card| Some(card.to_owned())).ok_or_else(|| "no card".to_owned())
                })
                .await?;
                let Some(card) = card else { return Ok(begun) };
                let relation = json!({"rel_type": "m.annotation", "event_id": card, "key": "✅"});
                world
                    .bert
                    .send(&desk, "m.reaction", &format!("react-{card}"), &json!({"m.relates_to": relation}))
                    .await?;
            }
        }
        Ok(begun)
    }

    /// What was begun has come to its end although the bridge died.
    async fn finish(&self, begun: Begun) -> Result<(), String> {
        let world = self.world;
        let Some(channel) = begun.channel else { return Ok(()) };
        let ticket = world.tickets()[channel.ticket].clone();
        if let Some((customer, subject)) = begun.knocked {
            let opened = world.entered(customer, &subject, HEALED).await?;
            for from in From::BOTH {
                world.write(Channel { ticket: opened, from }, "in the new ticket").await?;
            }
        }
        if let Some(edit) = begun.edit {
            wait::until(HEALED, || async {
                let events = ticket.customer.events(&ticket.room).await?;
                let undone = events.iter().any(|event| {
                    event["type"] == "m.room.redaction"
                        && (event["redacts"] == edit.as_str() || event["content"]["redacts"] == edit.as_str())
                });
                if undone { Ok(()) } else { Err("the edit stands".to_owned()) }
            })
            .await?;
        }
        if begun.closed {
            self.until_level(channel, 100).await?;
            world.agent.change(ticket.number, json!({"Status": "open"})).await;
            self.until_level(channel, 10).await?;
        }
        if let Some(wanted) = begun.reports {
            wait::until(HEALED, || async {
                let reports = world.reports(ticket.number);
                if reports == wanted { Ok(()) } else { Err(format!("{reports} reports instead of {wanted}")) }
            })
            .await?;
        }
        if let Some(refused) = begun.refused {
            wait::until(HEALED, || async {
                let events = ticket.customer.events(&ticket.room).await?;
                let replies: Vec<&str> = events
                    .iter()
                    .filter(|event| event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == refused.as_str())
                    .filter_map(|event| event["content"]["body"].as_str())
                    .collect();
                match replies.as_slice() {
                    [last] if last.contains(GIVEN_UP) => Ok(()),
                    [first, last] if first.contains(WAITS) && last.contains(GIVEN_UP) => Ok(()),
                    other => Err(format!("the author of what was refused was told {other:?}")),
                }
            })
            .await?;
        }
        Ok(())
    }

    async fn until_level(&self, channel: Channel, level: i64) -> Result<(), String> {
        let ticket = self.world.tickets()[channel.ticket].clone();
        wait::until(HEALED, || async {
            let levels = ticket.customer.state(&ticket.room, "m.room.power_levels").await?;
            if levels["events_default"] == level { Ok(()) } else { Err(format!("not {level}: {levels}")) }
        })
        .await
    }
}

/// What an act has left open.
#[derive(Default)]
struct Begun {
    channel: Option<Channel>,
    knocked: Option<(crate::traffic::Customer, String)>,
    edit: Option<String>,
    closed: bool,
    refused: Option<String>,
    /// So many reports the ticket is to have in the end.
    reports: Option<usize>,
}

impl World {
    /// The event that a customer's message became.
    async fn event_of(&self, entry: Entry) -> Result<String, String> {
        let ticket = self.tickets()[entry.channel.ticket].clone();
        let id = self.book().id(entry).to_owned();
        let events = ticket.customer.events(&ticket.room).await?;
        let found =
            events.iter().find(|event| event["content"]["body"].as_str().is_some_and(|body| body.starts_with(&id)));
        found.and_then(|event| event["event_id"].as_str().map(str::to_owned)).ok_or_else(|| format!("no event {id}"))
    }
}
