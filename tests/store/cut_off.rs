//! Connections to PostgreSQL that are cut off without either end hearing of it.

use std::time::Duration;

use futures_util::future::join_all;
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
    time::pause();
    let failed = lost.await.unwrap_err();
    time::resume();
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
    time::pause();
    let all = lost.await;
    time::resume();
    assert!(all.iter().all(Result::is_err), "{all:?}");
    for _ in 0..MANY {
        assert_eq!(timeout(LONG, keys(&opened)).await.expect("there is a place"), ["a"]);
    }
}
