//! Video sessions.

super::messages! {
    help_video();
    /// The same command for customers.
    help_video_wish();
    video_title();
    video_join();
    /// `kind`: `call` (of the ticket's room) or `page`.
    video_invitation(agent, kind);
    video_opened();
    video_opened_comment();
    /// `state`: `open` or `in_progress`; `kind` as above.
    video_is_open(state, kind);
    video_none();
    video_ended();
    /// `state`: `done` or `cancelled`.
    video_ended_in_thread(state);
    /// `off`: `bridge::video::Off::as_str`.
    video_off(off);
    video_not_for_customers();
    video_wish(name);
    video_wish_comment(name);
    video_wish_passed_on();
    video_in_progress(name);
    video_empty();
    not_linked(reason);
    no_widget(reason);
}
