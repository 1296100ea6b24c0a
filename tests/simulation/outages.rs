//! Outages of hours, in virtual time: people go on writing, and all of it arrives afterwards, once and in order.

use super::run::{self, Report};
use super::scenario::{Act, Scenario};

const TICKETS: usize = 3;
const MINUTE_MS: i64 = 60_000;
/// How long one side is away.
const AWAY_MIN: i64 = 120;

/// Everybody writes twice a minute, from before the outage until after it.
fn during(outage: Act) -> Report {
    let mut acts: Vec<_> = (0..TICKETS).map(|ticket| (0, Act::Open(ticket))).collect();
    for half in 0..2 * (AWAY_MIN + 4) {
        let at = half * MINUTE_MS / 2;
        for ticket in 0..TICKETS {
            acts.push((at + 10, Act::Say(ticket)));
            acts.push((at + 20, Act::Reply(ticket)));
        }
    }
    acts.push((MINUTE_MS, outage));
    acts.sort_by_key(|(at, _)| *at);
    let report = run::play(7, Scenario { tickets: TICKETS, acts }, false);
    println!(
        "{} messages in {:.1} virtual hours, healed within {:.1} s",
        report.messages,
        report.virtual_ms as f64 / 3_600_000.0,
        report.healed_ms as f64 / 1000.0
    );
    report
}

fn nothing_is_lost(outage: impl FnOnce(u64) -> Act) {
    let report = during(outage(AWAY_MIN as u64 * MINUTE_MS as u64));
    assert!(report.is_good(), "{:?}, {:?}, {} dead", report.verdict, report.called_in_pause, report.dead_letters);
    assert!(report.virtual_ms > AWAY_MIN * MINUTE_MS, "the outage was {} ms long", report.virtual_ms);
}

#[test]
fn a_helpdesk_that_is_away_for_two_hours_gets_everything_once_and_in_order() {
    nothing_is_lost(Act::HelpdeskAway);
}

#[test]
fn a_homeserver_that_is_away_for_two_hours_gets_everything_once_and_in_order() {
    nothing_is_lost(Act::HomeserverAway);
}

#[test]
fn a_bridge_that_is_away_for_two_hours_finds_everything_once_and_in_order() {
    nothing_is_lost(Act::KillBridge);
}

/// Nobody writes; the ticket is closed and reopened every few minutes. How often its room is told.
fn told_of_changes_during(outage: impl FnOnce(u64) -> Act) -> usize {
    let mut acts = vec![(0, Act::Open(0)), (MINUTE_MS, outage(AWAY_MIN as u64 * MINUTE_MS as u64))];
    for five in (2..AWAY_MIN).step_by(10) {
        acts.push((five * MINUTE_MS, Act::Close(0)));
        acts.push(((five + 5) * MINUTE_MS, Act::Reopen(0)));
    }
    let report = run::play(7, Scenario { tickets: 1, acts }, false);
    assert!(report.is_good(), "{:?}, {:?}, {} dead", report.verdict, report.called_in_pause, report.dead_letters);
    assert!(report.virtual_ms > AWAY_MIN * MINUTE_MS, "the outage was {} ms long", report.virtual_ms);
    report.notices
}

#[test]
fn a_homeserver_that_was_away_for_two_hours_is_told_only_how_a_ticket_is_now() {
    assert_eq!(told_of_changes_during(Act::HomeserverAway), 1);
}

#[test]
fn a_helpdesk_that_was_away_for_two_hours_has_no_news_of_what_is_as_it_was() {
    assert_eq!(told_of_changes_during(Act::HelpdeskAway), 0);
}

#[test]
fn a_bridge_that_was_away_for_two_hours_has_no_news_of_what_is_as_it_was() {
    assert_eq!(told_of_changes_during(Act::KillBridge), 0);
}
