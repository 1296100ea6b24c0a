//! What stands in a ticket for what is not just words.

pub const LOCATION: &str = "[Location]";
pub const POLL: &str = "[Poll]";
pub const POLL_VOTES: &str = "Votes are seen in the Matrix room only.";
pub const OTHER: &str = "[A message of a kind that can't be shown here. It says:]";
/// Somebody of ours whose name is not at hand.
pub const HELPDESK: &str = "the helpdesk";

pub fn sticker(shows: &str) -> String {
    match shows.trim() {
        "" => "[Sticker]".to_owned(),
        shows => format!("[Sticker: {shows}]"),
    }
}
