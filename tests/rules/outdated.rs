//! Which notices are left out when they come late: those that a later one says anew, and nothing that people wrote.

use ticketroom::bridge::{decide, is_outdated, is_unwanted};
use ticketroom::model::{Effect, Fact, Person, Side, Snapshot, Status, Ticket};

use crate::render;
use crate::world::*;

/// The ticket's effects for the homeserver, in the order in which they wait.
struct Waiting {
    ticket: Ticket,
    effects: Vec<Effect>,
}

fn waiting() -> Waiting {
    Waiting { ticket: ticket(), effects: Vec::new() }
}

impl Waiting {
    fn after(mut self, fact: Fact) -> Self {
        for effect in decide(&fact, &lane(self.ticket.clone())) {
            match effect {
                Effect::RememberTicket(ticket) => self.ticket = *ticket,
                effect if effect.side() == Some(Side::Matrix) => self.effects.push(effect),
                _ => {}
            }
        }
        self
    }

    fn seen(self, change: impl FnOnce(Snapshot) -> Snapshot) -> Self {
        let snapshot = change(self.ticket.snapshot.clone());
        self.after(Fact::Seen(snapshot))
    }

    fn status(self, label: &str) -> Self {
        let status = Status { closed: false, label: label.to_owned() };
        self.seen(|snapshot| snapshot.with(|snapshot| snapshot.status = status))
    }

    fn owned_by(self, owner: Person) -> Self {
        self.seen(|snapshot| snapshot.owned_by(owner))
    }

    fn closed(self) -> Self {
        self.seen(Shape::closed)
    }

    fn says(self, text: &str) -> Self {
        self.after(Fact::Posted(message(dora(), true, text)))
    }

    /// What is still carried out, as a sender does that looks behind each when its turn comes.
    fn carried_out(&self) -> Vec<&Effect> {
        let later = |at: usize| self.effects.iter().skip(at + 1).cloned();
        let all = self.effects.iter().enumerate();
        all.filter(|(at, effect)| !is_outdated(effect, later(*at))).map(|(_, effect)| effect).collect()
    }

    /// What of it is written in the ticket's room.
    #[track_caller]
    fn reads(self, expected: &[&str]) {
        let carried_out: Vec<Effect> = self.carried_out().into_iter().cloned().collect();
        let lines = render::effects(&carried_out, None).into_iter();
        let here = ["notice in !t", "say in !t", "describe !t"];
        let lines: Vec<String> = lines.filter(|line| here.iter().any(|start| line.starts_with(start))).collect();
        let same = lines.len() == expected.len()
            && lines.iter().zip(expected).all(|(line, expected)| render::matches(line, expected));
        assert!(same, "carried out:\n  {}\nexpected:\n  {}\n", lines.join("\n  "), expected.join("\n  "));
    }
}

#[test]
fn of_several_statuses_the_last_is_told() {
    waiting().status("stalled").status("open").status("waiting").reads(&["notice in !t: …now “waiting”…"]);
}

#[test]
fn changes_that_cancel_each_other_leave_one_line() {
    waiting().status("stalled").status("open").reads(&["notice in !t: …now “open”…"]);
}

#[test]
fn each_kind_of_change_is_told_once() {
    waiting()
        .status("stalled")
        .owned_by(ada())
        .seen(|snapshot| snapshot.at_desk("4", "Repair"))
        .seen(|snapshot| snapshot.titled("It floods"))
        .seen(|snapshot| snapshot.with(|snapshot| snapshot.priority = Some("high".to_owned())))
        .owned_by(ben())
        .seen(|snapshot| snapshot.with(|snapshot| snapshot.priority = None))
        .seen(|snapshot| snapshot.titled("It stopped"))
        .seen(|snapshot| snapshot.at_desk("5", "Archive"))
        .status("waiting")
        .reads(&[
            "notice in !t: \"Ben…",
            "notice in !t: …no special priority…",
            "describe !t as #1 It stopped",
            "notice in !t: …“It stopped”…",
            "notice in !t: …“Archive”…",
            "notice in !t: …“waiting”…",
        ]);
}

#[test]
fn what_an_agent_wrote_keeps_what_was_told_before_it() {
    waiting().status("stalled").status("waiting").says("We wait for a part.").status("stalled").status("open").reads(
        &["notice in !t: …now “waiting”…", "say in !t as ghost …We wait for a part…", "notice in !t: …now “open”…"],
    );
}

#[test]
fn a_closing_says_more_than_the_statuses_before_it() {
    waiting().status("stalled").status("waiting").closed().reads(&["notice in !t: \"This ticket was closed…"]);
}

