//! Why something was given up, in words.

use super::Words;
use crate::model::{Side, Why};

impl Words<'_> {
    /// A sentence, or what the other side said. `side`: where it was to go.
    pub fn why(self, why: &Why, side: Side) -> String {
        match why {
            Why::Unreachable => self.reason_unreachable(match side {
                Side::Helpdesk => "helpdesk",
                Side::Matrix => "homeserver",
            }),
            Why::NoTicket => self.reason_no_ticket(),
            Why::Setup => self.reason_setup(),
            Why::TooLarge => self.reason_too_large(),
            Why::Said(words) => self.reason_said(words.clone()),
            Why::Other => self.reason_other(),
        }
    }
}
