//! The claims that both databases are held against.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use ticketroom::clock::SystemClock;
use ticketroom::model::{DeskId, MessageId, RichText, Room, RoomKind, Side, Snapshot, Status, Ticket, TicketId};
use ticketroom::store::{
    self, Backend, Committer, EventRow, Later, NewInbox, NewOutbox, Opened, OutboxState, Step, StoreError, UNORDERED,
    Written,
};

use super::database::Database;
use crate::flaky::{Flaky, POISON, Troubles};

pub const NOW: i64 = 1_700_000_000_000;
const ALL: i64 = 10_000;

fn inbox(key: &str, lane: &str) -> NewInbox {
    NewInbox { key: key.to_owned(), lane: lane.to_owned(), body: format!("body of {key}") }
}

fn outbox(key: &str, lane: &str, side: Side, holds: bool) -> NewOutbox {
    NewOutbox {
        key: key.to_owned(),
        lane: lane.to_owned(),
        side,
        holds,
        body: format!("body of {key}"),
        attempting: false,
    }
}

fn taking(rows: &[(&str, &str)]) -> Step {
    Step { inbox: rows.iter().map(|(key, lane)| inbox(key, lane)).collect(), ..Step::default() }
}

pub fn ticket(id: &str, title: &str) -> Ticket {
    Ticket::new(Snapshot {
        id: TicketId::new(id),
        number: id.to_owned(),
        title: title.to_owned(),
        desk: DeskId::new("1"),
        desk_name: "General".to_owned(),
        status: Status { closed: false, label: "open".to_owned() },
        owner: None,
        priority: None,
        device: None,
        template: None,
        customers: Vec::new(),
        url: String::new(),
        description: RichText::default(),
        lacks: None,
        files: Vec::new(),
        author: None,
        marker: None,
        internal: false,
        merged_into: None,
    })
}

fn room_id(name: &str) -> OwnedRoomId {
    OwnedRoomId::try_from(format!("!{name}:hs.test")).unwrap()
}

fn event_id(name: &str) -> OwnedEventId {
    OwnedEventId::try_from(format!("${name}")).unwrap()
}

fn user_id(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}:hs.test")).unwrap()
}

pub async fn commit(opened: &Opened, step: Step) -> ticketroom::store::Applied {
    opened.backend.commit(opened.fence, NOW, &[step]).await.unwrap().pop().unwrap()
}

async fn keys(opened: &Opened, lane: &str) -> Vec<String> {
    opened.backend.inbox_page(lane, 0, ALL).await.unwrap().into_iter().map(|row| row.key).collect()
}

pub async fn what_comes_again_is_there_once(database: Database) {
    let opened = database.open().await;
    let group = [taking(&[("a", "l"), ("b", "l"), ("a", "l")]), taking(&[("b", "other"), ("c", "l")])];
    let applied = opened.backend.commit(opened.fence, NOW, &group).await.unwrap();
    let added = |n: usize| applied[n].inbox.iter().map(|row| row.key.as_str()).collect::<Vec<_>>();
    assert_eq!(added(0), ["a", "b"], "each is told to the step that brought it first");
    assert_eq!(added(1), ["c"]);
    let again = commit(&opened, taking(&[("c", "l"), ("a", "elsewhere"), ("d", "l")])).await;
    assert_eq!(again.inbox.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["d"]);
    assert_eq!(keys(&opened, "l").await, ["a", "b", "c", "d"]);
    assert_eq!(keys(&opened, "elsewhere").await, [""; 0]);
    let asked: Vec<String> = ["a", "x", "d"].map(str::to_owned).into();
    let known: HashSet<String> = opened.backend.known_keys(&asked).await.unwrap().into_iter().collect();
    assert_eq!(known, HashSet::from(["a".to_owned(), "d".to_owned()]));
    // Also when it is done since: a retried transaction is no new work.
    let seq = applied[0].inbox[0].seq;
    commit(&opened, Step { inbox_done: vec![seq], ..Step::default() }).await;
    assert!(commit(&opened, taking(&[("a", "l")])).await.inbox.is_empty());
}

