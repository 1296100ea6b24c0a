//! The configuration names other agents than when a ticket's room got its levels.

use std::sync::Arc;

use ticketroom::bridge::{View, agents_concern};
use ticketroom::model::{Agent, Fact, Settings, Ticket};

use crate::world::*;

/// Ada's ticket, with Ada in its room, looked at by somebody for whom the agents are these.
fn with_agents(ticket: Ticket, agents: &[(&str, &str)]) -> View {
    let agent = |(login, matrix): &(&str, &str)| Agent {
        login: (*login).to_owned(),
        matrix: user(matrix),
        name: (*login).to_owned(),
        desks: Vec::new(),
    };
    let settings = Settings { agents: agents.iter().map(agent).collect(), ..settings() };
    View { settings: Arc::new(settings), ..lane(ticket) }
}

fn adas() -> Ticket {
    Ticket { agents: vec![user(ADA)], ..ticket().owned_by(ada()) }
}

#[test]
fn who_is_no_agent_any_more_may_not_write_and_goes() {
    check(
        Fact::AgentsChanged,
        with_agents(adas(), &[(BEN, BEN)]),
        r#"levels of !t: open, agents [], customers [@carol]
        kick @ada from !t
        remember #1, agents none, writer none"#,
    );
}

#[test]
fn another_account_of_the_owner_gets_the_right_to_write() {
    check(
        Fact::AgentsChanged,
        with_agents(adas(), &[(ADA, "ada2")]),
        r#"levels of !t: open, agents [@ada2], customers [@carol]
        kick @ada from !t
        invite @ada2 to !t
        remember #1, agents @ada2, writer @ada2"#,
    );
}

#[test]
fn an_owner_who_becomes_an_agent_is_let_in() {
    let mut unlisted = ticket().owned_by(ada());
    unlisted.writer = None;
    check(
        Fact::AgentsChanged,
        with_agents(unlisted, &[(ADA, ADA)]),
        r#"levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        remember #1, agents @ada, writer @ada"#,
    );
}

#[test]
fn a_locked_room_only_loses_who_is_no_agent() {
    let closed = Ticket { locked: true, ..adas().closed() };
    check(
        Fact::AgentsChanged,
        with_agents(closed.clone(), &[]),
        r#"kick @ada from !t
        remember #1, agents none"#,
    );
    assert!(!agents_concern(&closed, &with_agents(closed.clone(), &[(ADA, ADA)]).settings));
}

#[test]
fn who_is_a_customer_too_stays() {
    let own = adas().customers(&[carol(), person("21", "Ada", ADA)]);
    check(
        Fact::AgentsChanged,
        with_agents(own, &[]),
        r#"levels of !t: open, agents [], customers [@ada @carol]
        remember #1, agents none, writer none"#,
    );
}

#[test]
fn nothing_changes_where_the_agents_are_the_same() {
    nothing(Fact::AgentsChanged, with_agents(adas(), &[(ADA, ADA)]));
    assert!(!agents_concern(&adas(), &settings()));
    assert!(agents_concern(&adas(), &with_agents(adas(), &[(ADA, "ada2")]).settings));
}

#[test]
fn a_change_in_the_helpdesk_takes_the_right_from_an_account_that_the_configuration_no_longer_names() {
    check(
        Fact::Seen(snapshot().owned_by(dora())),
        with_agents(adas(), &[(BEN, BEN)]),
        r#"levels of !t: open, agents [], customers [@carol]
        notice in !t: "Dora now takes care of this ticket."
        notice in thread …
        change …
        remember #1, snapshot"#,
    );
}
