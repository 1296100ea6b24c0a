//! The same against the real Synapse: a customer writes, and each message is answered. What limits there is Synapse, and
//! the bridge shall not take more from it than the bare echo does.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde_json::{Value, json};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::bridge::{self, AS_TOKEN, Bridge, HS_TOKEN, Ports};
use crate::figures::{Figures, Goal, median};
use crate::load::replies;
use crate::process::Process;
use crate::{http, seed};

const DOMAIN: &str = "ticketroom.test";
const ECHO_TOKEN: &str = "as-token-of-the-echo-0123456789abcdef0123";
const ORDERED_TOKEN: &str = "as-token-of-the-ordered-echo-0123456789abcd";
const DEVICE: &str = "ECHO";
/// As many as the figures on the mock homeserver have.
const ROOMS: usize = 100;
/// Two in each room. Short, so that what disturbs the machine for some seconds disturbs all three of a round.
const MESSAGES: usize = 200;
/// In which of the three take their turns: as often each before and after each other, for what one leaves to do is done in
/// the time of the next.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];
/// Each order as often.
const ROUNDS: usize = 6 * ORDERS.len();
/// Messages that the customer has under way at once: enough that Synapse never waits for one.
const PARALLEL: usize = 8;
const PATIENCE: Duration = Duration::from_secs(300);

/// Rooms that are made at once.
const MAKING: usize = 8;

/// Who answers: by which account, in which rooms. All have the same members in their rooms.
struct Answerer {
    speaker: OwnedUserId,
    rooms: Vec<OwnedRoomId>,
}

/// The messages of a round, after those of the earlier ones.
#[derive(Clone, Copy)]
struct Round {
    first: usize,
    messages: usize,
}

/// What a round took: answered messages a second, and Synapse's seconds of CPU for 1,000 of them.
struct Took {
    rate: f64,
    cpu: f64,
}

struct World {
    url: String,
    http: reqwest::Client,
    customer: OwnedUserId,
    customer_token: String,
    synapse: Process,
    /// What it has written down.
    written: SqlitePool,
}

pub async fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let folder = bridge::folder()?;
    let ports = Ports::free()?;
    let echo_ports = [http::free_port()?, http::free_port()?];
    let registrations = [
        register(folder.path(), "ticketroom", "_desk_", AS_TOKEN, ports.appservice)?,
        register(folder.path(), "echo", "_echo_", ECHO_TOKEN, echo_ports[0])?,
        register(folder.path(), "ordered", "_ordered_", ORDERED_TOKEN, echo_ports[1])?,
    ];
    let world = World::start(folder.path(), &registrations).await?;
    let desk = world.answerer("_desk_", AS_TOKEN, "_desk_bot", "_desk_u1").await?;
    let echo = world.answerer("_echo_", ECHO_TOKEN, "_echo_bot", "_echo_u1").await?;
    let ordered = world.answerer("_ordered_", ORDERED_TOKEN, "_ordered_bot", "_ordered_u1").await?;

    let start = |port: u16, token: &str, speaker: &UserId, more: &[&str]| {
        let port = port.to_string();
        let arguments = [&["echo", &port, &world.url, token, speaker.as_str()], more].concat();
        Process::start(
            "the echo",
            &std::env::current_exe()?,
            &arguments,
            &folder.path().join(format!("echo-{port}.log")),
        )
    };
    let _echo = start(echo_ports[0], ECHO_TOKEN, &echo.speaker, &[])?;
    world.device(&ordered, ORDERED_TOKEN).await?;
    let _ordered = start(echo_ports[1], ORDERED_TOKEN, &ordered.speaker, &[DEVICE])?;
    let bridge = world.bridge(&desk, &ports).await?;

    let mut took: [Vec<Took>; 3] = Default::default();
    let mut replied = 0;
    let tickets: Vec<usize> = (1..=ROOMS).collect();
    // The first round is for meeting: accounts, memberships, caches.
    for (number, order) in (0..=ROUNDS).zip(ORDERS.iter().cycle()) {
        let round = Round { first: number * MESSAGES, messages: MESSAGES };
        for &whose in order {
            let this = match whose {
                0 => {
                    let answering = answer_each(&bridge, &tickets, &mut replied, round.messages);
                    world.round(&desk, round, answering).await?
                }
                1 => world.round(&echo, round, async { Ok(()) }).await?,
                _ => world.round(&ordered, round, async { Ok(()) }).await?,
            };
            if round.first > 0 {
                took[whose].push(this);
            }
        }
        if round.first == 0 {
            bridge.until_in_order().await?;
        }
    }
    for who in [&desk, &echo, &ordered] {
        world.all_answered(who, (ROUNDS + 1) * MESSAGES).await?;
    }
    report(figures, &took);
    Ok(())
}

