//! A desk that goes on in another room, because somebody has upgraded its old one.

use std::sync::Arc;

use ruma::RoomId;

use super::blame::Blamed;
use super::decide::json;
use super::engine::Engine;
use super::view::ticket_lane;
use crate::model::{Desk, DeskId, Fact, Outcome, Side, Ticket};
use crate::store::{NewInbox, Step, StoreError};

/// Tickets that are read at once.
const PAGE: i64 = 500;

impl Engine {
    /// Everything in here may be done twice; what follows in the tickets' lanes is written down once.
    pub(super) async fn move_desk(
        self: &Arc<Self>,
        desk: &DeskId,
        from: &RoomId,
        to: &RoomId,
    ) -> Result<Outcome, Blamed> {
        let blamed = Blamed::of(Side::Helpdesk);
        self.leave_alone(Side::Helpdesk).map_err(&blamed)?;
        let desks = self.helpdesk.desks().await.map_err(&blamed)?;
        let nameless = || Desk { id: desk.clone(), name: desk.to_string() };
        let desk = desks.into_iter().find(|known| known.id == *desk).unwrap_or_else(nameless);
        self.invite_agents(&desk, to).await;
        let space = if self.settings.spaces { Some(self.ensure_desk_space(&desk).await?) } else { None };
        self.matrix.move_desk(&desk.id, space.as_deref(), from, to).await?;
        let inbox = self.cards_of(&desk.id, to).await?;
        self.commit(Step { inbox, ..Step::default() }).await?;
        Ok(Outcome::Ok)
    }

    /// A word to each ticket that has its card at the desk, or is about to get it.
    async fn cards_of(&self, desk: &DeskId, to: &RoomId) -> Result<Vec<NewInbox>, StoreError> {
        let stands = |ticket: &Ticket| match &ticket.card_desk {
            Some(at) => at.id == *desk,
            None => ticket.snapshot.desk == *desk,
        };
        let (mut rows, mut last) = (Vec::new(), String::new());
        loop {
            let page = self.backend.tickets_behind(&last, PAGE).await?;
            let Some(behind) = page.last() else { return Ok(rows) };
            last = behind.snapshot.id.to_string();
            for ticket in page.iter().filter(|ticket| stands(ticket)) {
                let id = &ticket.snapshot.id;
                rows.push(NewInbox {
                    key: format!("moved/{to}/{id}"),
                    lane: ticket_lane(id),
                    body: json(&Fact::DeskMoved { room: to.to_owned() })?,
                });
            }
        }
    }
}
