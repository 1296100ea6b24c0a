//! Carries out the effects that the homeserver is needed for.

use std::sync::Arc;

use ruma::api::client::membership::{join_room_by_id, leave_room};
use ruma::api::client::message::send_message_event;
use ruma::api::client::redact::redact_event;
use ruma::events::MessageLikeEventType;
use ruma::{MxcUri, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, RoomVersionId, TransactionId, UserId};
use serde_json::Value;

use super::answered;
use super::call_error::CallError;
use super::client::Homeserver;
use super::content::{self, txn_id};
use super::files;
use super::ghosts::Ghosts;
use super::rooms::{Rooms, raw};
use super::sent::find_sent;
use super::spaces::{self, NotOurs};
use super::widget;
use crate::crash;
use crate::files::{NotCarried, Shown, SpoolError, Spooled, Spooling};
use crate::model::{Desk, Effect, Failure, FileSpeech, Next, Outcome, Place, RichText, Settings, Speaker, Speech};
use crate::texts::Words;

/// An effect's stable key and its circumstances.
pub struct Attempt<'a> {
    pub key: &'a str,
    /// The room of the desk that the effect speaks in, or the desk's space, if any.
    pub desk_room: Option<&'a RoomId>,
    /// Who stands in the room in the bot's place.
    pub contact: Option<&'a Contact>,
    /// When it was decided, and now; milliseconds since 1970.
    pub created_ms: i64,
    pub now_ms: i64,
    /// It was given up once, nobody knows how long ago.
    pub revived: bool,
    /// How often it failed.
    pub failures: i64,
}

/// A code's contact user.
#[derive(Clone, Debug)]
pub struct Contact {
    pub user: OwnedUserId,
    /// What it is called, where its account may have to be made.
    pub name: Option<String>,
}

/// So often something is read that a message waits for, where the homeserver says each time that it can't: with the pauses in
/// between two minutes by default.
const READINGS: i64 = 8;

impl Attempt<'_> {
    /// Nothing, where the homeserver stumbles over it again and again: what waits for it goes on without.
    fn or_without<T>(&self, read: Result<Option<T>, CallError>) -> Result<Option<T>, CallError> {
        match read {
            Err(error) if error.is_its_own_fault() && self.failures >= READINGS => {
                tracing::warn!(%error, "something a message answers or says cannot be read; it goes on without");
                Ok(None)
            }
            read => read,
        }
    }

    /// Since when an earlier attempt may have sent what the homeserver has forgotten the transaction id of.
    fn forgotten_since_ms(&self) -> Option<i64> {
        match self.revived {
            true => Some(0),
            false => (self.now_ms - self.created_ms > TXN_ID_MS).then_some(self.created_ms),
        }
    }
}

/// Synapse keeps transaction ids for 24 hours; milliseconds, with a margin.
const TXN_ID_MS: i64 = 20 * 3600 * 1000;

pub struct MatrixSide {
    pub homeserver: Arc<Homeserver>,
    pub ghosts: Ghosts,
    pub settings: Arc<Settings>,
    pub room_version: Option<RoomVersionId>,
    pub not_ours: NotOurs,
}

