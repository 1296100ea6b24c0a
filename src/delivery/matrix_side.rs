//! What the homeserver's half of an effect needs to know from the store: rooms that the effect does not name itself.

use std::sync::Arc;

use ruma::{OwnedRoomId, RoomId};

use super::blame::Blamed;
use super::engine::Engine;
use super::view::{deciding_lane, ticket_of_lane};
use crate::matrix::Contact;
use crate::model::{Effect, FileSpeech, Inspection, Outcome, Place, RoomKind, Speaker, Speech};
use crate::store::StoreError;

impl Engine {
    /// The room of the desk that the effect speaks in, the desk's space, or another ticket's room.
    pub(super) async fn other_room(self: &Arc<Self>, effect: &Effect) -> Result<Option<OwnedRoomId>, Blamed> {
        let place = match effect {
            Effect::Say(speech) => &speech.place,
            Effect::SayFile(speech) => &speech.place,
            Effect::AskForVideo { speech, .. } => &speech.place,
            Effect::React { place, .. } => place,
            Effect::InviteToDesk { desk, .. } => return Ok(Some(self.ensure_desk_room(desk).await?)),
            Effect::Shelve { desk, .. } => return Ok(Some(self.ensure_desk_space(desk).await?)),
            Effect::Replace { by, .. } => {
                // It is remembered before it has its room, which it gets although it may be closed.
                let other = self.known.ticket(by).await?;
                return Ok(other.and_then(|ticket| ticket.room.clone()));
            }
            _ => return Ok(None),
        };
        match place {
            Place::Room(_) => Ok(None),
            Place::Desk { desk } | Place::Thread { desk, .. } => match self.former_room(effect, place).await? {
                None => Ok(Some(self.ensure_desk_room(desk).await?)),
                room => Ok(room),
            },
        }
    }

    /// What is said in a thread, or in the place of a message, belongs where those stand: the desk may have moved on since.
    async fn former_room(&self, effect: &Effect, place: &Place) -> Result<Option<OwnedRoomId>, StoreError> {
        let replaced = if let Effect::Say(speech) = effect { speech.replaces.as_ref() } else { None };
        let stands = match (replaced, place) {
            (Some(event), _) | (None, Place::Thread { root: event, .. }) => self.backend.event(event).await,
            (None, _) => return Ok(None),
        };
        Ok(stands?.map(|row| row.room))
    }

    /// The same effect as a reply, where what it answers came into the room only after it was decided.
    pub(super) async fn as_reply(
        &self,
        effect: &Effect,
        lane: &str,
        desk_room: Option<&RoomId>,
    ) -> Result<Option<Effect>, StoreError> {
        let (Effect::Say(Speech { answers, carries, place, .. })
        | Effect::SayFile(FileSpeech { answers, carries, place, .. })) = effect
        else {
            return Ok(None);
        };
        let carried = carries.as_ref().map(|(ticket, _)| ticket.clone());
        let ticket = carried.or_else(|| ticket_of_lane(deciding_lane(lane)));
        let (Some(answers), Some(ticket)) = (answers, ticket) else { return Ok(None) };
        let here = if let Place::Room(room) = place { Some(&**room) } else { desk_room };
        let Some(answered) = self.backend.event_of(&ticket, answers).await?.filter(|row| Some(&*row.room) == here)
        else {
            return Ok(None);
        };
        let mut effect = effect.clone();
        if let Effect::Say(Speech { reply_to, .. }) | Effect::SayFile(FileSpeech { reply_to, .. }) = &mut effect {
            *reply_to = Some(answered.event);
        }
        Ok(Some(effect))
    }

    /// At the door of a code its contact user is what the bot is elsewhere.
    pub(super) async fn contact(&self, effect: &Effect) -> Result<Option<Contact>, StoreError> {
        let place = match effect {
            Effect::Say(Speech { place: Place::Room(room), speaker: Speaker::Bot, .. })
            | Effect::React { place: Place::Room(room), .. }
            | Effect::Redact { room, .. }
            | Effect::Join { room }
            | Effect::Leave { room } => room,
            Effect::ReadAnswered { said, .. } => &said.room,
            _ => return Ok(None),
        };
        let Some(RoomKind::Door { code: Some(code), .. }) = self.known.room(place).await?.map(|room| room.kind) else {
            return Ok(None);
        };
        let name = match effect {
            Effect::Join { .. } => self.backend.code(&code).await?.map(|code| code.name),
            _ => None,
        };
        Ok(Some(Contact { user: self.settings.contact(&code), name }))
    }

    /// A room that is something else already can't be what somebody says it is, and is not entered.
    pub(super) async fn known_without_looking(&self, effect: &Effect) -> Result<Option<Outcome>, StoreError> {
        let Effect::Inspect { former, room, by } = effect else { return Ok(None) };
        let taken = match self.known.room(room).await?.map(|room| room.kind) {
            None => false,
            Some(RoomKind::Upgrade { former: announced, .. }) => announced.id != former.id,
            // They have invited us there before they announced it, and we took it for their direct chat.
            Some(RoomKind::Door { customer, open: None, waiting: None, .. }) => customer != *by,
            Some(_) => true,
        };
        let found = || Outcome::Inspected(Box::new(Inspection { taken: true, ..Inspection::default() }));
        Ok(taken.then(found))
    }
}
