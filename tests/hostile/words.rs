//! Commands in words: quotes, names and look-alikes of commands, from customers and from agents.

use serde::Deserialize;
use ticketroom::bridge::decide;
use ticketroom::model::Fact;
use ticketroom::text::from_markdown;

use crate::data::{check_all, same};
use crate::render;
use crate::world::{ADA, CAROL, DESK, Shape, T, ada, in_room, in_thread, said_by, ticket};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// customer, agent (in the ticket's room), thread (an agent in the ticket's thread).
    who: String,
    text: String,
    /// The beginnings of what follows, one a line.
    does: Vec<String>,
}

#[test]
fn words_do_what_they_say_and_no_more() {
    check_all("commands", |case: Case| {
        let ours = ticket().owned_by(ada());
        let (by, place, view) = match case.who.as_str() {
            "customer" => (CAROL, T, in_room(ours)),
            "agent" => (ADA, T, in_room(ours)),
            "thread" => (ADA, DESK, in_thread(ours)),
            other => return Err(format!("nobody is {other}")),
        };
        let mut said = said_by(by, place, &case.text);
        said.body = from_markdown(&case.text);
        let effects = decide(&Fact::Said(said), &view);
        let lines = render::effects(&effects, view.ticket.as_ref());
        let fits = lines.len() == case.does.len()
            && lines.iter().zip(&case.does).all(|(line, start)| line.starts_with(start.as_str()));
        if fits { Ok(()) } else { same(&format!("{} {:?}", case.who, case.text), lines, case.does) }
    });
}
