//! Drafts of Bert's: words, a link to a page and a building block, sent by a reaction or by a command.

use serde_json::Value;

use crate::desk::{Desk, YES, about, is_related, says};

/// The page of the Text Assistant that is configured, and the building block.
pub const PAGE: &str = "How to change the seal";
pub const ADDRESS: &str = "https://kb.example.org/seal?of=pump&size=5";
pub const GREETING: &str = "Greeting";
pub const BLOCK: &str = "This is {{agent.first_name}} of {{desk.name}}, and what I need is the device's serial number.";
const FILLED: &str = "This is Bert of General, and what I need is the device's serial number.";
/// What he waits for before he goes on (`draft_sent` in locales/en).
const SENT: &str = "Sent to the customer";

#[derive(Clone, Copy, Debug)]
pub enum Draft {
    Words,
    Link,
    Block,
}

impl Draft {
    /// What both sides are to read, white space apart.
    fn becomes(self, text: &str) -> String {
        match self {
            Self::Words => text.to_owned(),
            Self::Link => format!("{text} ({ADDRESS})"),
            Self::Block => format!("{text} {FILLED}"),
        }
    }
}

impl Desk<'_> {
    /// Prepares a draft and sends it; until the desk is told that it is sent.
    pub async fn draft(&self, ticket: usize, draft: Draft, taps: bool) -> Result<(), String> {
        let (entries, text) = self.world.book().write_draft(ticket, "drafted", |text| draft.becomes(text));
        let id = self.world.book().id(entries[0]).to_owned();
        let begun = match draft {
            Draft::Words | Draft::Block => self.say(ticket, &id, &format!("!add {text}")).await?,
            Draft::Link => {
                self.search(ticket, &format!("list-{id}"), "!link seal", PAGE).await?;
                self.say(ticket, &id, &format!("!link 1 | {text}")).await?
            }
        };
        let is_shown = |event: &Value| !is_related(event, "m.replace") && says(event, &text);
        let shown = self.until(&begun, &format!("the draft {id}"), is_shown).await?;
        if let Draft::Block = draft {
            self.until_noted(&shown, &id).await?;
            self.search(ticket, &format!("list-{id}"), "!block greeting", GREETING).await?;
            let chosen = self.say(ticket, &format!("choose-{id}"), "!block 1").await?;
            let is_added = |event: &Value| about(event) == shown && says(event, FILLED);
            self.until(&chosen, &format!("{id} to have its block"), is_added).await?;
        }
        if taps {
            self.world.bert.react(&self.room, &shown, YES).await?;
        } else {
            self.until_noted(&shown, &id).await?;
            self.say(ticket, &format!("send-{id}"), "!send").await?;
        }
        entries.iter().for_each(|entry| self.world.book().acknowledged(*entry));
        let is_sent = |event: &Value| about(event) == shown && says(event, SENT);
        self.until(&shown, &format!("{id} to be sent"), is_sent).await.map(drop)
    }

    /// Until the list with this in it is there to choose from.
    async fn search(&self, ticket: usize, txn: &str, command: &str, title: &str) -> Result<(), String> {
        let asked = self.say(ticket, txn, command).await?;
        let is_list = |event: &Value| !is_related(event, "m.replace") && says(event, title);
        let list = self.until(&asked, &format!("the list of {txn}"), is_list).await?;
        self.until_noted(&list, txn).await
    }

    /// Whoever types takes longer than the bridge until it has noted what it shows.
    async fn until_noted(&self, shown: &str, what: &str) -> Result<(), String> {
        let is_noted = |event: &Value| about(event) == shown && event["type"] == "m.reaction";
        self.until(shown, &format!("{what} to be noted"), is_noted).await.map(drop)
    }
}