#[test]
fn a_reopening_is_told_although_the_status_changed_after_it() {
    let closed = Waiting { ticket: locked(), effects: Vec::new() };
    closed
        .status("open")
        .status("stalled")
        .status("waiting")
        .reads(&["notice in !t: \"This ticket was reopened…", "notice in !t: …now “waiting”…"]);
}

#[test]
fn a_ticket_closed_again_and_again_is_told_of_as_it_is() {
    waiting().closed().status("open").closed().status("open").reads(&["notice in !t: \"This ticket was reopened…"]);
    waiting().closed().status("open").closed().reads(&["notice in !t: \"This ticket was closed…"]);
}

#[test]
fn only_notices_and_the_rooms_name_are_left_out() {
    let waiting = waiting()
        .says("one")
        .owned_by(ada())
        .closed()
        .says("two")
        .status("open")
        .owned_by(ben())
        .status("stalled")
        .closed()
        .seen(|snapshot| snapshot.titled("It floods"))
        .says("three")
        .status("open");
    let carried_out = waiting.carried_out();
    let of = |effects: &mut dyn Iterator<Item = &Effect>| {
        let rest = effects.filter(|effect| match effect {
            Effect::Say(speech) => speech.tells.is_none(),
            Effect::Describe { .. } => false,
            _ => true,
        });
        render::effects(&rest.cloned().collect::<Vec<_>>(), None)
    };
    let kept = of(&mut carried_out.iter().copied());
    assert_eq!(kept, of(&mut waiting.effects.iter()), "words, levels, invitations, cards: all, in their order");
    assert!(kept.iter().any(|line| line.starts_with("levels")) && kept.iter().any(|line| line.contains("three")));
}

#[test]
fn what_is_told_in_the_thread_of_agents_is_a_log_and_stays() {
    let waiting = waiting().owned_by(ada()).owned_by(ben()).owned_by(ada());
    let lines = render::effects(&waiting.carried_out().into_iter().cloned().collect::<Vec<_>>(), None);
    assert_eq!(lines.iter().filter(|line| line.starts_with("notice in thread")).count(), 3);
}

#[test]
fn who_reads_that_a_message_arrived_need_not_read_that_it_waited() {
    let post = || Effect::Post {
        ticket: id(),
        author: ticketroom::model::Author::Customer { matrix: user(CAROL), name: "Carol".to_owned() },
        visibility: ticketroom::model::Visibility::Public,
        body: "hello".into(),
        files: Vec::new(),
        marker: event("$e"),
        from: Some(ticketroom::model::Place::Room(room(T))),
    };
    let waits = || Fact::Overdue(Box::new(post()));
    let arrives = || done(post(), ticketroom::model::Outcome::Ok);
    waiting().after(waits()).after(arrives()).reads(&["notice in !t at $e or instead: …delivered now…"]);
    // That it was given up is no news that gets old.
    waiting().after(waits()).after(dies(post())).after(arrives()).reads(&[
        "notice in !t at $e or instead: …could not be delivered…",
        "notice in !t at $e or instead: …delivered now…",
    ]);
}

#[test]
fn an_agent_is_invited_late_to_their_own_ticket_and_to_one_of_theirs_as_a_customer() {
    let invite = Effect::Invite { room: room(T), user: user(BEN) };
    let unwanted = |ticket: &Ticket| is_unwanted(&invite, ticket, &settings());
    assert!(unwanted(&ticket()), "it is nobody's");
    let owned = ticket().snapshot.owned_by(ben());
    assert!(!unwanted(&Ticket { snapshot: owned, ..ticket() }), "it is theirs");
    let mut asked = ticket();
    asked.snapshot.customers = vec![person("9", "Ben", BEN)];
    assert!(!unwanted(&asked), "they asked for help themselves");
    asked.snapshot.internal = true;
    assert!(unwanted(&asked), "and no customer is in an internal one");
}

#[test]
fn an_owner_is_invited_late_to_the_desk_of_their_ticket_only_while_it_is_theirs_and_there() {
    let invite = Effect::InviteToDesk { desk: desk_3(), user: user(BEN) };
    let unwanted = |snapshot: Snapshot| is_unwanted(&invite, &Ticket { snapshot, ..ticket() }, &settings());
    assert!(unwanted(snapshot()), "it is nobody's");
    assert!(!unwanted(snapshot().owned_by(ben())), "it is theirs");
    assert!(unwanted(snapshot().owned_by(ben()).at_desk("4", "Repair")), "it is at another desk");
}
