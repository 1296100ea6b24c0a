//! What people write in a run: words, and now and then a file. Each is written until somebody says that it was taken.

use crate::oracle::{Channel, Entry, From};
use crate::wait;
use crate::world::{HEALED, World};

/// One message in so many is a file,
const FILE_EVERY: usize = 10;
/// this one first: a short run has some, too.
const FIRST_FILE: usize = 3;

impl World {
    /// Writes one message, and tries until somebody says that it was taken. In the helpdesk each attempt is a message of
    /// its own, for it knows no transaction ids.
    pub async fn write(&self, channel: Channel, words: &str) -> Result<Entry, String> {
        let ticket = self.tickets()[channel.ticket].clone();
        if channel.from == From::Matrix {
            let (entry, text) = self.book().write(channel, words);
            let txn = self.book().id(entry).to_owned();
            ticket.customer.say(&ticket.room, &txn, &text).await?;
            self.book().acknowledged(entry);
            return Ok(entry);
        }
        wait::until(2 * HEALED, || async {
            let (entry, text) = self.book().write(channel, words);
            self.agent.try_reply(ticket.number, &text).await?;
            self.book().acknowledged(entry);
            Ok(entry)
        })
        .await
    }

    /// The same with a file.
    pub async fn write_file(&self, channel: Channel) -> Result<Entry, String> {
        let ticket = self.tickets()[channel.ticket].clone();
        if channel.from == From::Matrix {
            let (entry, file) = self.book().write_file(channel);
            let txn = self.book().id(entry).to_owned();
            ticket.customer.send_file(&ticket.room, &txn, &file).await?;
            self.book().acknowledged(entry);
            return Ok(entry);
        }
        wait::until(2 * HEALED, || async {
            let (entry, file) = self.book().write_file(channel);
            self.agent.try_reply_with_file(ticket.number, &file).await?;
            self.book().acknowledged(entry);
            Ok(entry)
        })
        .await
    }

    /// What people write most of the time is words.
    pub async fn write_something(&self, channel: Channel, words: &str) -> Result<Entry, String> {
        let number = self.book().written_in(channel);
        if number % FILE_EVERY == FIRST_FILE {
            self.write_file(channel).await
        } else {
            self.write(channel, words).await
        }
    }
}
