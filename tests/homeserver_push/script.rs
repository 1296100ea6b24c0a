//! The words of which scripts are made.

use super::recorder::Answer;

#[derive(Clone, Copy, Debug)]
pub enum Room {
    /// The bot is in both: events of one do not wait for those of the other.
    One,
    Two,
    /// Nobody of the application service's.
    Elsewhere,
}

/// What is to lie on the homeserver's disk.
#[derive(Clone, Copy, Debug)]
pub struct OnDisk {
    pub down: bool,
    /// All events up to now, as far as what is on disk says.
    pub handled: bool,
    /// The texts of each transaction, in the order of their ids.
    pub stored: &'static [&'static [&'static str]],
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    Say(Room, &'static str),
    /// In the first room, so many: `text 1`, `text 2` …
    SayMany(&'static str, usize),
    /// Somebody invites a ghost that does not exist, into the second room.
    Invite(&'static str),
    /// So are transactions answered from now on, also those that wait for an answer.
    Answer(Answer),
    /// Whether that ghost exists is not answered.
    Hold(&'static str),
    Release(&'static str),
    /// Waits until it is asked whether that ghost exists.
    Asked(&'static str),
    /// Waits until it came and is answered as it is to be now.
    Received(&'static str),
    /// The same, and asks for it by pings meanwhile.
    Hurried(&'static str),
    /// Waits until it came so often, and notes the pauses between and the connection.
    Repeated(&'static str, usize),
    /// Waits until this lies on disk, and notes it.
    Wait(OnDisk),
    Ping,
    /// Time passes in which nothing is to come.
    Quiet,
    Kill,
    Start,
}

pub fn up(stored: &'static [&'static [&'static str]]) -> Step {
    Step::Wait(OnDisk { down: false, handled: true, stored })
}

pub fn down(stored: &'static [&'static [&'static str]]) -> Step {
    Step::Wait(OnDisk { down: true, handled: true, stored })
}

pub fn unhandled(stored: &'static [&'static [&'static str]]) -> Step {
    Step::Wait(OnDisk { down: false, handled: false, stored })
}

pub fn say(text: &'static str) -> Step {
    Step::Say(Room::One, text)
}

pub struct Script {
    pub name: &'static str,
    pub steps: Vec<Step>,
    /// Transactions by their ids, counted from the script's first one; a repeat that ends as the one before is not told again.
    pub seen: &'static [&'static str],
}
