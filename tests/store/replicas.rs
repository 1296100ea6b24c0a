//! Several instances on one PostgreSQL: who leads, what the others may do meanwhile, and what happens when versions meet.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{Connection, Executor, PgConnection, PgPool};
use ticketroom::store::{Joined, NewInbox, Opened, Standby, Step, StoreError, join};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::claims::{NOW, commit};
use super::database::Database;

const LONG: Duration = Duration::from_secs(60);

fn row(key: &str) -> NewInbox {
    NewInbox { key: key.to_owned(), lane: "l".to_owned(), body: format!("body of {key}") }
}

fn taking(key: &str) -> Step {
    Step { inbox: vec![row(key)], ..Step::default() }
}

async fn keys(opened: &Opened) -> Vec<String> {
    opened.backend.inbox_page("l", 0, 100).await.unwrap().into_iter().map(|row| row.key).collect()
}

async fn standby(database: &Database) -> Standby {
    match join(database.uri()).await.unwrap() {
        Joined::Standby(standby) => *standby,
        Joined::Leader(_) => panic!("two lead"),
    }
}

async fn lead(standby: Standby) -> Opened {
    timeout(LONG, standby.lead(|_| {})).await.expect("it takes over").unwrap()
}

#[tokio::test]
async fn of_several_that_start_at_once_on_an_empty_database_one_leads() {
    let database = Database::postgres().await;
    let uri = database.uri();
    let joined = tokio::try_join!(join(uri), join(uri), join(uri), join(uri), join(uri)).unwrap();
    let joined: [Joined; 5] = joined.into();
    let (leaders, others): (Vec<_>, Vec<_>) = joined.into_iter().partition(|it| matches!(it, Joined::Leader(_)));
    assert_eq!((leaders.len(), others.len()), (1, 4));
    let Some(Joined::Leader(leader)) = leaders.into_iter().next() else { panic!("checked above") };
    commit(&leader, taking("a")).await;
    for other in others {
        let Joined::Standby(standby) = other else { panic!("checked above") };
        standby.beside().take(NOW, vec![row("a")]).await.unwrap();
    }
    assert_eq!(keys(&leader).await, ["a"]);
}

#[tokio::test]
async fn what_a_standby_takes_in_is_told_to_the_leader_before_anything_later() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    commit(&leader, taking("a")).await;
    assert!(leader.backend.others_wrote(), "whatever was there before the first commit");
    commit(&leader, taking("b")).await;
    assert!(!leader.backend.others_wrote());
    let standby = standby(&database).await;
    standby.beside().take(NOW, vec![row("b"), row("c")]).await.unwrap();
    assert_eq!(keys(&leader).await, ["a", "b", "c"]);
    commit(&leader, taking("d")).await;
    assert!(leader.backend.others_wrote());
    assert!(!leader.backend.others_wrote(), "told once");
    assert_eq!(keys(&leader).await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn a_leader_that_ends_in_good_order_is_followed_at_once() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    let fence = leader.fence;
    let claim = leader.lock.claim();
    let kept = leader.lock.keep(fence, claim.clone());
    timeout(LONG, claim.held()).await.expect("its first sign of life");
    let standby = standby(&database).await;
    kept.release().await;
    assert!(!claim.holds(), "it calls nobody any more");
    let began = Instant::now();
    let next = lead(standby).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(next.fence > fence);
    commit(&next, taking("a")).await;
}

#[tokio::test]
async fn a_leader_that_died_is_followed_when_its_claim_is_over() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    let standby = standby(&database).await;
    let (backend, fence) = (leader.backend, leader.fence);
    let began = Instant::now();
    drop(leader.lock);
    let next = lead(standby).await;
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(3) && waited < Duration::from_secs(10), "{waited:?}");
    let late = backend.commit(fence, NOW, &[taking("late")]).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    commit(&next, taking("a")).await;
    assert_eq!(keys(&next).await, ["a"]);
}

#[tokio::test]
async fn a_leader_that_lives_and_gives_no_sign_of_it_loses_its_place_and_learns_of_it() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    let standby = standby(&database).await;
    // Its lock is held all the while, as that of a process that was stopped.
    let began = Instant::now();
    let next = lead(standby).await;
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(14) && waited < Duration::from_secs(25), "{waited:?}");
    let claim = leader.lock.claim();
    let kept = leader.lock.keep(leader.fence, claim.clone());
    timeout(LONG, kept.lost.cancelled()).await.expect("the one that comes back is told");
    assert!(!claim.holds());
    let late = leader.backend.commit(leader.fence, NOW, &[taking("late")]).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    commit(&next, taking("a")).await;
    assert_eq!(keys(&next).await, ["a"]);
}

