//! The scripts, and what is seen when they are played. Each ends with the application service up and nothing left.

use super::recorder::Answer::{Broken, Empty, Hangs, List, Moved, NoContent, NotFound, Taken, Words};
use super::script::Step::{
    Answer, Asked, Hold, Hurried, Invite, Kill, Ping, Quiet, Received, Release, Repeated, Say, SayMany, Start,
};
use super::script::{Room, Script, Step, down, say, unhandled, up};

pub fn all() -> Vec<Script> {
    let mut all = vec![plain(), behind_a_slow_answer(), many_behind(), failing(), pauses()];
    all.extend([ids(), in_flight(), down_over_a_restart(), not_handled(), handled_and_not_noted()]);
    all.extend(no_answers());
    all
}

fn plain() -> Script {
    Script {
        name: "each message is a transaction of its own where none is under way",
        steps: vec![say("plain 1"), Received("plain 1"), up(&[]), say("plain 2"), Received("plain 2"), up(&[])],
        seen: &["1 [plain 1]: Taken", "on disk: up, nothing", "2 [plain 2]: Taken", "on disk: up, nothing"],
    }
}

fn behind_a_slow_answer() -> Script {
    let one = || up(&[&["slow 1"]]);
    Script {
        name: "what stands behind a slow answer is nowhere on disk, and goes together",
        steps: vec![
            Answer(Hangs),
            say("slow 1"),
            Received("slow 1"),
            say("slow 2"),
            one(),
            say("slow 3"),
            one(),
            Answer(Taken),
            Received("slow 3"),
            up(&[]),
        ],
        seen: &[
            "1 [slow 1]: Hangs",
            "on disk: up, 1 [slow 1]",
            "on disk: up, 1 [slow 1]",
            "1 [slow 1]: Taken",
            "2 [slow 2, slow 3]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn many_behind() -> Script {
    Script {
        name: "a transaction has at most 100 events",
        steps: vec![
            Answer(Hangs),
            say("many"),
            Received("many"),
            SayMany("many", 101),
            up(&[&["many"]]),
            Answer(Taken),
            Received("many 101"),
            up(&[]),
        ],
        seen: &[
            "1 [many]: Hangs",
            "on disk: up, 1 [many]",
            "1 [many]: Taken",
            "2 [many 1 … many 100: 100]: Taken",
            "3 [many 101]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn failing() -> Script {
    Script {
        name: "what failed is repeated under its id, what came meanwhile under ids of its own, all in order",
        steps: vec![
            Answer(Broken),
            say("failing 1"),
            Received("failing 1"),
            down(&[&["failing 1"]]),
            say("failing 2"),
            down(&[&["failing 1"], &["failing 2"]]),
            say("failing 3"),
            down(&[&["failing 1"], &["failing 2"], &["failing 3"]]),
            Answer(Taken),
            Hurried("failing 3"),
            up(&[]),
        ],
        seen: &[
            "1 [failing 1]: Broken",
            "on disk: down, 1 [failing 1]",
            "on disk: down, 1 [failing 1], 2 [failing 2]",
            "on disk: down, 1 [failing 1], 2 [failing 2], 3 [failing 3]",
            "1 [failing 1]: Taken",
            "2 [failing 2]: Taken",
            "3 [failing 3]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn pauses() -> Script {
    Script {
        name: "a repeat comes after 2 s, the next after 4 s, over the connection that is there",
        steps: vec![
            // A ping may have made a second connection: then it takes them in turn.
            Kill,
            Start,
            Answer(Broken),
            say("pauses 1"),
            Repeated("pauses 1", 3),
            Answer(Taken),
            Hurried("pauses 1"),
            up(&[]),
        ],
        seen: &[
            "killed",
            "started",
            "1 [pauses 1]: Broken",
            "again not before 2s, over the same connection",
            "again not before 4s, over the same connection",
            "1 [pauses 1]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn ids() -> Script {
    Script {
        name: "after a restart with nothing left ids begin again at 1",
        steps: vec![
            say("ids 1"),
            Received("ids 1"),
            up(&[]),
            say("ids 2"),
            Received("ids 2"),
            up(&[]),
            Kill,
            Start,
            say("ids 3"),
            Received("ids 3"),
            up(&[]),
        ],
        seen: &[
            "1 [ids 1]: Taken",
            "on disk: up, nothing",
            "2 [ids 2]: Taken",
            "on disk: up, nothing",
            "killed",
            "started",
            "1 [ids 3]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn in_flight() -> Script {
    Script {
        name: "killed while one is under way: what stood behind is lost, and that one comes after newer ones, with the \
               next failure",
        steps: vec![
            Answer(Hangs),
            say("flight 1"),
            Received("flight 1"),
            say("flight lost"),
            up(&[&["flight 1"]]),
            Kill,
            Answer(Taken),
            Start,
            Ping,
            Quiet,
            up(&[&["flight 1"]]),
            say("flight 2"),
            Received("flight 2"),
            up(&[&["flight 1"]]),
            say("flight 3"),
            Received("flight 3"),
            up(&[&["flight 1"]]),
            Answer(Broken),
            say("flight 4"),
            Received("flight 4"),
            down(&[&["flight 1"], &["flight 4"]]),
            Answer(Taken),
            Hurried("flight 4"),
            up(&[]),
        ],
        seen: &[
            "1 [flight 1]: Hangs",
            "on disk: up, 1 [flight 1]",
            "killed",
            "started",
            "ping: 200",
            "quiet",
            "on disk: up, 1 [flight 1]",
            "2 [flight 2]: Taken",
            "on disk: up, 1 [flight 1]",
            "3 [flight 3]: Taken",
            "on disk: up, 1 [flight 1]",
            "4 [flight 4]: Broken",
            "on disk: down, 1 [flight 1], 4 [flight 4]",
            "1 [flight 1]: Taken",
            "4 [flight 4]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn down_over_a_restart() -> Script {
    Script {
        name: "killed while the service is down: a ping alone brings nothing before the next event, and one during a repeat fails",
        steps: vec![
            Answer(Broken),
            say("down 1"),
            Received("down 1"),
            down(&[&["down 1"]]),
            say("down 2"),
            down(&[&["down 1"], &["down 2"]]),
            Kill,
            Answer(Hangs),
            Start,
            Ping,
            Quiet,
            Say(Room::Elsewhere, "down elsewhere"),
            Ping,
            Quiet,
            say("down 3"),
            down(&[&["down 1"], &["down 2"], &["down 3"]]),
            Hurried("down 1"),
            Ping,
            Answer(Taken),
            Received("down 3"),
            up(&[]),
            Ping,
        ],
        seen: &[
            "1 [down 1]: Broken",
            "on disk: down, 1 [down 1]",
            "on disk: down, 1 [down 1], 2 [down 2]",
            "killed",
            "started",
            "ping: 200",
            "quiet",
            "ping: 200",
            "quiet",
            "on disk: down, 1 [down 1], 2 [down 2], 3 [down 3]",
            "1 [down 1]: Hangs",
            "ping: 502",
            "1 [down 1]: Taken",
            "2 [down 2]: Taken",
            "3 [down 3]: Taken",
            "on disk: up, nothing",
            "ping: 200",
        ],
    }
}

fn not_handled() -> Script {
    Script {
        name: "killed before an event was handled: it comes with the next event of anybody",
        steps: vec![
            Hold("unhandled1"),
            Invite("unhandled1"),
            Asked("unhandled1"),
            say("unhandled 1"),
            unhandled(&[]),
            Kill,
            Start,
            Ping,
            Quiet,
            unhandled(&[]),
            Say(Room::Elsewhere, "unhandled elsewhere"),
            Received("unhandled 1"),
            Asked("unhandled1"),
            Release("unhandled1"),
            Received("unhandled1 invited"),
            up(&[]),
        ],
        seen: &[
            "on disk: up, nothing, not all is handled",
            "killed",
            "started",
            "ping: 200",
            "quiet",
            "on disk: up, nothing, not all is handled",
            "1 [unhandled 1]: Taken",
            "2 [unhandled1 invited]: Taken",
            "on disk: up, nothing",
        ],
    }
}

fn handled_and_not_noted() -> Script {
    Script {
        name: "killed before it was noted that an event was handled: it comes again, in another transaction",
        steps: vec![
            Hold("unnoted1"),
            Hold("unnoted2"),
            Invite("unnoted1"),
            Asked("unnoted1"),
            say("unnoted 1"),
            Invite("unnoted2"),
            Release("unnoted1"),
            Received("unnoted1 invited"),
            Received("unnoted 1"),
            Asked("unnoted2"),
            unhandled(&[]),
            Kill,
            Start,
            say("unnoted 2"),
            Received("unnoted 2"),
            Asked("unnoted2"),
            Release("unnoted2"),
            Received("unnoted2 invited"),
            up(&[]),
        ],
        seen: &[
            "1 [unnoted1 invited]: Taken",
            "2 [unnoted 1]: Taken",
            "on disk: up, nothing, not all is handled",
            "killed",
            "started",
            "1 [unnoted 1]: Taken",
            "2 [unnoted 2]: Taken",
            "3 [unnoted2 invited]: Taken",
            "on disk: up, nothing",
        ],
    }
}

/// What counts as an answer, and what does not.
fn no_answers() -> Vec<Script> {
    let fails = |name, steps: Vec<Step>, seen| Script { name, steps, seen };
    macro_rules! none {
        ($answer:ident, $name:literal) => {{
            const ONE: &[&[&str]] = &[&[stringify!($answer)]];
            const TEXT: &str = stringify!($answer);
            fails(
                $name,
                vec![Answer($answer), say(TEXT), Received(TEXT), down(ONE), Answer(Taken), Hurried(TEXT), up(&[])],
                &[
                    concat!("1 [", stringify!($answer), "]: ", stringify!($answer)),
                    concat!("on disk: down, 1 [", stringify!($answer), "]"),
                    concat!("1 [", stringify!($answer), "]: Taken"),
                    "on disk: up, nothing",
                ],
            )
        }};
    }
    let list = Script {
        name: "200 with any JSON is an answer",
        steps: vec![Answer(List), say("a list"), Received("a list"), up(&[]), Answer(Taken)],
        seen: &["1 [a list]: List", "on disk: up, nothing"],
    };
    vec![
        none!(Empty, "200 without a body is no answer"),
        none!(Words, "200 with a body that is no JSON is no answer"),
        none!(NoContent, "204 is no answer"),
        none!(NotFound, "404 is no answer"),
        none!(Moved, "a redirection is not followed, and no answer"),
        list,
    ]
}
