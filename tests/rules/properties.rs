//! What holds for every fact in every view. The seed is fixed: a case that fails here fails everywhere, and becomes a
//! `check` of its own.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ticketroom::bridge::{View, decide};
use ticketroom::model::{Effect, Fact, Place, Powers, RoomKind, Settings, Ticket, Visibility};

use crate::arbitrary::{SECRET, facts, saids, scenes, snapshots, tickets, views};
use crate::render::words;
use crate::world::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(4711),
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    }
}

fn sender(fact: &Fact) -> Option<&ruma::UserId> {
    match fact {
        Fact::Said(said) => Some(&said.sender),
        Fact::Edited { sender, .. }
        | Fact::Reacted { sender, .. }
        | Fact::Encrypted { sender, .. }
        | Fact::Upgraded { sender, .. }
        | Fact::Unsupported { sender, .. } => Some(sender),
        Fact::Invited { by, .. } => Some(by),
        _ => None,
    }
}

/// The ticket as it is after the effects.
fn after(effects: &[Effect], view: &View) -> Option<Ticket> {
    let remembered = effects.iter().rev().find_map(|effect| match effect {
        Effect::RememberTicket(ticket) => Some((**ticket).clone()),
        _ => None,
    });
    remembered.or_else(|| view.ticket.clone())
}

fn powers(effects: &[Effect]) -> impl Iterator<Item = &Powers> {
    effects.iter().filter_map(|effect| match effect {
        Effect::SetPowers { powers, .. } | Effect::CreateTicketRoom { powers, .. } => Some(powers),
        _ => None,
    })
}

/// Whether this user may stand among the agents of this ticket.
fn may_answer(user: &ruma::UserId, ticket: &Ticket, settings: &Settings) -> bool {
    let owner = ticket.snapshot.owner.as_ref();
    let is_owner = settings.agent(user).is_some_and(|agent| owner.is_some_and(|owner| owner.login == agent.login));
    is_owner || (user != settings.bot && settings.is_ours(user))
}

