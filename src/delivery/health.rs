//! What a call tells of its side: whether it is there, and the figures.

use super::blame::{Blame, Blamed};
use super::engine::Engine;
use crate::model::{Next, Outcome, Side};
use crate::observe::Component;
use crate::observe::metrics as names;

fn component(side: Side) -> Component {
    match side {
        Side::Matrix => Component::Homeserver,
        Side::Helpdesk => Component::Helpdesk,
    }
}

impl Engine {
    pub(super) fn note_health(&self, side: Side, result: &Result<Outcome, Blamed>) {
        let (side, asked) = match result {
            // It was not called: a file may not pass, or there was nothing to ask.
            Ok(Outcome::Without { done: None, .. }) => return,
            Ok(Outcome::Inspected(inspection)) if inspection.taken => return,
            // Whoever searched was told that it could not be reached; what comes next shows.
            Ok(Outcome::Found { failure: Some(_), .. }) => return,
            Err(Blamed { blame: Blame::Ours | Blame::Elsewhere, .. }) => return,
            Ok(_) => return self.note_answer(side),
            Err(Blamed { blame, failure }) => {
                let side = if let Blame::Side(other) = blame { *other } else { side };
                match failure.next {
                    Next::Dead | Next::NotYet => return self.note_answer(side),
                    Next::Retry { after } | Next::Uncertain { after } => (side, after),
                    // It may also be the side itself: what comes next shows.
                    Next::Aside => return,
                }
            }
        };
        let breaker = &self.sending(side).breaker;
        breaker.failed(asked);
        if breaker.is_open() {
            self.readiness.set_down(component(side), "calls to it fail; see the log");
        }
    }

    fn note_answer(&self, side: Side) {
        self.sending(side).breaker.succeeded();
        self.readiness.set_up(component(side));
    }

    pub(super) fn count(&self, side: Side, outcome: &'static str) {
        let side = crate::store::side_to_db(side);
        metrics::counter!(names::SENDS, "side" => side, "outcome" => outcome).increment(1);
        if outcome == "dead" {
            metrics::counter!(names::DEAD_LETTERS_TOTAL, "side" => side).increment(1);
        }
    }
}
