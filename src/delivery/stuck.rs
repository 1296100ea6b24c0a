//! A room that the homeserver refuses to make holds its ticket for ever: after a few attempts the desk is told.

use std::sync::Arc;

use super::decide::json;
use super::engine::Engine;
use crate::model::{Desk, Effect, Failure, Place, RichText, Speaker, Speech, SpeechKind};
use crate::observe::metrics as names;
use crate::store::{NewOutbox, OutboxRow, Step};

/// Attempts that may be refused before somebody is told; once.
const PATIENT_ATTEMPTS: i64 = 5;

impl Engine {
    pub(super) async fn tell_of_stuck(self: &Arc<Self>, row: &OutboxRow, effect: &Effect, failure: &Failure) {
        let Effect::CreateTicketRoom { snapshot, .. } = effect else { return };
        if row.attempts != PATIENT_ATTEMPTS {
            return;
        }
        metrics::counter!(names::DEAD_LETTERS_TOTAL, "side" => crate::store::side_to_db(row.side)).increment(1);
        let title = format!("#{} {}", snapshot.number, crate::text::title(&snapshot.title));
        let words = self.settings.texts.words();
        let text = words.not_created(title, words.why(&failure.why, row.side));
        let say = Effect::Say(Speech {
            place: Place::Desk { desk: Desk { id: snapshot.desk.clone(), name: snapshot.desk_name.clone() } },
            speaker: Speaker::Bot,
            kind: SpeechKind::Notice,
            body: RichText::from(text),
            reply_to: None,
            answers: None,
            carries: None,
            replaces: None,
            offer_of: None,
            prepares: None,
            tells: None,
        });
        let Ok(body) = json(&say) else { return };
        let notice = NewOutbox {
            key: format!("stuck/{}", row.key),
            // Its own lane is what is stuck.
            lane: format!("stuck:{}", row.lane),
            side: row.side,
            holds: false,
            body,
            attempting: false,
        };
        self.commit_until_written(Step { outbox: vec![notice], ..Step::default() }).await;
    }
}