/// Customers say what they like where they are, wherever they know it from.
fn by_customer(fact: &Fact, view: &View) -> bool {
    let customers = || view.ticket.iter().flat_map(|ticket| &ticket.snapshot.customers);
    match fact {
        Fact::SaidAtDoor(_) => true,
        Fact::Said(said) if said.room == room(T) => {
            view.settings.agent(&said.sender).is_none()
                || customers().any(|person| person.matrix.as_ref() == Some(&said.sender))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_same_fact_in_the_same_view_decides_the_same(fact in facts(), view in views()) {
        prop_assert_eq!(decide(&fact, &view), decide(&fact, &view.clone()));
    }

    #[test]
    fn our_own_events_decide_nothing(fact in facts(), view in views()) {
        if sender(&fact).is_some_and(|user| view.settings.is_ours(user)) {
            prop_assert_eq!(decide(&fact, &view), Vec::new());
        }
    }

    #[test]
    fn what_agents_say_among_themselves_is_never_said_to_a_customer((fact, view) in scenes()) {
        for effect in decide(&fact, &view) {
            if by_customer(&fact, &view) {
                break;
            }
            match effect {
                Effect::Say(speech) => {
                    let private = !matches!(&speech.place, Place::Room(place) if *place != room(DESK));
                    prop_assert!(private || !words(&speech.body).contains(SECRET), "{speech:?}");
                }
                Effect::Post { visibility: Visibility::Public, body, .. } => {
                    prop_assert!(!words(&body).contains(SECRET), "{body:?}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn after_a_look_the_lock_is_as_the_helpdesk_says(snapshot in snapshots(), ticket in tickets()) {
        prop_assume!(ticket.room.is_some());
        let (closed, was_locked) = (snapshot.status.closed, ticket.locked);
        let view = lane(ticket);
        let effects = decide(&Fact::Seen(snapshot), &view);
        let last = powers(&effects).last().map(|powers| powers.locked);
        prop_assert_eq!(last.unwrap_or(was_locked), closed);
        prop_assert_eq!(after(&effects, &view).map(|ticket| ticket.locked), Some(closed));
    }

    #[test]
    fn the_notice_of_the_closing_is_the_last_word_before_the_lock(snapshot in snapshots(), ticket in tickets()) {
        let effects = decide(&Fact::Seen(snapshot), &lane(ticket));
        let here = |effect: &Effect| {
            matches!(effect, Effect::Say(speech) if matches!(speech.place, Place::Room(_)))
        };
        let lock = effects.iter().position(|effect| matches!(effect, Effect::SetPowers { powers, .. } if powers.locked));
        let closing = effects.iter().position(|effect| {
            matches!(effect, Effect::Say(speech) if words(&speech.body).starts_with("This ticket was closed."))
        });
        if let Some(closing) = closing {
            prop_assert!(lock.is_some_and(|lock| lock > closing && !effects[closing + 1..].iter().any(here)));
        }
    }

    #[test]
    fn the_same_look_twice_says_nothing_the_second_time(snapshot in snapshots(), ticket in proptest::option::of(tickets())) {
        let view = View { ticket, ..nowhere() };
        let effects = decide(&Fact::Seen(snapshot.clone()), &view);
        let view = View { ticket: after(&effects, &view), ..view };
        if view.ticket.is_some() {
            prop_assert_eq!(decide(&Fact::Seen(snapshot), &view), Vec::new());
        }
    }

    #[test]
    fn among_the_agents_are_the_owner_and_ghosts_alone((fact, view) in scenes()) {
        let effects = decide(&fact, &view);
        for powers in powers(&effects) {
            let ticket = after(&effects, &view).unwrap();
            for user in &powers.agents {
                prop_assert!(may_answer(user, &ticket, &view.settings), "{user} may answer in {ticket:?}");
                prop_assert!(!powers.customers.contains(user), "{user} is in both lists");
            }
            prop_assert!(!powers.customers.contains(&view.settings.bot), "the bot is listed as a customer");
        }
    }

    #[test]
    fn what_is_said_in_a_ticket_room_is_never_swallowed(said in saids(), ticket in tickets()) {
        let view = in_room(ticket);
        let said = ticketroom::model::Said { room: room(T), ..said };
        if !view.settings.is_ours(&said.sender) {
            prop_assert!(!decide(&Fact::Said(said), &view).is_empty());
        }
    }

    #[test]
    fn no_customer_is_let_into_an_internal_tickets_room((fact, view) in scenes()) {
        let effects = decide(&fact, &view);
        let settings = &view.settings;
        if after(&effects, &view).is_some_and(|ticket| ticket.snapshot.internal) {
            for powers in powers(&effects) {
                prop_assert!(powers.customers.iter().all(|user| settings.is_ours(user) || settings.agent(user).is_some()), "{:?}", powers.customers);
            }
            for effect in &effects {
                prop_assert!(!matches!(effect, Effect::BringGhost { .. }), "{effect:?}");
                if let Effect::Invite { room: place, user } = effect {
                    // A waiting room is no ticket's room yet.
                    prop_assert!(settings.agent(user).is_some() || *place != room(T) || view.ticket.is_none(), "{effect:?}");
                }
            }
        }
    }

    #[test]
    fn only_agents_command((fact, view) in scenes()) {
        let commanded = |effect: &Effect| {
            matches!(effect, Effect::Accept { .. } | Effect::Release { .. } | Effect::SetClosed { .. })
        };
        let by_agent = sender(&fact).is_some_and(|user| view.settings.agent(user).is_some());
        prop_assert!(by_agent || !decide(&fact, &view).iter().any(commanded));
    }

    #[test]
    fn a_message_reaches_no_ticket_but_that_of_its_room((fact, view) in scenes()) {
        let known = view.room.as_ref().is_some_and(|room| !matches!(room.kind, RoomKind::Desk(_))) || view.ticket.is_some();
        let posts = decide(&fact, &view).iter().any(|effect| {
            matches!(effect, Effect::Post { from: Some(_), .. } | Effect::CreateTicket { .. })
        });
        prop_assert!(known || !posts);
    }
}