pub async fn rows_come_back_in_the_order_in_which_they_were_written(database: Database) {
    let opened = database.open().await;
    let group = [taking(&[("3", "a"), ("1", "b")]), taking(&[("2", "a")]), taking(&[("0", "a"), ("9", "b")])];
    let applied = opened.backend.commit(opened.fence, NOW, &group).await.unwrap();
    assert_eq!(keys(&opened, "a").await, ["3", "2", "0"]);
    assert_eq!(keys(&opened, "b").await, ["1", "9"]);
    let seqs: Vec<i64> = applied.iter().flat_map(|applied| &applied.inbox).map(|row| row.seq).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    assert_eq!(opened.backend.inbox_lanes(ALL).await.unwrap(), ["a", "b"], "oldest first");
    assert_eq!(opened.backend.inbox_lanes(1).await.unwrap(), ["a"]);
}

pub async fn pages_follow_each_other(database: Database) {
    let opened = database.open().await;
    let rows: Vec<NewInbox> = (0..25).map(|n| inbox(&format!("k{n:02}"), "l")).collect();
    commit(&opened, Step { inbox: rows, ..Step::default() }).await;
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = opened.backend.inbox_page("l", after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        assert!(page.len() <= 10);
        seen.extend(page.into_iter().map(|row| row.key));
    }
    assert_eq!(seen, (0..25).map(|n| format!("k{n:02}")).collect::<Vec<_>>());
}

pub async fn an_effect_is_planned_once(database: Database) {
    let opened = database.open().await;
    let plan = || Step {
        outbox: vec![outbox("m", "l", Side::Matrix, false), outbox("h", "l", Side::Helpdesk, false)],
        ..Step::default()
    };
    let first = commit(&opened, plan()).await;
    assert_eq!(first.outbox.len(), 2);
    assert!(commit(&opened, plan()).await.outbox.is_empty());
    let rows = opened.backend.outbox_page(Side::Helpdesk, "l", 0, ALL).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].key.as_str(), rows[0].body.as_str(), rows[0].created_ms), ("h", "body of h", NOW));
    assert_eq!(opened.backend.outbox_lanes(Side::Matrix, ALL).await.unwrap(), ["l"]);
    commit(&opened, Step { sent: first.outbox.iter().map(|row| row.seq).collect(), ..Step::default() }).await;
    assert!(commit(&opened, plan()).await.outbox.is_empty(), "nor again when it was sent");
    assert!(opened.backend.outbox_lanes(Side::Matrix, ALL).await.unwrap().is_empty());
}

pub async fn one_bad_step_does_not_fail_its_neighbours(database: Database) {
    let opened = database.open().await;
    let flaky = Flaky { inner: Arc::clone(&opened.backend), troubles: Arc::new(Troubles::default()) };
    let told = Arc::new(Mutex::new(Vec::new()));
    let on_written = {
        let told = Arc::clone(&told);
        move |written: Written<'_>| {
            let Written::Applied(_, applied) = written else { return };
            told.lock().unwrap().extend(applied.inbox.iter().map(|row| row.key.clone()));
        }
    };
    let committer = Committer::start(Arc::new(flaky), opened.fence, Arc::new(SystemClock), Box::new(on_written));
    let keys_sent = ["a", POISON, "b", "c"];
    let results = keys_sent.map(|key| {
        let committer = committer.clone();
        let step = taking(&[(key, "l")]);
        tokio::spawn(async move { committer.commit(Box::new(step)).await })
    });
    for (key, result) in keys_sent.into_iter().zip(results) {
        assert_eq!(result.await.unwrap().is_err(), key == POISON, "{key}");
    }
    assert_eq!(keys(&opened, "l").await, ["a", "b", "c"]);
    assert_eq!(*told.lock().unwrap(), ["a", "b", "c"], "told in the order of the commits");
}

