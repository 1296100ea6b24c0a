//! Plays a script on either side. Between two steps it waits for what is to be seen, never for a time.

use std::time::Duration;

use tokio::time::Instant;

use super::recorder::{Delivery, Recorder};
use super::script::{OnDisk, Room, Script, Step};

const DEADLINE: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(10);

/// What lies on the homeserver's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    pub down: bool,
    pub handled: bool,
    /// By id.
    pub stored: Vec<(u64, Vec<String>)>,
}

impl Disk {
    fn is(&self, wanted: &OnDisk) -> bool {
        let stored = self.stored.iter().map(|(_, texts)| texts.iter().map(String::as_str).collect::<Vec<_>>());
        self.down == wanted.down && self.handled == wanted.handled && stored.eq(wanted.stored.iter().copied())
    }

    fn told(&self, recorder: &Recorder) -> String {
        let stored: Vec<String> = self.stored.iter().map(|(txn, texts)| recorder.told(*txn, texts)).collect();
        let state = if self.down { "down" } else { "up" };
        let stored = if stored.is_empty() { "nothing".to_owned() } else { stored.join(", ") };
        let rest = if self.handled { "" } else { ", not all is handled" };
        format!("on disk: {state}, {stored}{rest}")
    }
}

pub trait Side {
    async fn say(&self, room: Room, text: &str);
    /// Into the second room.
    async fn invite(&self, ghost: &str);
    /// The status of the answer.
    async fn ping(&self) -> u16;
    async fn disk(&self) -> Disk;
    /// Gives it time for what it would do by itself.
    async fn linger(&self);
    /// As kill -9 does.
    fn kill(&mut self);
    async fn start(&mut self);
}

/// Waits until all that belongs to the making of the rooms has passed.
pub async fn until_ready(side: &impl Side, recorder: &Recorder) {
    let began = Instant::now();
    side.say(Room::One, "ready").await;
    let came = || recorder.deliveries().iter().any(|seen| seen.texts.iter().any(|text| text == "ready"));
    while !came() || !side.disk().await.is(&OnDisk { down: false, handled: true, stored: &[] }) {
        assert!(began.elapsed() < DEADLINE, "the rooms were not made in time");
        tokio::time::sleep(LOOK).await;
    }
}

struct Player<'a, S> {
    side: &'a mut S,
    recorder: &'a Recorder,
    /// What came before it was last answered otherwise, or the homeserver started.
    passed: usize,
    asked: Vec<String>,
    at: String,
}

pub async fn play<S: Side>(side: &mut S, recorder: &Recorder, script: &Script) -> Vec<String> {
    recorder.begin();
    let passed = recorder.deliveries().len();
    let mut player = Player { side, recorder, passed, asked: Vec::new(), at: String::new() };
    for step in &script.steps {
        player.at = format!("{}, {step:?}", script.name);
        player.step(*step).await;
    }
    recorder.lines()
}

impl<S: Side> Player<'_, S> {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Say(room, text) => self.side.say(room, text).await,
            Step::SayMany(text, times) => {
                for number in 1..=times {
                    self.side.say(Room::One, &format!("{text} {number}")).await;
                }
            }
            Step::Invite(ghost) => self.side.invite(ghost).await,
            Step::Answer(answer) => {
                self.passed = self.recorder.deliveries().len();
                self.recorder.answer(answer);
            }
            Step::Hold(ghost) => self.recorder.hold(ghost),
            Step::Release(ghost) => self.recorder.release(ghost),
            Step::Asked(ghost) => self.asked(ghost).await,
            Step::Received(text) => self.received(text, false).await,
            Step::Hurried(text) => self.received(text, true).await,
            Step::Repeated(text, times) => self.repeated(text, times).await,
            Step::Wait(wanted) => self.wait(wanted).await,
            Step::Ping => {
                let status = self.side.ping().await;
                self.recorder.note(format!("ping: {status}"));
            }
            Step::Quiet => {
                let before = self.recorder.lines();
                self.side.linger().await;
                let is_quiet = before == self.recorder.lines() && self.recorder.take_asked().is_empty();
                self.recorder.note(if is_quiet { "quiet" } else { "not quiet" }.to_owned());
            }
            Step::Kill => {
                self.side.kill();
                // What a killed one had under way is given up when its connections end, which is a moment later.
                let began = Instant::now();
                while !self.recorder.is_idle() {
                    self.look_again(began, || "still under way".to_owned()).await;
                }
                self.recorder.note("killed".to_owned());
            }
            Step::Start => {
                self.passed = self.recorder.deliveries().len();
                self.recorder.take_asked();
                self.side.start().await;
                if self.side.disk().await.stored.is_empty() {
                    self.recorder.count_anew();
                }
                self.recorder.note("started".to_owned());
            }
        }
    }

    /// To be called in each round of a wait.
    async fn look_again(&self, began: Instant, what: impl FnOnce() -> String) {
        let late = began.elapsed() > DEADLINE;
        assert!(!late, "waited too long: {}\n{}\n{}", self.at, what(), self.recorder.lines().join("\n"));
        tokio::time::sleep(LOOK).await;
    }

    fn seen(&self, text: &str) -> Vec<Delivery> {
        let answer = self.recorder.present_answer();
        let since = self.recorder.deliveries().into_iter().skip(self.passed);
        since.filter(|seen| seen.answer == answer && seen.texts.iter().any(|other| other == text)).collect()
    }

    async fn received(&self, text: &str, hurry: bool) {
        let began = Instant::now();
        while self.seen(text).is_empty() {
            if hurry {
                self.side.ping().await;
            }
            self.look_again(began, String::new).await;
        }
    }

    async fn repeated(&self, text: &str, times: usize) {
        let began = Instant::now();
        while self.seen(text).len() < times {
            self.look_again(began, String::new).await;
        }
        let seen = self.seen(text);
        for (number, pair) in seen.windows(2).take(times - 1).enumerate() {
            let (pause, least) = (pair[1].at - pair[0].at, Duration::from_secs(2 << number));
            let not_before = if pause < least { format!("after {pause:?}") } else { format!("not before {least:?}") };
            let line = if pair[0].from == pair[1].from { "the same" } else { "another" };
            self.recorder.note(format!("again {not_before}, over {line} connection"));
        }
    }

    async fn asked(&mut self, ghost: &str) {
        let began = Instant::now();
        loop {
            self.asked.extend(self.recorder.take_asked());
            if let Some(at) = self.asked.iter().position(|other| other == ghost) {
                self.asked.remove(at);
                return;
            }
            self.look_again(began, String::new).await;
        }
    }

    async fn wait(&self, wanted: OnDisk) {
        let began = Instant::now();
        loop {
            let disk = self.side.disk().await;
            if disk.is(&wanted) {
                return self.recorder.note(disk.told(self.recorder));
            }
            self.look_again(began, || format!("{disk:?}")).await;
        }
    }
}
