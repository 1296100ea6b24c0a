//! What a database has to do for us, claimed once and proven for SQLite and for PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "common/flaky.rs"]
mod flaky;
#[path = "common/line.rs"]
mod line;
mod store {
    pub mod claims;
    pub mod codes;
    mod cut_off;
    pub mod database;
    mod replicas;
    mod sharing;
}

use store::database::Database;
use store::{claims, codes};

/// Each claim becomes a test for each database.
macro_rules! claims {
    ($file:ident, $sqlite:ident, $postgres:ident: $($claim:ident),* $(,)?) => {
        mod $sqlite {
            $(#[tokio::test]
            async fn $claim() {
                super::$file::$claim(super::Database::sqlite()).await;
            })*
        }
        mod $postgres {
            $(#[tokio::test]
            async fn $claim() {
                super::$file::$claim(super::Database::postgres().await).await;
            })*
        }
    };
}

claims!(
    claims, sqlite, postgres:
    what_comes_again_is_there_once,
    rows_come_back_in_the_order_in_which_they_were_written,
    pages_follow_each_other,
    an_effect_is_planned_once,
    one_bad_step_does_not_fail_its_neighbours,
    a_commit_without_an_answer_is_told_of_before_anything_later,
    a_commit_that_fails_leaves_nothing,
    an_old_instance_is_fenced_out,
    a_second_instance_is_refused,
    a_newer_database_is_refused,
    a_lane_is_held_until_what_it_waits_for_is_done,
    what_is_tried_later_keeps_whether_it_may_have_happened,
    a_dead_letter_is_kept_and_counted,
    a_dead_letter_is_read_back_tried_again_or_dropped,
    the_last_of_several_writes_in_one_group_wins,
    rooms_are_found_by_id_and_desk_and_forgotten,
    rows_of_a_lane_that_became_another_are_read_there,
    what_is_done_is_forgotten_after_a_while,
    everything_is_there_after_a_restart,
    any_text_of_any_length_can_be_stored,
    many_rows_fit_into_one_step,
    what_is_brought_and_found_in_one_group_is_handed_over_in_its_order,
);

claims!(
    codes, sqlite_codes, postgres_codes:
    codes_are_made_once_read_back_and_disabled,
    a_code_is_written_beside_the_running_bridge_and_takes_nothing_over,
    what_customers_did_is_counted_once_by_customer_and_server_and_for_a_while,
    a_customers_open_tickets_are_those_that_they_opened_and_that_are_not_closed,
);