pub async fn a_commit_without_an_answer_is_told_of_before_anything_later(database: Database) {
    let opened = database.open().await;
    let troubles = Arc::new(Troubles::default());
    troubles.unanswered.store(1, Ordering::SeqCst);
    let flaky = Flaky { inner: Arc::clone(&opened.backend), troubles };
    let told = Arc::new(Mutex::new(Vec::new()));
    let on_written = {
        let told = Arc::clone(&told);
        move |written: Written<'_>| match written {
            Written::Applied(_, applied) => {
                told.lock().unwrap().extend(applied.inbox.iter().map(|row| row.key.clone()));
            }
            Written::InDoubt => told.lock().unwrap().push("in doubt".to_owned()),
            Written::ByOthers => {}
        }
    };
    let committer = Committer::start(Arc::new(flaky), opened.fence, Arc::new(SystemClock), Box::new(on_written));
    // One is written by itself, the others as a group: whichever has no answer, nothing overtakes the doubt.
    let results = ["a", "b", "c"].map(|key| {
        let committer = committer.clone();
        let step = taking(&[(key, "l")]);
        tokio::spawn(async move { committer.commit(Box::new(step)).await })
    });
    for result in results {
        let _failed_or_repeated = result.await.unwrap();
    }
    assert_eq!(keys(&opened, "l").await, ["a", "b", "c"]);
    assert_eq!(told.lock().unwrap().first().map(String::as_str), Some("in doubt"));
}

pub async fn a_commit_that_fails_leaves_nothing(database: Database) {
    let opened = database.open().await;
    database.execute("DROP TABLE cursors").await;
    let step = Step {
        inbox: vec![inbox("a", "l")],
        outbox: vec![outbox("o", "l", Side::Matrix, true)],
        tickets: vec![ticket("1", "t")],
        cursors: vec![("feed", "1".to_owned())],
        ..Step::default()
    };
    let result = opened.backend.commit(opened.fence, NOW, &[taking(&[("b", "l")]), step]).await;
    assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    assert!(keys(&opened, "l").await.is_empty());
    assert!(opened.backend.held_lanes().await.unwrap().is_empty());
    assert!(opened.backend.ticket(&TicketId::new("1")).await.unwrap().is_none());
    commit(&opened, taking(&[("a", "l")])).await;
    assert_eq!(keys(&opened, "l").await, ["a"], "and the next one works");
}

pub async fn an_old_instance_is_fenced_out(database: Database) {
    let opened = database.open().await;
    commit(&opened, taking(&[("before", "l")])).await;
    let newer = opened.backend.next_fence().await.unwrap();
    assert!(newer > opened.fence);
    let late = opened.backend.commit(opened.fence, NOW, &[taking(&[("late", "l")])]).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    assert_eq!(keys(&opened, "l").await, ["before"]);
    opened.backend.commit(newer, NOW, &[taking(&[("after", "l")])]).await.unwrap();
    assert_eq!(keys(&opened, "l").await, ["before", "after"]);
}

pub async fn a_second_instance_is_refused(database: Database) {
    let opened = database.open().await;
    let second = database.try_open().await.map(|opened| opened.fence);
    assert!(matches!(&second, Err(StoreError::InUse)), "{second:?}");
    commit(&opened, taking(&[("a", "l")])).await;
    let fence = opened.fence;
    drop(opened);
    let next = database.open().await;
    assert!(next.fence > fence);
    assert_eq!(keys(&next, "l").await, ["a"]);
}

pub async fn a_newer_database_is_refused(database: Database) {
    drop(database.open().await);
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'of tomorrow', TRUE, '', 0)",
        )
        .await;
    let refused = database.try_open().await.map(|opened| opened.fence).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { theirs: 9999, .. }), "{refused}");
    assert!(refused.to_string().contains("run that version, or go back to a copy of the database"), "{refused}");
    assert!(store::probe(database.uri()).await.is_err(), "`check` says so, too");
    assert!(store::beside(database.uri()).await.is_err(), "and no code is made in it");
}

pub async fn a_lane_is_held_until_what_it_waits_for_is_done(database: Database) {
    let opened = database.open().await;
    let plan = Step {
        outbox: vec![outbox("a", "held", Side::Helpdesk, true), outbox("b", "free", Side::Matrix, false)],
        ..Step::default()
    };
    let seq = commit(&opened, plan).await.outbox[0].seq;
    assert_eq!(opened.backend.held_lanes().await.unwrap(), ["held"]);
    commit(&opened, Step { attempting: vec![seq], ..Step::default() }).await;
    assert!(opened.backend.lane_is_held("held").await.unwrap(), "also while it is tried");
    assert!(!opened.backend.lane_is_held("free").await.unwrap());
    commit(&opened, Step { dead: vec![(seq, "no".to_owned())], ..Step::default() }).await;
    assert!(!opened.backend.lane_is_held("held").await.unwrap());
    assert!(opened.backend.held_lanes().await.unwrap().is_empty());
}

