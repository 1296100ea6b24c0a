//! What every helpdesk must do, claimed once and proven for the one in memory and for a real Request Tracker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

mod common;
#[path = "common/tracker/mod.rs"]
mod tracker;
mod helpdesk_contract {
    pub mod check;
    pub mod claims;
    pub mod files;
    pub mod hidden;
    pub mod life;
    pub mod mails;
    pub mod parts;
    pub mod request_tracker;
    pub mod stand_in;
    pub mod words;
    pub mod worlds;
}

use helpdesk_contract::claims;
use helpdesk_contract::worlds::{Memory, Real};

/// Each claim becomes a test for each helpdesk.
macro_rules! claims {
    ($($claim:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $claim() {
                super::claims::$claim(&super::Memory::start().await).await;
            })*
        }
        mod request_tracker {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::claims::$claim(&super::Real::start().await).await;
            })*
        }
    };
}

claims!(
    a_ticket_is_found_by_its_marker_and_by_no_other,
    a_ticket_is_read_back_whole,
    hostile_words_stay_words,
    a_hostile_user_id_is_one_customer,
    a_message_stands_under_its_authors_name,
    a_message_is_found_by_its_marker,
    a_note_is_internal,
    an_answer_names_what_it_answers,
    a_mail_names_the_mail_it_answers,
    a_link_is_attached_once,
    a_link_that_is_too_long_is_refused_and_not_cut_off,
    a_message_does_not_reopen_a_closed_ticket,
    of_two_agents_who_accept_at_once_one_wins,
    a_released_ticket_can_be_accepted_by_another,
    an_unknown_agent_is_refused,
    a_ticket_closes_and_reopens,
    a_ticket_bears_device_template_and_priority,
    a_customer_takes_back_what_nobody_owns,
    articles_are_found_by_their_words_and_have_a_page,
    building_blocks_come_with_text_language_and_queue,
    the_feed_tells_everything_once_and_in_order,
    what_is_not_there_is_told_so,
    a_file_that_is_not_there_is_gone,
    a_file_without_words_bears_its_marker_and_its_author,
    a_merged_ticket_says_where_it_went,
    a_ticket_may_be_opened_by_a_file,
    an_internal_ticket_says_so,
    files_of_a_message_come_out_as_they_went_in,
    formatted_words_come_out_as_they_went_in,
    merging_tells_no_message_again,
    our_own_word_is_a_note_that_is_known_again_and_reopens_nothing,
    statuses_and_priorities_are_words_that_the_texts_translate,
    what_can_never_be_delivered_says_why_in_any_language,
    what_is_written_to_a_merged_ticket_stands_in_the_other_one,
);
