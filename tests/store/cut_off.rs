//! Connections to PostgreSQL that are cut off without either end hearing of it.

use std::time::Duration;

use futures_util::future::join_all;
use sqlx::migrate::Migrate;
use sqlx::{Connection, Executor, PgConnection};
use ticketroom::store::{NewInbox, Opened, Step, open};
use tokio::time::{self, timeout};

use super::claims::{NOW, commit};
use super::database::Database;
use crate::line::Line;

const LONG: Duration = Duration::from_secs(60);
/// More than there are connections.
const MANY: usize = 12;

fn taking(key: &str) -> Step {
    let row = NewInbox { key: key.to_owned(), lane: "l".to_owned(), body: String::new() };
    Step { inbox: vec![row], ..Step::default() }
}

async fn keys(opened: &Opened) -> Vec<String> {
    opened.backend.inbox_page("l", 0, 100).await.unwrap().into_iter().map(|row| row.key).collect()
}

/// More than is waited for an answer.
async fn let_time_pass() {
    time::pause();
    time::advance(Duration::from_secs(21)).await;
    time::resume();
}

/// Whoever asks for the inbox waits until this is over.
struct Locked(PgConnection);

impl Locked {
    async fn inbox(database: &Database) -> Self {
        let mut connection = PgConnection::connect(database.uri()).await.unwrap();
        connection.execute("BEGIN; LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
        Self(connection)
    }

    async fn until_waited_for(&mut self, by: i64) {
        let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'inbox'::regclass";
        let all = async { while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut self.0).await.unwrap() < by {} };
        timeout(LONG, all).await.expect("they wait");
    }

    async fn release(mut self) {
        self.0.execute("COMMIT").await.unwrap();
    }
}

#[tokio::test]
async fn a_commit_whose_answer_never_comes_fails_in_time_and_the_next_one_is_written() {
    let database = Database::postgres().await;
    let (line, uri) = Line::to_database(database.uri()).await;
    let opened = open(&uri).await.unwrap();
    commit(&opened, taking("a")).await;
    let mut locked = Locked::inbox(&database).await;
    let steps = [taking("b")];
    let lost = opened.backend.commit(opened.fence, NOW, &steps);
    tokio::pin!(lost);
    tokio::select! {
        biased;
        result = &mut lost => panic!("it did not wait: {result:?}"),
        () = locked.until_waited_for(1) => {}
    }
    line.cut();
    locked.release().await;
    let_time_pass().await;
    let failed = lost.await.unwrap_err();
    assert!(failed.to_string().contains("no answer within 20 seconds"), "{failed}");
    // The server undid it: the other end went silent in the middle of a transaction. Done again it is there once.
    commit(&opened, taking("b")).await;
    commit(&opened, taking("c")).await;
    assert_eq!(keys(&opened).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn questions_that_are_never_answered_keep_no_place_from_others() {
    let database = Database::postgres().await;
    let (line, uri) = Line::to_database(database.uri()).await;
    let opened = open(&uri).await.unwrap();
    commit(&opened, taking("a")).await;
    let mut locked = Locked::inbox(&database).await;
    let lost = join_all((0..MANY).map(|_| opened.backend.inbox_page("l", 0, 100)));
    tokio::pin!(lost);
    tokio::select! {
        biased;
        _ = &mut lost => panic!("they did not wait"),
        // As many as there are connections.
        () = locked.until_waited_for(6) => {}
    }
    line.cut();
    locked.release().await;
    let_time_pass().await;
    let all = lost.await;
    assert!(all.iter().all(Result::is_err), "{all:?}");
    for _ in 0..MANY {
        assert_eq!(timeout(LONG, keys(&opened)).await.expect("there is a place"), ["a"]);
    }
}

/// Each commit of this database that writes into the inbox waits for a lock before it ends, and holds it up there.
const SLOW_END: &str = "
    CREATE FUNCTION wait() RETURNS trigger AS 'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END' LANGUAGE plpgsql;
    CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";

#[tokio::test]
async fn a_commit_that_fails_for_the_time_it_takes_is_not_written_afterwards() {
    let database = Database::postgres().await;
    let opened = database.open().await;
    commit(&opened, taking("a")).await;
    database.execute(SLOW_END).await;
    let mut holder = PgConnection::connect(database.uri()).await.unwrap();
    holder.execute("SELECT pg_advisory_lock(77)").await.unwrap();
    let steps = [taking("b")];
    let lost = opened.backend.commit(opened.fence, NOW, &steps);
    tokio::pin!(lost);
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = $1";
    let mut until_waited = async |locktype: &str| {
        let some = async {
            while sqlx::query_scalar::<_, i64>(waiting).bind(locktype).fetch_one(&mut holder).await.unwrap() == 0 {}
        };
        some.await;
    };
    tokio::select! {
        biased;
        result = &mut lost => panic!("it did not wait: {result:?}"),
        () = until_waited("advisory") => {}
    }
    let_time_pass().await;
    tokio::select! {
        biased;
        result = &mut lost => panic!("nobody knows yet how it ends: {result:?}"),
        // Behind the transaction.
        () = until_waited("transactionid") => {}
    }
    holder.execute("SELECT pg_advisory_unlock(77)").await.unwrap();
    timeout(LONG, lost).await.expect("it ends").unwrap_err();
    assert_eq!(keys(&opened).await, ["a", "b"], "it was written by the time it was called lost");
}

/// In real time: it gives signs of life meanwhile, which would miss their own limit if the clock jumped.
#[tokio::test]
async fn an_instance_that_gets_no_answer_over_whether_its_tables_are_up_to_date_says_so() {
    let database = Database::postgres().await;
    drop(database.open().await);
    let mut other = PgConnection::connect(database.uri()).await.unwrap();
    other.lock().await.unwrap();
    let failed = timeout(LONG, open(database.uri())).await.expect("it ends").err().expect("it fails").to_string();
    assert!(failed.contains("no answer within 20 seconds"), "{failed}");
}
