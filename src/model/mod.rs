//! What Ticketroom talks about: tickets, people, messages, what can arrive and what can be done.
//!
//! Architecture invariant: nothing here does I/O, awaits, reads a clock or draws a random number.

mod code;
mod draft;
mod effect;
mod fact;
mod failure;
mod file;
mod handling;
mod ids;
mod message;
mod outcome;
mod person;
mod quotas;
mod rich_text;
mod room;
mod settings;
mod ticket;
mod video;

pub use code::{Code, Particulars, Template};
pub use draft::{Article, BlockElement, Choice, Draft, Library, LinkElement, Prepared, Search, Shelf, Shown};
pub use effect::{Effect, FileSpeech, Place, Powers, Side, Speaker, Speech, SpeechKind, Topic};
pub use fact::{Answered, Fact, Manner, Said, Uncarried};
pub use failure::{Failure, Next, Why};
pub use file::{File, FileKind, FileSource, Refusal};
pub use handling::FETCH;
pub use ids::{CodeId, DeskId, MessageId, PersonId, TicketId};
pub use message::{Answers, Author, HelpdeskMessage, Lack, Visibility};
pub use outcome::{Inspection, Outcome};
pub use person::Person;
pub use quotas::{Admission, Quotas, Used};
pub use rich_text::{Block, Inline, ListItem, RichText};
pub use room::{Room, RoomKind};
pub use settings::{Agent, Desk, Settings, is_login};
pub use ticket::{Acceptance, Away, Cancellation, Ghost, Snapshot, Status, Successor, Ticket, WaitingPost};
pub use video::{JitsiTokens, OffFor, Provider, Session, SessionState, VideoSettings, Widget};