pub async fn what_is_tried_later_keeps_whether_it_may_have_happened(database: Database) {
    let opened = database.open().await;
    let keys = ["waits", "tried", "failed", "unclear", "noted"];
    let mut rows: Vec<NewOutbox> = keys.iter().map(|key| outbox(key, "l", Side::Helpdesk, false)).collect();
    rows[4].attempting = true;
    let added = commit(&opened, Step { outbox: rows, ..Step::default() }).await.outbox;
    assert!(added[4].noted && added[4].state == OutboxState::Waiting, "nobody has called yet");
    let later = |n: usize, uncertain| Later {
        seq: added[n].seq,
        not_before_ms: NOW + 5,
        uncertain,
        note: "no answer".to_owned(),
    };
    commit(&opened, Step { attempting: vec![added[1].seq, added[2].seq, added[3].seq], ..Step::default() }).await;
    commit(&opened, Step { later: vec![later(2, false), later(3, true)], ..Step::default() }).await;
    let rows = opened.backend.outbox_page(Side::Helpdesk, "l", 0, ALL).await.unwrap();
    let states: Vec<_> =
        rows.iter().map(|row| (row.key.as_str(), row.state, row.attempts, row.not_before_ms)).collect();
    assert_eq!(
        states,
        [
            ("waits", OutboxState::Waiting, 0, 0),
            ("tried", OutboxState::Attempting, 0, 0),
            ("failed", OutboxState::Waiting, 1, NOW + 5),
            ("unclear", OutboxState::Attempting, 1, NOW + 5),
            ("noted", OutboxState::Attempting, 0, 0),
        ]
    );
}

pub async fn a_dead_letter_is_kept_and_counted(database: Database) {
    let opened = database.open().await;
    let step = Step {
        inbox: vec![inbox("i", "l")],
        outbox: vec![outbox("a", "l", Side::Matrix, false), outbox("b", "l", Side::Helpdesk, false)],
        ..Step::default()
    };
    let applied = commit(&opened, step).await;
    let waiting = opened.backend.backlog().await.unwrap();
    assert_eq!((waiting.inbox, waiting.outbox_matrix, waiting.outbox_helpdesk, waiting.dead), (1, 1, 1, 0));
    assert_eq!((waiting.inbox_oldest_ms, waiting.matrix_oldest_ms), (Some(NOW), Some(NOW)));
    let dead = vec![(applied.outbox[0].seq, "refused".to_owned())];
    let done =
        Step { inbox_done: vec![applied.inbox[0].seq], sent: vec![applied.outbox[1].seq], dead, ..Step::default() };
    commit(&opened, done).await;
    let waiting = opened.backend.backlog().await.unwrap();
    assert_eq!((waiting.inbox, waiting.outbox_matrix, waiting.outbox_helpdesk, waiting.dead), (0, 0, 0, 1));
    assert_eq!(waiting.inbox_oldest_ms, None);
    opened.backend.prune(i64::MAX).await.unwrap();
    assert_eq!(opened.backend.backlog().await.unwrap().dead, 1, "somebody has to look at it");
}

pub async fn a_dead_letter_is_read_back_tried_again_or_dropped(database: Database) {
    let opened = database.open().await;
    let outbox = ["a", "b", "c", "d"].map(|key| outbox(key, "l", Side::Helpdesk, false)).to_vec();
    let rows = commit(&opened, Step { outbox, ..Step::default() }).await.outbox;
    let dead = rows.iter().map(|row| (row.seq, format!("refused {}", row.key))).collect();
    commit(&opened, Step { dead, ..Step::default() }).await;
    let letters = opened.backend.dead_letters(rows[0].seq, 2).await.unwrap();
    let shown: Vec<_> = letters.iter().map(|letter| (letter.row.key.as_str(), letter.reason.as_str())).collect();
    assert_eq!(shown, [("b", "refused b"), ("c", "refused c")]);
    assert_eq!(letters[0].row.body, rows[1].body);

    assert!(opened.backend.retry_dead_letter(rows[0].seq, NOW + 9).await.unwrap());
    assert!(!opened.backend.retry_dead_letter(rows[0].seq, NOW + 9).await.unwrap(), "it is none any more");
    assert!(opened.backend.drop_dead_letter(rows[1].seq).await.unwrap());
    assert!(!opened.backend.drop_dead_letter(rows[0].seq).await.unwrap(), "it waits to be tried");
    let waiting = opened.backend.outbox_page(Side::Helpdesk, "l", 0, 9).await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|row| (row.key.as_str(), row.state, row.created_ms)).collect();
    assert_eq!(waiting, [("a", OutboxState::Attempting, NOW + 9)], "it may have happened: looked up before");

    commit(&opened, Step { revived: vec!["l".to_owned()], ..Step::default() }).await;
    assert_eq!(opened.backend.dead_letters(0, 9).await.unwrap(), []);
    assert_eq!(opened.backend.outbox_page(Side::Helpdesk, "l", 0, 9).await.unwrap().len(), 3);
}