/// Several standbys find at the same time that the leader is gone: whoever comes second must not take the first one's place.
#[tokio::test]
async fn who_took_the_lock_from_a_silent_leader_keeps_it() {
    let database = Database::postgres().await;
    let _silent = database.open().await;
    let standby = standby(&database).await;
    // As another standby does that was faster by one look: it has the lock as soon as that is free, and no fence yet.
    let mut faster = PgConnection::connect(database.uri()).await.unwrap();
    let (looked, mut looks) = mpsc::unbounded_channel();
    let slower = tokio::spawn(standby.lead(move |_| {
        let _nobody_asks_any_more = looked.send(());
    }));
    let lock = sqlx::query("SELECT pg_advisory_lock(x'7469636b6574'::BIGINT)").execute(&mut faster);
    timeout(LONG, lock).await.expect("the silent leader's lock is taken away").unwrap();
    while looks.try_recv().is_ok() {}
    for _ in 0..4 {
        looks.recv().await.expect("it goes on watching");
    }
    faster.ping().await.expect("the one that was faster still has its session");
    assert!(!slower.is_finished());
    slower.abort();
}

#[tokio::test]
async fn a_transaction_that_is_never_ended_holds_nobody_up_for_long() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    commit(&leader, taking("a")).await;
    // As of a standby that was stopped after its first statement.
    let mut stopped = PgConnection::connect(database.uri()).await.unwrap();
    stopped.execute("SET idle_in_transaction_session_timeout = '5s'").await.unwrap();
    stopped.execute("BEGIN; UPDATE instance SET taken = taken + 1 WHERE id = 1").await.unwrap();
    let began = Instant::now();
    timeout(LONG, commit(&leader, taking("b"))).await.expect("the commit goes on");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(keys(&leader).await, ["a", "b"]);
}

/// The database as the version before this one left it, with its rows, and that version still running on it.
async fn of_the_version_before(database: &Database) -> PgConnection {
    let all = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(all).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.pop();
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let pool = PgPool::connect(database.uri()).await.unwrap();
    Migrator::new(folder.path()).await.unwrap().run(&pool).await.unwrap();
    pool.close().await;
    let mut old = PgConnection::connect(database.uri()).await.unwrap();
    old.execute("SELECT pg_try_advisory_lock(127995988370804)").await.unwrap();
    old.execute("UPDATE instance SET fence = 7").await.unwrap();
    old.execute("INSERT INTO inbox (key, lane, body, received_ms) VALUES ('old', 'l', 'body of old', 0)")
        .await
        .unwrap();
    let outbox =
        "INSERT INTO outbox (key, lane, side, holds, body, created_ms) VALUES ('o', 'l', 'matrix', 1, '{}', 0)";
    old.execute(outbox).await.unwrap();
    old
}

#[tokio::test]
async fn a_newer_version_takes_over_from_the_one_before_and_keeps_its_rows() {
    let database = Database::postgres().await;
    let mut old = of_the_version_before(&database).await;
    let standby = standby(&database).await;
    let early = standby.beside().take(NOW, vec![row("early")]).await;
    assert!(matches!(early, Err(StoreError::Older)), "not into tables that it does not know: {early:?}");
    let next = lead(standby).await;
    assert_eq!(next.fence, 8);
    assert_eq!(keys(&next).await, ["old"]);
    assert_eq!(next.backend.held_lanes().await.unwrap(), ["l"]);
    commit(&next, taking("new")).await;
    assert_eq!(keys(&next).await, ["old", "new"]);
    let late = next.backend.commit(7, NOW, &[taking("late")]).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "the one before writes nothing any more: {late:?}");
    assert!(old.execute("SELECT 1").await.is_err(), "its lock went with its connection");
}

#[tokio::test]
async fn a_standby_of_an_older_version_writes_nothing_into_a_newer_database() {
    let database = Database::postgres().await;
    let leader = database.open().await;
    let standby = standby(&database).await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'of tomorrow', TRUE, '', 0)",
        )
        .await;
    let late = standby.beside().take(NOW, vec![row("late")]).await;
    assert!(matches!(late, Err(StoreError::Newer { .. })), "{late:?}");
    assert!(keys(&leader).await.is_empty());
    let ended = timeout(LONG, standby.lead(|_| {})).await.expect("it ends").map(|opened| opened.fence);
    assert!(matches!(ended, Err(StoreError::Newer { .. })), "{ended:?}");
}