fn report(figures: &mut Figures, took: &[Vec<Took>; 3]) {
    let [ours, alone, one_by_one] = took;
    let what = "real Synapse: answered messages, share of the echo's in the same round";
    let (share, note) = compared(ours, alone);
    figures.add(what, Goal::AtLeast(95.0), "%", share, note);
    let what = "the same, share of an echo that keeps the order in each room, with transaction ids that last";
    let (share, note) = compared(ours, one_by_one);
    figures.add(what, Goal::None, "%", share, note);
    let cpu = |of: &[Took]| median(of.iter().map(|took| took.cpu));
    let note = format!("the echo {:.2} s, the other one {:.2} s", cpu(alone), cpu(one_by_one));
    figures.add("Synapse's CPU for 1,000 messages answered by the bridge", Goal::None, "s", cpu(ours), note);
}

/// The share in percent, and how sure it is.
fn compared(ours: &[Took], others: &[Took]) -> (f64, String) {
    let rate = |of: &[Took]| median(of.iter().map(|took| took.rate));
    // Synapse slows down from round to round, as its rooms grow: what counts is the ratio within each.
    let mut shares: Vec<f64> = ours.iter().zip(others).map(|(ours, other)| ours.rate / other.rate * 100.0).collect();
    shares.sort_by(f64::total_cmp);
    let quarter = shares.len() / 4;
    let half = shares.get(quarter..shares.len() - quarter).unwrap_or_default();
    let together = |of: &[Took]| of.iter().map(|took| took.rate.recip()).sum::<f64>();
    let note = format!(
        "{:.1}/s against {:.1}/s; of {} rounds half are between {:.0} and {:.0} %; all in one {:.1} %",
        rate(ours),
        rate(others),
        shares.len(),
        half.first().unwrap_or(&f64::NAN),
        half.last().unwrap_or(&f64::NAN),
        together(others) / together(ours) * 100.0,
    );
    (median(shares), note)
}

