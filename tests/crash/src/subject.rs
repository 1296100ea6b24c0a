//! What a run needs of a bridge, whosever it is: people who write to it, a way to kill it, and what came of it.

use std::sync::MutexGuard;

use crate::oracle::{Book, Channel, Read};
use crate::peer::Peer;
use crate::proxy::Proxy;
use crate::world::{HEALED, World};

/// A bridge with people around it.
pub(crate) trait Subject {
    fn rooms(&self) -> usize;
    fn hops(&self) -> Vec<(&'static str, &Proxy)>;
    fn book(&self) -> MutexGuard<'_, Book>;
    fn kill_and_start(&self);
    async fn until_ready(&self) -> Result<(), String>;
    async fn write(&self, channel: Channel, words: &str) -> Result<(), String>;
    async fn read(&self) -> Result<Read, String>;
}

impl Subject for World {
    fn rooms(&self) -> usize {
        self.tickets().len()
    }

    fn hops(&self) -> Vec<(&'static str, &Proxy)> {
        let behind = ("bridge ↔ helpdesk", &self.into_helpdesk);
        vec![("homeserver → bridge", &self.into_bridge), ("bridge → homeserver", &self.into_homeserver), behind]
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book()
    }

    fn kill_and_start(&self) {
        self.bridge.kill9();
        self.bridge.start();
    }

    async fn until_ready(&self) -> Result<(), String> {
        self.bridge.until_ready(HEALED).await
    }

    async fn write(&self, channel: Channel, words: &str) -> Result<(), String> {
        self.write(channel, words).await.map(drop)
    }

    async fn read(&self) -> Result<Read, String> {
        self.read().await
    }
}

impl Subject for Peer {
    fn rooms(&self) -> usize {
        self.rooms()
    }

    fn hops(&self) -> Vec<(&'static str, &Proxy)> {
        vec![("homeserver → bridge", &self.into_bridge), ("bridge → homeserver", &self.into_homeserver)]
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book()
    }

    fn kill_and_start(&self) {
        self.kill9();
        self.run();
    }

    async fn until_ready(&self) -> Result<(), String> {
        self.until_ready().await
    }

    async fn write(&self, channel: Channel, words: &str) -> Result<(), String> {
        self.write(channel, words).await
    }

    async fn read(&self) -> Result<Read, String> {
        self.read().await
    }
}
