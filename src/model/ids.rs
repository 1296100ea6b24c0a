//! The helpdesk's identifiers as types, so that a ticket's id is never mistaken for a person's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the helpdesk's own spelling; it is never parsed, only compared and sent back.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A ticket, by the id the helpdesk's interface takes (Request Tracker: `42`).
    TicketId
);
id!(
    /// A desk: the helpdesk's group or queue, by its id.
    DeskId
);
id!(
    /// An intake code, by the id in its contact user's name.
    CodeId
);
id!(
    /// A person in the helpdesk, by an id that is neither a name nor an address (a ghost's Matrix id is made of it).
    PersonId
);
id!(
    /// A message (Request Tracker: transaction, Zammad: article, Redmine: journal), by its id.
    MessageId
);

impl MessageId {
    const OPENING: &str = "opening";

    /// For what we make a message of whose own id we don't learn: no helpdesk's id begins with a `$`.
    pub fn standing_for(marker: &ruma::EventId) -> Self {
        Self(marker.as_str().to_owned())
    }

    /// For the words that opened a ticket, which some helpdesks know by no id of a message.
    pub fn opening() -> Self {
        Self(Self::OPENING.to_owned())
    }

    pub fn is_opening(&self) -> bool {
        self.0 == Self::OPENING
    }

    pub fn stands_for_event(&self) -> bool {
        self.0.starts_with('$')
    }
}
