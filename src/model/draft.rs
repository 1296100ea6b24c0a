//! What an agent prepares in the ticket's thread before the customer reads it: the list to choose from, and the draft.

use ruma::{OwnedEventId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{Place, RichText};

/// A draft: an event in the ticket's thread that becomes a message of its agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The event that shows it: ✅ on it sends it.
    pub event: OwnedEventId,
    /// Where it stands: the ticket's thread then.
    pub place: Place,
    pub agent: OwnedUserId,
    pub body: RichText,
    /// Variables for which there is nothing, as they were typed: with any of them it can't be sent.
    pub unknown: Vec<String>,
}

/// The two shelves that an agent can choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shelf {
    /// The helpdesk's articles, and the configuration's Text Assistant.
    Links,
    /// Canned replies.
    Blocks,
}

/// Something to choose from a list, with all that is needed to put it into a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    Link {
        title: String,
        url: String,
        /// The words around the link, where `{{link}}` stands for it.
        template: Option<RichText>,
    },
    /// `body`: with its variables.
    Block { title: String, body: RichText },
}

/// A list that was shown to an agent: number 3 is its third choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub event: OwnedEventId,
    pub place: Place,
    pub agent: OwnedUserId,
    pub shelf: Shelf,
    /// None: it is not the last one any more, or its draft is gone. Whoever still taps on it shall hear so.
    pub choices: Vec<Choice>,
}

impl Shown {
    /// Lists of one ticket that can be chosen from.
    const MAX: usize = 4;
    /// Those that could be.
    const OLD_MAX: usize = 8;

    pub fn is_old(&self) -> bool {
        self.choices.is_empty()
    }

    /// Nobody chooses from it any more.
    pub fn outlive(&mut self) {
        self.choices.clear();
    }

    /// Forgets the first ones where there are too many.
    pub fn limit(all: &mut Vec<Self>) {
        for (old, max) in [(false, Self::MAX), (true, Self::OLD_MAX)] {
            let mut too_many = all.iter().filter(|list| list.is_old() == old).count().saturating_sub(max);
            all.retain(|list| {
                let goes = too_many > 0 && list.is_old() == old;
                too_many -= usize::from(goes);
                !goes
            });
        }
    }
}

/// What a message of ours is there for. Once it stands there it is remembered with its event, and offers its reactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prepared {
    Draft { agent: OwnedUserId, body: RichText, unknown: Vec<String> },
    List { agent: OwnedUserId, shelf: Shelf, choices: Vec<Choice> },
}

/// What an agent looks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub shelf: Shelf,
    /// Empty: whatever there is.
    pub words: String,
}

/// Something of the helpdesk's knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub title: String,
    /// Where a customer can read it; empty where nobody but an agent can.
    pub url: String,
    /// Its text, for a building block.
    pub body: RichText,
    /// Desks (by name or id) that it is for; empty means all.
    pub desks: Vec<String>,
    pub language: Option<String>,
}

/// An element of the Text Assistant, from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkElement {
    pub title: String,
    pub url: String,
    pub template: Option<RichText>,
    pub language: Option<String>,
}

/// A building block, from the configuration. `body`: with its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockElement {
    pub name: String,
    pub body: RichText,
    pub desks: Vec<String>,
    pub language: Option<String>,
}

/// What agents can choose from besides the helpdesk, and whether that can be asked, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    pub links: Vec<LinkElement>,
    pub blocks: Vec<BlockElement>,
    pub searches_articles: bool,
    pub searches_blocks: bool,
}
