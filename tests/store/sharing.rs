//! Steps that are ready together share a commit: each commit costs a flush, and most of what a busy bridge writes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sqlx::{Connection, SqliteConnection};
use ticketroom::clock::SystemClock;
use ticketroom::store::{Committer, NewInbox, Step};

use super::database::Database;
use crate::flaky::{Flaky, Troubles};

const ROUNDS: usize = 30;
const LANES: usize = 20;

fn step(key: String) -> Box<Step> {
    let row = NewInbox { key, lane: "l".to_owned(), body: String::new() };
    Box::new(Step { inbox: vec![row], ..Step::default() })
}

/// With one worker, as the program has it. Now and then the runtime looks for news between two lanes, and there are two
/// commits; if the first lane was not made to wait for the others, there would always be.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn steps_that_are_ready_together_share_a_commit() {
    let opened = Database::sqlite().open().await;
    let troubles = Arc::new(Troubles::default());
    let backend = Flaky { inner: Arc::clone(&opened.backend), troubles: Arc::clone(&troubles) };
    let committer = Committer::start(Arc::new(backend), opened.fence, Arc::new(SystemClock), Box::new(|_| {}));
    let shared = tokio::spawn(async move {
        let mut shared = 0;
        for round in 0..ROUNDS {
            let before = troubles.commits.load(Ordering::SeqCst);
            let lanes: Vec<_> = (0..LANES)
                .map(|lane| {
                    let committer = committer.clone();
                    tokio::spawn(async move { committer.commit(step(format!("{round}/{lane}"))).await })
                })
                .collect();
            for lane in lanes {
                lane.await.unwrap().unwrap();
            }
            shared += usize::from(troubles.commits.load(Ordering::SeqCst) == before + 1);
        }
        shared
    });
    let shared = shared.await.unwrap();
    assert!(shared > ROUNDS / 10, "only {shared} of {ROUNDS} times was there one commit for all");
}

/// They wait for it together, and fail together: one after the other they would wait for minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn steps_that_find_the_file_locked_are_not_tried_one_by_one() {
    let database = Database::sqlite();
    let opened = database.open().await;
    let troubles = Arc::new(Troubles::default());
    let backend = Flaky { inner: Arc::clone(&opened.backend), troubles: Arc::clone(&troubles) };
    let committer = Committer::start(Arc::new(backend), opened.fence, Arc::new(SystemClock), Box::new(|_| {}));
    let mut other = SqliteConnection::connect(database.uri()).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let commit = |lane: &str| committer.commit(step(lane.to_owned()));
    // The first may be under way when the others come.
    let outcomes = tokio::join!(commit("one"), commit("two"), commit("three"));
    assert!(outcomes.0.is_err() && outcomes.1.is_err() && outcomes.2.is_err(), "{outcomes:?}");
    assert!(troubles.commits.load(Ordering::SeqCst) <= 2);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    commit("one").await.unwrap();
}