pub async fn the_last_of_several_writes_in_one_group_wins(database: Database) {
    let opened = database.open().await;
    let door = |open: Option<&str>| Room {
        id: room_id("door"),
        kind: RoomKind::Door {
            customer: user_id("ada"),
            open: open.map(TicketId::new),
            waiting: None,
            code: None,
            others: Vec::new(),
        },
    };
    let step = |title: &str, open: Option<&str>| Step {
        tickets: vec![ticket("1", "draft"), ticket("1", title)],
        rooms: vec![door(open)],
        names: vec![(user_id("ada"), title.to_owned())],
        languages: vec![(user_id("ada"), title.to_owned())],
        cursors: vec![("feed", title.to_owned())],
        ..Step::default()
    };
    opened.backend.commit(opened.fence, NOW, &[step("first", None), step("second", Some("1"))]).await.unwrap();
    let stored = opened.backend.ticket(&TicketId::new("1")).await.unwrap().unwrap();
    assert_eq!(stored.snapshot.title, "second");
    assert_eq!(opened.backend.room(&room_id("door")).await.unwrap(), Some(door(Some("1"))));
    assert_eq!(opened.backend.name(&user_id("ada")).await.unwrap().as_deref(), Some("second"));
    let languages = opened.backend.languages(&[&user_id("ada")]).await.unwrap();
    assert_eq!(languages, [(user_id("ada"), "second".to_owned())]);
    assert_eq!(opened.backend.cursor("feed").await.unwrap().as_deref(), Some("second"));
    assert_eq!(opened.backend.cursor("other").await.unwrap(), None);
}

pub async fn rooms_are_found_by_id_and_desk_and_forgotten(database: Database) {
    let opened = database.open().await;
    let desk = Room { id: room_id("desk"), kind: RoomKind::Desk(DeskId::new("7")) };
    let of_ticket = Room { id: room_id("ticket"), kind: RoomKind::Ticket(TicketId::new("1")) };
    let row = |message: Option<&str>| EventRow {
        event: event_id("card"),
        room: desk.id.clone(),
        ticket: TicketId::new("1"),
        message: message.map(MessageId::new),
    };
    let step = Step { rooms: vec![desk.clone(), of_ticket.clone()], events: vec![row(None)], ..Step::default() };
    commit(&opened, step).await;
    assert_eq!(opened.backend.desk_room(&DeskId::new("7")).await.unwrap(), Some(desk.clone()));
    assert_eq!(opened.backend.desk_room(&DeskId::new("8")).await.unwrap(), None);
    let (unknown, known) = (room_id("unknown"), of_ticket.id.clone());
    assert_eq!(opened.backend.rooms(&[&unknown, &known]).await.unwrap(), [of_ticket]);
    commit(&opened, Step { events: vec![row(Some("9"))], ..Step::default() }).await;
    assert_eq!(opened.backend.event(&event_id("card")).await.unwrap(), Some(row(None)), "an event never changes");
    assert_eq!(opened.backend.event(&event_id("other")).await.unwrap(), None);
    let of = |message: &str| (TicketId::new("1"), MessageId::new(message));
    let said = EventRow { event: event_id("said"), ..row(Some("10")) };
    commit(&opened, Step { events: vec![said.clone()], ..Step::default() }).await;
    let ((ticket, message), (_, other)) = (of("10"), of("11"));
    assert_eq!(opened.backend.event_of(&ticket, &message).await.unwrap(), Some(said));
    assert_eq!(opened.backend.event_of(&ticket, &other).await.unwrap(), None);
    assert_eq!(opened.backend.event_of(&TicketId::new("2"), &message).await.unwrap(), None);
    commit(&opened, Step { forget_rooms: vec![known.clone()], ..Step::default() }).await;
    assert_eq!(opened.backend.room(&known).await.unwrap(), None);
}

