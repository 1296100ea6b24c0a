//! Messages as a homeserver delivers them, and how long each delivery waits for its answer.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::http::Connection;
use crate::{bridge, seed};

const WORDS: &str =
    "The pump behind the house leaks again since this morning, about a litre an hour; could somebody look?";
const HTML: &str = "The <strong>pump</strong> behind the house leaks again since <em>this morning</em>, about a litre an \
                    hour; could <a href=\"https://example.org/who\">somebody</a> look?";

/// Writes messages for one target; numbers go on over all rounds.
pub struct Load {
    connection: Connection,
    pub sent: usize,
    transactions: usize,
    /// The ticket that each message goes to, in turn.
    pub tickets: Vec<usize>,
    /// Of each ticket the events that were delivered, in order.
    pub delivered: HashMap<usize, Vec<String>>,
}

/// How long deliveries took to be answered.
#[derive(Clone, Debug, Default)]
pub struct Answers(Vec<Duration>);

impl Answers {
    pub fn percentile_ms(&self, percent: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let at = ((sorted.len() as f64 * percent / 100.0).ceil() as usize).max(1) - 1;
        sorted.get(at).map_or(f64::NAN, |it| it.as_secs_f64() * 1000.0)
    }

    pub fn add(&mut self, others: Answers) {
        self.0.extend(others.0);
    }
}

impl Load {
    pub fn new(port: u16, tickets: Vec<usize>) -> Self {
        let connection = Connection::to((Ipv4Addr::LOCALHOST, port).into());
        Self { connection, sent: 0, transactions: 0, tickets, delivered: HashMap::new() }
    }

    /// Opens the connection; nothing is on it yet.
    pub async fn connect(&mut self) -> anyhow::Result<()> {
        self.transaction(0).await.map(drop)
    }

    fn event(&mut self) -> anyhow::Result<Value> {
        let ticket = self.tickets[self.sent % self.tickets.len()];
        self.sent += 1;
        let number = self.sent;
        let id = format!("$event{number:0>38}");
        self.delivered.entry(ticket).or_default().push(id.clone());
        let mut content = json!({"msgtype": "m.text", "body": format!("{number} {WORDS}"), "m.mentions": {}});
        // One in four is formatted.
        if number.is_multiple_of(4) {
            content["format"] = json!("org.matrix.custom.html");
            content["formatted_body"] = json!(format!("{number} {HTML}"));
        }
        Ok(json!({
            "type": "m.room.message", "event_id": id, "room_id": seed::room(ticket)?,
            "sender": seed::customer(ticket)?, "user_id": seed::customer(ticket)?,
            "origin_server_ts": 1_790_000_000_000_u64 + number as u64, "age": 12, "unsigned": {"age": 12},
            "content": content,
        }))
    }

    /// One transaction after the other, as a homeserver does it.
    pub async fn send(&mut self, messages: usize, batch: usize) -> anyhow::Result<Answers> {
        let mut answers = Answers::default();
        for _ in 0..messages.div_ceil(batch) {
            answers.0.push(self.transaction(batch).await?);
        }
        Ok(answers)
    }

    /// A transaction each `every`.
    pub async fn send_paced(&mut self, transactions: usize, batch: usize, every: Duration) -> anyhow::Result<Answers> {
        let mut answers = Answers::default();
        let mut ticks = tokio::time::interval(every);
        for _ in 0..transactions {
            ticks.tick().await;
            answers.0.push(self.transaction(batch).await?);
        }
        Ok(answers)
    }

    async fn transaction(&mut self, batch: usize) -> anyhow::Result<Duration> {
        let events = (0..batch).map(|_| self.event()).collect::<anyhow::Result<Vec<_>>>()?;
        self.transactions += 1;
        let body = json!({ "events": events }).to_string();
        let path = format!("/_matrix/app/v1/transactions/{}", self.transactions);
        let began = Instant::now();
        self.connection.put(&path, bridge::HS_TOKEN, body).await?;
        Ok(began.elapsed())
    }
}

/// Replies of an agent, one after the other over these tickets.
pub fn replies(tickets: &[usize], first: usize, count: usize) -> Vec<(usize, String)> {
    let reply = |number: usize| (tickets[number % tickets.len()], format!("{number} {WORDS}"));
    (first..first + count).map(reply).collect()
}