/// An agent who answers each message as soon as the helpdesk has it.
async fn answer_each(bridge: &Bridge, tickets: &[usize], replied: &mut usize, count: usize) -> anyhow::Result<()> {
    let until = *replied + count;
    while *replied < until {
        // Our answers stand in the helpdesk, too.
        let waiting = bridge.messages().await?.saturating_sub(2 * *replied);
        if waiting > 0 {
            bridge.reply(&replies(tickets, *replied, waiting)).await?;
            *replied += waiting;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn register(folder: &Path, id: &str, prefix: &str, token: &str, port: u16) -> anyhow::Result<String> {
    let path = folder.join(format!("{id}.yaml"));
    let namespace = json!([{"exclusive": true, "regex": format!("^@{prefix}.*:{DOMAIN}$")}]);
    let aliases = json!([{"exclusive": true, "regex": format!("^#{prefix}.*:{DOMAIN}$")}]);
    let content = json!({
        "id": id, "url": format!("http://127.0.0.1:{port}"), "as_token": token,
        "hs_token": if token == AS_TOKEN { HS_TOKEN.to_owned() } else { format!("hs-{token}") },
        "sender_localpart": format!("{prefix}service"), "rate_limited": false, "io.element.msc4190": true,
        "namespaces": {"users": namespace, "aliases": aliases, "rooms": []},
    });
    std::fs::write(&path, content.to_string())?;
    Ok(path.to_string_lossy().into_owned())
}

fn escaped(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

impl World {
    async fn start(folder: &Path, registrations: &[String; 3]) -> anyhow::Result<Self> {
        let port = http::free_port()?;
        let (data, number) = (folder.join("synapse"), port.to_string());
        let data = data.to_string_lossy();
        let arguments: Vec<&str> =
            [&*data, &*number].into_iter().chain(registrations.iter().map(String::as_str)).collect();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/start-synapse");
        let log = folder.join("synapse.log");
        let mut synapse = Process::start("Synapse", &script, &arguments, &log)?;
        let (http, url) = (http::client(), format!("http://127.0.0.1:{port}"));
        let began = Instant::now();
        while http.get(format!("{url}/health")).send().await.is_err() {
            synapse.still_runs().with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
            if began.elapsed() > PATIENCE {
                bail!("Synapse does not answer");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let account = json!({"username": "customer", "password": "secret", "auth": {"type": "m.login.dummy"}});
        let request = http::json(http.post(format!("{url}/_matrix/client/v3/register")), &account);
        let registered = http::answer(request).await?;
        let customer_token = registered["access_token"].as_str().context("no token for the customer")?.to_owned();
        let customer = UserId::parse(format!("@customer:{DOMAIN}"))?;
        let database = SqliteConnectOptions::new().filename(Path::new(&*data).join("homeserver.db")).read_only(true);
        let written = SqlitePool::connect_with(database).await?;
        Ok(Self { url, http, customer, customer_token, synapse, written })
    }

    async fn call(
        &self,
        method: &str,
        token: &str,
        path: &str,
        user: Option<&UserId>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let user = user.map(|user| format!("?user_id={}", escaped(user.as_str()))).unwrap_or_default();
        let request = self.http.request(method.parse()?, format!("{}/_matrix/client/v3{path}{user}", self.url));
        let request = if method == "GET" { request } else { http::json(request, body) };
        http::answer(request.bearer_auth(token)).await.with_context(|| format!("{method} {path}"))
    }

    /// Accounts, and the rooms with the customer in them.
    async fn answerer(&self, prefix: &str, token: &'static str, bot: &str, speaker: &str) -> anyhow::Result<Answerer> {
        for localpart in [bot, speaker] {
            let account = json!({"type": "m.login.application_service", "username": localpart, "inhibit_login": true});
            self.call("POST", token, "/register", None, &account).await?;
        }
        let id = |localpart: &str| UserId::parse(format!("@{localpart}:{DOMAIN}"));
        let (bot, speaker) = (&id(bot)?, id(speaker)?);
        let rooms = stream::iter(0..ROOMS).map(|_| self.room(prefix, token, bot, &speaker));
        let rooms = rooms.buffered(MAKING).try_collect().await?;
        Ok(Answerer { speaker, rooms })
    }

    /// An application service's own device (MSC4190).
    async fn device(&self, of: &Answerer, token: &str) -> anyhow::Result<()> {
        self.call("PUT", token, &format!("/devices/{DEVICE}"), Some(&of.speaker), &json!({})).await.map(drop)
    }

    async fn room(&self, prefix: &str, token: &str, bot: &UserId, speaker: &UserId) -> anyhow::Result<OwnedRoomId> {
        let invite = [&*self.customer, speaker];
        let plan = json!({"preset": "private_chat", "invite": invite, "name": format!("Measured {prefix}")});
        let made = self.call("POST", token, "/createRoom", Some(bot), &plan).await?;
        let room = RoomId::parse(made["room_id"].as_str().context("no room id")?)?;
        let join = format!("/join/{}", escaped(room.as_str()));
        self.call("POST", &self.customer_token, &join, None, &json!({})).await?;
        self.call("POST", token, &join, Some(speaker), &json!({})).await?;
        Ok(room)
    }

    async fn bridge(&self, desk: &Answerer, ports: &Ports) -> anyhow::Result<Bridge> {
        let folder: TempDir = bridge::folder()?;
        let config = bridge::config(folder.path(), &self.url, DOMAIN, ports)?;
        let tickets = desk.rooms.iter().enumerate().map(|(at, room)| (at + 1, room.clone(), self.customer.clone()));
        seed::seed(&folder.path().join("ticketroom.db"), tickets).await?;
        let mut bridge = Bridge::run(folder, &config, ports)?;
        bridge.until_ready(ports).await?;
        bridge.stock(ROOMS, self.customer.as_str()).await?;
        Ok(bridge)
    }

    /// The messages of a round, written and answered.
    async fn round(
        &self,
        who: &Answerer,
        round: Round,
        meanwhile: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<Took> {
        let start: i64 = sqlx::query_scalar("SELECT max(stream_ordering) FROM events").fetch_one(&self.written).await?;
        let (began, cpu) = (Instant::now(), self.synapse.cpu()?);
        let end = round.first + round.messages;
        let rooms = &who.rooms;
        let writer = |first: usize| async move {
            for number in (first..end).step_by(PARALLEL) {
                let room = escaped(rooms[number % ROOMS].as_str());
                // As clients write it: without `m.mentions`, Synapse works less for the message and for its echo.
                let body = format!("{number} Does it still leak?");
                let content = json!({"msgtype": "m.text", "body": body, "m.mentions": {}});
                let path = format!("/rooms/{room}/send/m.room.message/n{number}");
                self.call("PUT", &self.customer_token, &path, None, &content).await?;
            }
            anyhow::Ok(())
        };
        let writing = try_join_all((0..PARALLEL).map(|at| writer(round.first + at)));
        tokio::try_join!(writing, meanwhile)?;
        while self.answered_since(start, who).await? < round.messages {
            if began.elapsed() > PATIENCE {
                bail!("not all of {} messages are answered", round.messages)
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let messages = round.messages as f64;
        let rate = messages / began.elapsed().as_secs_f64();
        Ok(Took { rate, cpu: (self.synapse.cpu()? - cpu) / messages * 1000.0 })
    }

    /// From its own database, since asking Synapse is work for it, too.
    async fn answered_since(&self, start: i64, who: &Answerer) -> anyhow::Result<usize> {
        let count =
            "SELECT count(*) FROM events WHERE stream_ordering > $1 AND sender = $2 AND type = 'm.room.message'";
        let query = sqlx::query_scalar::<_, i64>(count).bind(start).bind(who.speaker.as_str());
        Ok(usize::try_from(query.fetch_one(&self.written).await?)?)
    }

    /// Each message was answered once, as the customer sees it.
    async fn all_answered(&self, who: &Answerer, messages: usize) -> anyhow::Result<()> {
        for room in &who.rooms {
            let answers = self.answers_in(who, room).await?;
            if answers != messages / ROOMS {
                bail!("{answers} answers to {} messages", messages / ROOMS);
            }
        }
        Ok(())
    }

    async fn answers_in(&self, who: &Answerer, room: &RoomId) -> anyhow::Result<usize> {
        let filter = escaped(&json!({"senders": [who.speaker], "types": ["m.room.message"]}).to_string());
        let path = format!("/rooms/{}/messages?dir=b&limit=500&filter={filter}", escaped(room.as_str()));
        let page = self.call("GET", &self.customer_token, &path, None, &Value::Null).await?;
        Ok(page["chunk"].as_array().map_or(0, Vec::len))
    }
}