pub async fn rows_of_a_lane_that_became_another_are_read_there(database: Database) {
    let opened = database.open().await;
    let added = commit(&opened, taking(&[("1", "r:x"), ("2", "r:x"), ("3", "t:1"), ("4", "r:y")])).await.inbox;
    commit(&opened, Step { inbox_done: vec![added[0].seq], ..Step::default() }).await;
    let joined = vec![("r:x".to_owned(), "t:1".to_owned())];
    commit(&opened, Step { lanes_joined: joined, ..Step::default() }).await;
    assert_eq!(keys(&opened, "t:1").await, ["2", "3"], "in the order in which they came");
    assert_eq!(keys(&opened, "r:y").await, ["4"]);
    commit(&opened, Step { inbox_moved: vec![(added[3].seq, "t:1".to_owned())], ..Step::default() }).await;
    assert_eq!(keys(&opened, "t:1").await, ["2", "3", "4"]);
}

pub async fn what_is_done_is_forgotten_after_a_while(database: Database) {
    let opened = database.open().await;
    let step = |name: &str| Step {
        inbox: vec![inbox(&format!("{name}-done"), "l"), inbox(&format!("{name}-open"), "l")],
        outbox: vec![
            outbox(&format!("{name}-sent"), "l", Side::Matrix, false),
            outbox(&format!("{name}-waits"), "l", Side::Matrix, false),
        ],
        ..Step::default()
    };
    for (name, now) in [("old", NOW - 10), ("new", NOW)] {
        let applied = opened.backend.commit(opened.fence, now, &[step(name)]).await.unwrap().pop().unwrap();
        let done =
            Step { inbox_done: vec![applied.inbox[0].seq], sent: vec![applied.outbox[0].seq], ..Step::default() };
        commit(&opened, done).await;
    }
    assert_eq!(opened.backend.prune(NOW).await.unwrap(), 2);
    assert_eq!(opened.backend.prune(NOW).await.unwrap(), 0, "that was all");
    assert_eq!(keys(&opened, "l").await, ["old-open", "new-open"]);
    assert_eq!(opened.backend.outbox_page(Side::Matrix, "l", 0, ALL).await.unwrap().len(), 2);
    let added = commit(&opened, taking(&[("old-done", "l"), ("new-done", "l")])).await.inbox;
    assert_eq!(added.len(), 1, "what is not yet forgotten is known again");
}

pub async fn everything_is_there_after_a_restart(database: Database) {
    let opened = database.open().await;
    let step = Step {
        inbox: vec![inbox("i", "l")],
        outbox: vec![outbox("o", "t:1", Side::Helpdesk, true)],
        tickets: vec![ticket("1", "It leaks")],
        rooms: vec![Room { id: room_id("desk"), kind: RoomKind::Desk(DeskId::new("7")) }],
        events: vec![EventRow {
            event: event_id("card"),
            room: room_id("desk"),
            ticket: TicketId::new("1"),
            message: None,
        }],
        names: vec![(user_id("ada"), "Ada".to_owned())],
        languages: vec![(user_id("ada"), "de".to_owned())],
        cursors: vec![("feed", "12".to_owned())],
        ..Step::default()
    };
    commit(&opened, step).await;
    drop(opened);
    let opened = database.open().await;
    let backend: &dyn Backend = &*opened.backend;
    assert_eq!(keys(&opened, "l").await, ["i"]);
    assert_eq!(backend.outbox_page(Side::Helpdesk, "t:1", 0, ALL).await.unwrap()[0].key, "o");
    assert_eq!(backend.held_lanes().await.unwrap(), ["t:1"]);
    assert_eq!(backend.ticket(&TicketId::new("1")).await.unwrap(), Some(ticket("1", "It leaks")));
    assert!(backend.desk_room(&DeskId::new("7")).await.unwrap().is_some());
    assert!(backend.event(&event_id("card")).await.unwrap().is_some());
    assert_eq!(backend.name(&user_id("ada")).await.unwrap().as_deref(), Some("Ada"));
    let asked = [&user_id("ada"), &user_id("ben")];
    assert_eq!(backend.languages(&asked).await.unwrap(), [(user_id("ada"), "de".to_owned())]);
    assert_eq!(backend.cursor("feed").await.unwrap().as_deref(), Some("12"));
}