impl MatrixSide {
    pub(super) fn rooms(&self) -> Rooms<'_> {
        Rooms { homeserver: &self.homeserver, settings: &self.settings, version: self.room_version.as_ref() }
    }

    fn bot_or<'a>(&'a self, contact: Option<&'a Contact>) -> &'a UserId {
        contact.map_or(&self.settings.bot, |contact| &contact.user)
    }

    /// An invitation failed. Where it is their homeserver that is away, nothing else waits for it.
    fn aside(&self, user: &UserId, error: CallError) -> Failure {
        match error.is_elsewhere(user.server_name(), self.settings.bot.server_name()) {
            true => Failure { next: Next::Aside, ..Failure::from(error) },
            false => Failure::from(error),
        }
    }

    /// Makes the desk's room, or finds it again.
    pub async fn desk_room(&self, desk: &Desk) -> Result<OwnedRoomId, Failure> {
        self.rooms().desk(desk).await
    }

    /// The desk's space, where there is one.
    pub async fn find_space(&self, desk: &Desk) -> Result<Option<OwnedRoomId>, Failure> {
        self.rooms().find_space(desk).await
    }

    /// Makes the desk's space, or finds it again.
    pub async fn desk_space(&self, desk: &Desk, desk_room: &RoomId) -> Result<OwnedRoomId, Failure> {
        self.rooms().space(desk, desk_room).await
    }

    /// Carries one effect out; it may have been tried before.
    pub async fn carry_out(&self, effect: &Effect, attempt: &Attempt<'_>) -> Result<Outcome, Failure> {
        let (key, desk_room) = (attempt.key, attempt.desk_room);
        let bot = self.bot_or(attempt.contact);
        match effect {
            Effect::CreateTicketRoom { snapshot, powers } => {
                Ok(Outcome::RoomMade { room: self.rooms().ticket(snapshot, powers).await? })
            }
            Effect::CreateWaitingRoom { cause, name, .. } => {
                Ok(Outcome::RoomMade { room: self.rooms().waiting(cause, name).await? })
            }
            Effect::Say(speech) | Effect::AskForVideo { speech, .. } => {
                let room = room_of(&speech.place, desk_room)?;
                let event = self.say(&room, speech, attempt).await?;
                Ok(Outcome::Sent { room, event })
            }
            Effect::React { place, event, key: emoji } => {
                let room = room_of(place, desk_room)?;
                let txn = txn_id(key);
                if self.found(&room, &txn, attempt).await?.is_some() {
                    return Ok(Outcome::Ok);
                }
                let content = content::reaction(event, emoji, &txn);
                self.send(bot, &room, "m.reaction", &txn, &content).await?;
                Ok(Outcome::Ok)
            }
            Effect::Redact { room, event, reason } => {
                let mut request = redact_event::v3::Request::new(room.clone(), event.clone(), txn_id(key));
                request.reason = Some(reason.clone());
                crash::point("before-redaction");
                self.homeserver.call(bot, request).await?;
                crash::point("redacted");
                Ok(Outcome::Ok)
            }
            Effect::Join { room } => {
                if let Some(Contact { user, name: Some(name) }) = attempt.contact {
                    self.ghosts.ensure(user, name).await?;
                }
                self.homeserver.call(bot, join_room_by_id::v3::Request::new(room.clone())).await?;
                Ok(Outcome::Ok)
            }
            Effect::Leave { room } => {
                self.homeserver.call(bot, leave_room::v3::Request::new(room.clone())).await?;
                Ok(Outcome::Ok)
            }
            Effect::Decline { room, code, reason } => {
                let user = code.as_ref().map_or_else(|| self.settings.bot.clone(), |code| self.settings.contact(code));
                let mut request = leave_room::v3::Request::new(room.clone());
                request.reason.clone_from(reason);
                self.homeserver.call(&user, request).await?;
                Ok(Outcome::Ok)
            }
            Effect::LearnName { user } => Ok(Outcome::Name(attempt.or_without(self.ghosts.name_of(user).await)?)),
            Effect::ReadAnswered { said, answered } => {
                let read = answered::read(&self.homeserver, &self.ghosts, bot, &said.room, answered).await;
                Ok(Outcome::Answered(attempt.or_without(read)?))
            }
            Effect::Invite { room, user } => {
                self.ghosts.invite(room, user).await.map_err(|error| self.aside(user, error))?;
                Ok(Outcome::Ok)
            }
            Effect::InviteToDesk { user, .. } => {
                let room = desk_room.ok_or_else(|| Failure::retry("the desk's room is not there yet"))?;
                self.ghosts.invite_once(room, user).await.map_err(|error| self.aside(user, error))?;
                Ok(Outcome::Ok)
            }
            Effect::BringGhost { room, person, name } => {
                self.ghosts.bring(room, &self.settings.ghost(person), name).await?;
                Ok(Outcome::Ok)
            }
            Effect::SetPowers { room, powers } => {
                crash::point("before-powers");
                self.rooms().set_powers(room, powers).await?;
                crash::point("powers-set");
                Ok(Outcome::Ok)
            }
            Effect::Shelve { room, shown, .. } => {
                let space = desk_room.ok_or_else(|| Failure::retry("the desk's space is not there yet"))?;
                self.rooms().shelve(space, room, *shown).await?;
                Ok(Outcome::Ok)
            }
            Effect::LowPriority { room, user, low } => {
                spaces::low_priority(&self.homeserver, &self.not_ours, room, user, *low).await?;
                Ok(Outcome::Ok)
            }
            Effect::SetWidget { room, widget } => {
                widget::set(&self.homeserver, bot, room, widget.as_ref()).await?;
                Ok(Outcome::Ok)
            }
            Effect::Kick { room, user, reason } => {
                self.ghosts.kick(room, user, reason).await?;
                Ok(Outcome::Ok)
            }
            Effect::SetHistory { room, hidden } => {
                self.rooms().set_history(room, *hidden).await?;
                Ok(Outcome::Ok)
            }
            Effect::Replace { room, body, .. } => {
                let by = desk_room.ok_or_else(|| Failure::not_yet("the other ticket has no room yet"))?;
                self.rooms().replace(room, by, body).await?;
                Ok(Outcome::Ok)
            }
            Effect::Inspect { former, room, by } => {
                Ok(Outcome::Inspected(Box::new(self.rooms().inspect(&former.id, room, by).await?)))
            }
            Effect::Describe { room, snapshot } => {
                self.rooms().describe(room, snapshot).await?;
                Ok(Outcome::Ok)
            }
            _ => Err(Failure::dead("this effect is not for the homeserver")),
        }
    }

    /// A read receipt of one of our users who is in the room.
    pub async fn mark_read(&self, room: &RoomId, user: &UserId, event: OwnedEventId) -> Result<(), Failure> {
        use ruma::api::client::receipt::create_receipt::v3;
        let request = v3::Request::new(room.to_owned(), v3::ReceiptType::Read, event);
        Ok(self.homeserver.call(user, request).await.map(drop)?)
    }

    /// In as many events as it needs, one after the other; the first one stands for all. Repeated as a whole after a
    /// failure, those that are there already stay what they are.
    async fn say(&self, room: &RoomId, speech: &Speech, attempt: &Attempt<'_>) -> Result<OwnedEventId, Failure> {
        let mut first = None;
        let rest = self.words(speech.language.as_deref()).rest_in_ticket();
        for (index, part) in content::parts(&speech.body, &rest).iter().enumerate() {
            let txn = txn_id(&content::part_key(attempt.key, index));
            let event = match self.found(room, &txn, attempt).await? {
                Some(event) => event,
                None => self.say_part(room, speech, part, &txn, self.bot_or(attempt.contact)).await?,
            };
            first.get_or_insert(event);
            crash::point("part-sent");
        }
        first.ok_or_else(|| Failure::dead("there is nothing to say"))
    }

    /// What an earlier attempt has sent, where the homeserver may not remember it.
    async fn found(
        &self,
        room: &RoomId,
        txn: &TransactionId,
        attempt: &Attempt<'_>,
    ) -> Result<Option<OwnedEventId>, CallError> {
        let Some(since_ms) = attempt.forgotten_since_ms() else { return Ok(None) };
        find_sent(&self.homeserver, &self.settings, self.bot_or(attempt.contact), room, txn, since_ms).await
    }

    async fn say_part(
        &self,
        room: &RoomId,
        speech: &Speech,
        part: &RichText,
        txn: &TransactionId,
        bot: &UserId,
    ) -> Result<OwnedEventId, Failure> {
        let content = content::message(speech, part, txn);
        let by_bot =
            |name: &str| content::message(speech, &self.attributed(name, part, speech.language.as_deref()), txn);
        self.speak(room, &speech.speaker, bot, txn, &content, by_bot).await
    }

    /// Sends it as whoever speaks. `by_bot`: what the bot says instead, where the ghost of this name may not speak.
    async fn speak(
        &self,
        room: &RoomId,
        speaker: &Speaker,
        bot: &UserId,
        txn: &TransactionId,
        content: &Value,
        by_bot: impl Fn(&str) -> Value,
    ) -> Result<OwnedEventId, Failure> {
        let Speaker::Ghost { person, name } = speaker else {
            return Ok(self.send(bot, room, "m.room.message", txn, content).await?);
        };
        let ghost = self.settings.ghost(person);
        self.ghosts.rename(&ghost, name).await;
        match self.send(&ghost, room, "m.room.message", txn, content).await {
            Err(error) if Ghosts::is_absent(&error) => {}
            other => return Ok(other?),
        }
        self.ghosts.forget(&ghost);
        self.ghosts.bring(room, &ghost, name).await?;
        match self.send(&ghost, room, "m.room.message", txn, content).await {
            // The room was locked meanwhile: what was written in the helpdesk still has to arrive.
            Err(error) if error.is("M_FORBIDDEN") => {
                Ok(self.send(bot, room, "m.room.message", txn, &by_bot(name)).await?)
            }
            other => Ok(other?),
        }
    }

    /// Where an earlier attempt has sent this file already.
    pub async fn sent_file(&self, speech: &FileSpeech, attempt: &Attempt<'_>) -> Result<Option<Outcome>, Failure> {
        let room = room_of(&speech.place, attempt.desk_room)?;
        let found = self.found(&room, &txn_id(attempt.key), attempt).await?;
        Ok(found.map(|event| Outcome::Sent { room, event }))
    }

    pub async fn say_file(
        &self,
        speech: &FileSpeech,
        shown: &Shown,
        attempt: &Attempt<'_>,
    ) -> Result<Outcome, NotCarried> {
        let room = room_of(&speech.place, attempt.desk_room)?;
        let bot = &self.settings.bot;
        let body = shown.content.open().await.map_err(SpoolError::from)?;
        let (name, media_type) = (shown.name.as_str(), shown.kind.media_type);
        crash::point("before-upload");
        let file = self.homeserver.upload(bot, name, media_type, body.into(), shown.content.size_bytes()).await?;
        crash::point("file-uploaded");
        let thumbnail = match shown.picture.as_ref().and_then(|picture| picture.thumbnail.as_ref()) {
            Some(small) => {
                let size = small.bytes.len() as u64;
                Some(self.homeserver.upload(bot, name, small.media_type, small.bytes.clone().into(), size).await?)
            }
            None => None,
        };
        let (at, txn) = (files::Uploaded { file, thumbnail }, txn_id(attempt.key));
        let content = files::message(speech, &speech.caption, shown, &at, &txn);
        let by_bot = |name: &str| {
            let caption = self.attributed(name, &speech.caption, speech.language.as_deref());
            files::message(speech, &caption, shown, &at, &txn)
        };
        let event = self.speak(&room, &speech.speaker, self.bot_or(attempt.contact), &txn, &content, by_bot).await?;
        Ok(Outcome::Sent { room, event })
    }

    /// Fetches what somebody sent.
    pub async fn download(&self, uri: &MxcUri, into: Spooling) -> Result<Spooled, NotCarried> {
        self.homeserver.download(&self.settings.bot, uri, into).await
    }

    /// The largest file that may be shown in a room.
    pub async fn upload_limit(&self) -> Option<u64> {
        self.homeserver.upload_limit(&self.settings.bot).await
    }

    fn attributed(&self, name: &str, body: &RichText, language: Option<&str>) -> RichText {
        crate::bridge::attributed(self.words(language), name, body.clone())
    }

    fn words(&self, language: Option<&str>) -> Words<'_> {
        let texts = &self.settings.texts;
        language.and_then(|code| texts.in_language(code)).unwrap_or_else(|| texts.words())
    }

    async fn send(
        &self,
        user: &UserId,
        room: &RoomId,
        event_type: &str,
        txn: &TransactionId,
        content: &Value,
    ) -> Result<OwnedEventId, CallError> {
        let body = raw(content).map_err(|failure| CallError::Impossible(failure.reason))?.cast_unchecked();
        let event_type = MessageLikeEventType::from(event_type);
        let request = send_message_event::v3::Request::new_raw(room.to_owned(), txn.to_owned(), event_type, body);
        Ok(self.homeserver.call(user, request).await?.event_id)
    }
}

fn room_of(place: &Place, desk_room: Option<&RoomId>) -> Result<OwnedRoomId, Failure> {
    match place {
        Place::Room(room) => Ok(room.clone()),
        Place::Desk { .. } | Place::Thread { .. } => {
            desk_room.map(RoomId::to_owned).ok_or_else(|| Failure::retry("the desk's room is not there yet"))
        }
    }
}
