//! What stands in a ticket for what is not just words.

super::messages! {
    sticker(shows);
    sticker_of_nothing();
    location();
    poll();
    poll_votes();
    other_kind();
    /// Somebody of ours whose name is not at hand.
    the_helpdesk();
}