pub async fn any_text_of_any_length_can_be_stored(database: Database) {
    let opened = database.open().await;
    let long = "ä€🙂\"'\\;--".repeat(70_000);
    let bodies = [long, "with\0nul".to_owned(), String::new(), r#"{"a":"\u0000"}"#.to_owned()];
    let rows = bodies.iter().enumerate().map(|(n, body)| NewInbox { body: body.clone(), ..inbox(&n.to_string(), "l") });
    let effect = NewOutbox { body: "with\0nul".to_owned(), ..outbox("o", "l", Side::Matrix, false) };
    let step = Step {
        inbox: rows.collect(),
        outbox: vec![effect],
        names: vec![(user_id("ada"), "A\0da".to_owned())],
        ..Step::default()
    };
    let seq = commit(&opened, step).await.outbox[0].seq;
    let later = Later { seq, not_before_ms: 0, uncertain: false, note: "said \0".to_owned() };
    commit(&opened, Step { later: vec![later], ..Step::default() }).await;
    commit(&opened, Step { dead: vec![(seq, "said \0".to_owned())], ..Step::default() }).await;
    let stored: Vec<String> =
        opened.backend.inbox_page("l", 0, ALL).await.unwrap().into_iter().map(|row| row.body).collect();
    let expected = bodies.map(|body| body.replace('\0', "\u{fffd}"));
    assert!(stored == expected, "lengths {:?}", stored.iter().map(String::len).collect::<Vec<_>>());
}

pub async fn many_rows_fit_into_one_step(database: Database) {
    let opened = database.open().await;
    let inbox = (0..1_700).map(|n| inbox(&format!("k{n:04}"), "l")).collect();
    let outbox = (0..1_700).map(|n| outbox(&format!("k{n:04}"), "l", Side::Matrix, false)).collect();
    let applied = commit(&opened, Step { inbox, outbox, ..Step::default() }).await;
    assert_eq!((applied.inbox.len(), applied.outbox.len()), (1_700, 1_700));
    assert!(applied.inbox.iter().map(|row| &row.key).is_sorted());
    let done = Step {
        inbox_done: applied.inbox.iter().map(|row| row.seq).collect(),
        sent: applied.outbox.iter().map(|row| row.seq).collect(),
        ..Step::default()
    };
    commit(&opened, done).await;
    let left = opened.backend.backlog().await.unwrap();
    assert_eq!((left.inbox, left.outbox_matrix), (0, 0));
}

/// The homeserver brings events while they are found: the first over a connection that is trusted, the others over a new one.
pub async fn what_is_brought_and_found_in_one_group_is_handed_over_in_its_order(database: Database) {
    let opened = database.open().await;
    let keys = ["$1", "$2", "$3"];
    let found = Step { ordered: keys.iter().map(|key| inbox(key, "t:1")).collect(), ..Step::default() };
    let brought = |keys: &[&str], lane: &str| Step {
        arrived: keys.iter().map(|key| inbox(key, lane)).collect(),
        ..Step::default()
    };
    let group = [found, brought(&keys[..1], "t:1"), brought(&keys[1..], UNORDERED)];
    let applied = opened.backend.commit(opened.fence, NOW, &group).await.unwrap();
    let handed = applied.iter().flat_map(|applied| &applied.inbox).filter(|row| row.lane != UNORDERED);
    assert_eq!(handed.map(|row| row.key.as_str()).collect::<Vec<_>>(), keys);
    let stored = opened.backend.inbox_page("t:1", 0, ALL).await.unwrap();
    assert_eq!(stored.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), keys);
    assert!(opened.backend.inbox_page(UNORDERED, 0, ALL).await.unwrap().is_empty());
}
