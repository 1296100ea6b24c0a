//! The homeserver of the fast tests, held against the real Synapse: one script is played on both, and every status and
//! error code has to be the same. What differs here would be believed wrongly by all tests of `tests/delivery`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "common/guarded.rs"]
mod guarded;
#[path = "common/homeserver/mod.rs"]
mod homeserver;
mod homeserver_fake {
    pub mod script;
    pub mod synapse;
}

use homeserver::Homeserver;
use homeserver_fake::script::{self, Server};
use homeserver_fake::synapse::{self, Synapse};

async fn on_synapse(room_version: &str) -> Vec<String> {
    let mut synapse = Synapse::start().await;
    let server = Server::new(&synapse.url, synapse::DOMAIN, room_version);
    let mut lines = script::before(&server).await;
    synapse.restart().await;
    lines.extend(script::after_a_restart(&server).await);
    lines
}

async fn on_the_fake(room_version: &str) -> Vec<String> {
    let fake = Homeserver::start(1).await;
    fake.set_server_away("away.invalid", true);
    let server = Server::new(fake.url.as_str(), homeserver::DOMAIN, room_version);
    let mut lines = script::before(&server).await;
    fake.lose_memory();
    lines.extend(script::after_a_restart(&server).await);
    lines
}

async fn compare(room_version: &str) {
    let (real, fake) = (on_synapse(room_version).await, on_the_fake(room_version).await);
    let both: Vec<String> = real
        .iter()
        .zip(&fake)
        .filter(|(real, fake)| real != fake)
        .map(|(real, fake)| format!("Synapse: {real}\nfake:    {fake}"))
        .collect();
    assert!(both.is_empty() && real.len() == fake.len(), "in room version {room_version}:\n{}", both.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_as_synapse_does_in_rooms_of_version_12() {
    compare("12").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_as_synapse_does_in_rooms_of_version_11() {
    compare("11").await;
}
