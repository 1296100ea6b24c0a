//! The simulated side: in virtual time, each script on a homeserver of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::{self, Next};
use serde_json::json;

use super::play::{self, Disk, Side};
use super::recorder::{Recorder, texts};
use super::script::{Room, Script};
use crate::homeserver::{DOMAIN, World};
use crate::simulation::home::Home;
use crate::simulation::push;
use crate::simulation::sim::Sim;
use crate::simulation::wire::Wire;

const HOUR: Duration = Duration::from_secs(3600);

struct Simulated {
    home: Arc<Home>,
    rooms: [String; 3],
}

fn user(localpart: &str) -> String {
    format!("@{localpart}:{DOMAIN}")
}

fn rooms(world: &mut World) -> [String; 3] {
    let (ada, bot) = (user("ada"), user("_desk_bot"));
    for person in [&ada, &bot] {
        world.users.insert(person.clone(), None);
    }
    let mut room = |invite: &[&String]| {
        let room = world.create_room(&ada, &json!({ "invite": invite })).unwrap();
        for whom in invite {
            world.join(&room, whom).unwrap();
        }
        room
    };
    [room(&[&bot]), room(&[&bot]), room(&[])]
}

pub fn play(seed: u64, script: &Script) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let sim = Sim::new(seed, false);
        sim.enter();
        let home = Home::new(&sim, &Arc::new(Wire::default()));
        let recorder = Recorder::new();
        let connections = Arc::clone(&home);
        let as_if_by_tcp = middleware::from_fn(move |mut request: Request, next: Next| {
            let port = connections.lines.load(Ordering::SeqCst) as u16;
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], port))));
            next.run(request)
        });
        *home.bridge.lock().unwrap() = Some(recorder.router().layer(as_if_by_tcp));
        tokio::spawn(push::notify(Arc::clone(&home)));
        tokio::spawn(push::send(Arc::clone(&home)));
        tokio::spawn(push::repeat(Arc::clone(&home)));
        let rooms = home.act(rooms).unwrap();
        let mut side = Simulated { home, rooms };
        play::until_ready(&side, &recorder).await;
        play::play(&mut side, &recorder, script).await
    })
}

impl Side for Simulated {
    async fn say(&self, room: Room, text: &str) {
        let content = json!({ "msgtype": "m.text", "body": text });
        let said =
            self.home.act(|world| world.send(&self.rooms[room as usize], &user("ada"), "m.room.message", content));
        said.unwrap().unwrap();
    }

    async fn invite(&self, ghost: &str) {
        let ghost = user(&format!("_desk_{ghost}"));
        let invited = self.home.act(|world| world.invite(&self.rooms[Room::Two as usize], &user("ada"), &ghost));
        invited.unwrap().unwrap();
    }

    async fn ping(&self) -> u16 {
        if self.home.ping() { 200 } else { 502 }
    }

    async fn disk(&self) -> Disk {
        let (world, sender) = (self.home.world(), self.home.sender());
        let stored = sender.stored.iter().map(|(txn, events)| (*txn, texts(events)));
        Disk {
            down: sender.down,
            handled: world.unpushed.is_empty() && sender.unsaved.is_empty(),
            stored: stored.filter(|(_, texts)| !texts.is_empty()).collect(),
        }
    }

    async fn linger(&self) {
        tokio::time::sleep(HOUR).await;
    }

    fn kill(&mut self) {
        self.home.kill();
    }

    async fn start(&mut self) {
        self.home.start();
    }
}
