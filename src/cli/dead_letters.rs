//! `ticketroom dead-letters`: what was given up, for the administrator to look at, try again or drop.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::{ConfigFile, say};
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::model::{Effect, Side};
use crate::store::{self, Backend, DeadLetter};
use crate::text::is_invisible;

/// Read at once.
const PAGE: i64 = 200;

#[derive(Subcommand)]
pub enum Wish {
    /// One line each: number, since when, for which side, ticket, what, and why it was given up
    List(ConfigFile),
    /// One of them, whole: this is what people wrote, so mind who looks over your shoulder
    Show(One),
    /// Tries them again; the running bridge starts within 15 seconds, and looks first whether it has happened after all
    Retry(Chosen),
    /// Gives them up for good and forgets what they said
    Drop(Chosen),
}

#[derive(Args)]
pub struct One {
    /// As `list` shows it
    number: i64,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Args)]
pub struct Chosen {
    /// As `list` shows them
    #[arg(required_unless_present = "all")]
    numbers: Vec<i64>,
    /// All there are
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
    #[command(flatten)]
    file: ConfigFile,
}

impl Wish {
    fn file(&self) -> &ConfigFile {
        match self {
            Self::List(file) => file,
            Self::Show(one) => &one.file,
            Self::Retry(chosen) | Self::Drop(chosen) => &chosen.file,
        }
    }
}

pub async fn run(wish: &Wish) -> anyhow::Result<()> {
    let config = config::load(&wish.file().config)?;
    let uri = config.database.uri.expose_secret();
    store::must_exist(uri)?;
    let backend = store::beside(uri).await?;
    match wish {
        Wish::List(_) => list(&*backend).await,
        Wish::Show(one) => show(&*backend, one.number).await,
        Wish::Retry(chosen) => {
            let now_ms = SystemClock.now_ms();
            for number in numbers(&*backend, chosen).await? {
                ensure!(backend.retry_dead_letter(number, now_ms).await?, none(number));
                say(format!("{number} is tried again"));
            }
            Ok(())
        }
        Wish::Drop(chosen) => {
            for number in numbers(&*backend, chosen).await? {
                ensure!(backend.drop_dead_letter(number).await?, none(number));
                say(format!("{number} is dropped"));
            }
            Ok(())
        }
    }
}

fn none(number: i64) -> String {
    format!("there is no dead letter {number}: `ticketroom dead-letters list` shows them")
}

async fn all(backend: &dyn Backend) -> anyhow::Result<Vec<DeadLetter>> {
    let mut letters: Vec<DeadLetter> = Vec::new();
    loop {
        let page = backend.dead_letters(letters.last().map_or(0, |last| last.row.seq), PAGE).await?;
        if page.is_empty() {
            return Ok(letters);
        }
        letters.extend(page);
    }
}

async fn numbers(backend: &dyn Backend, chosen: &Chosen) -> anyhow::Result<Vec<i64>> {
    match chosen.all {
        true => Ok(all(backend).await?.iter().map(|letter| letter.row.seq).collect()),
        false => Ok(chosen.numbers.clone()),
    }
}

async fn list(backend: &dyn Backend) -> anyhow::Result<()> {
    let letters = all(backend).await?;
    if letters.is_empty() {
        say("There are no dead letters.");
    }
    for letter in letters {
        say(line(&letter));
    }
    Ok(())
}

async fn show(backend: &dyn Backend, number: i64) -> anyhow::Result<()> {
    let found = backend.dead_letters(number - 1, 1).await?.into_iter().find(|letter| letter.row.seq == number);
    let Some(letter) = found else { bail!(none(number)) };
    say(line(&letter));
    let body: serde_json::Value = serde_json::from_str(&letter.row.body)?;
    say(harmless(&serde_json::to_string_pretty(&body)?));
    Ok(())
}

/// What strangers wrote, on a terminal: nothing in it moves the cursor or turns the text around.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && (c.is_control() || is_invisible(c)) { '·' } else { c }).collect()
}

fn line(letter: &DeadLetter) -> String {
    let row = &letter.row;
    let since = UNIX_EPOCH + Duration::from_millis(u64::try_from(row.created_ms).unwrap_or_default());
    let side = match row.side {
        Side::Matrix => "to Matrix",
        Side::Helpdesk => "to the helpdesk",
    };
    let place = match row.lane.strip_prefix("t:") {
        Some(ticket) => format!("ticket {ticket}"),
        None => row.lane.clone(),
    };
    let reason = crate::text::clean_name(&letter.reason);
    let since = httpdate::fmt_http_date(since);
    harmless(&format!("{}  {since}  {side}  {place}  {}  {reason}", row.seq, what(&row.body)))
}

/// What it would have done, in a word.
fn what(body: &str) -> &'static str {
    match serde_json::from_str(body) {
        Ok(Effect::Say(_) | Effect::Post { .. }) => "message",
        Ok(Effect::CreateTicket { .. }) => "new ticket",
        Ok(Effect::Invite { .. } | Effect::InviteToDesk { .. }) => "invitation",
        Ok(Effect::SetPowers { .. }) => "who may write",
        Ok(Effect::Redact { .. }) => "removal",
        Ok(Effect::Accept { .. } | Effect::Release { .. }) => "owner",
        Ok(Effect::SetClosed { .. }) => "status",
        Ok(_) => "other",
        Err(_) => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_strangers_wrote_commands_no_terminal() {
        assert_eq!(super::harmless("a\u{1b}]0;x\u{7}\n\u{9b}2J\u{202e}b\u{200b}é🦀"), "a·]0;x·\n·2J·b·é🦀");
    }
}
