//! JSON at its ends: deep, long, doubled, cut, with numbers and letters that are none.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::value::RawValue;
use ticketroom::matrix::{Before, Intake, NotTaken, peek, understand};
use ticketroom::model::Fact;

use crate::data::{read, same};
use crate::pushes::push;
use crate::world::settings;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Of an event's text; `@@` stands for `of` so many times, a 1, and `end` as often.
    #[serde(default)]
    fields: String,
    #[serde(default)]
    of: String,
    #[serde(default)]
    end: String,
    #[serde(default)]
    times: usize,
    becomes: String,
}

#[derive(Default)]
pub struct Taken(pub Mutex<Vec<String>>);

#[async_trait]
impl Intake for Taken {
    async fn take(&self, events: Vec<Box<RawValue>>, _before: Before) -> Result<(), NotTaken> {
        self.0.lock().unwrap().extend(events.iter().map(|event| event.get().to_owned()));
        Ok(())
    }
}

fn understood(json: &str) -> String {
    if peek(json).is_err() {
        return "set aside".to_owned();
    }
    match understand(json, &settings()).map(|understood| understood.fact) {
        Err(_) => "left out".to_owned(),
        Ok(None) => "nothing".to_owned(),
        Ok(Some(Fact::Said(said))) => format!("said {}", said.text.chars().take(12).collect::<String>()),
        Ok(Some(_)) => "something else".to_owned(),
    }
}

#[tokio::test]
async fn whatever_json_holds_the_next_event_passes() {
    let taken = Arc::new(Taken::default());
    let mut wrong = Vec::new();
    for case in read::<Case>("json").cases {
        let filled =
            case.fields.replace("@@", &format!("{}1{}", case.of.repeat(case.times), case.end.repeat(case.times)));
        let event = match filled.strip_prefix("RAW ") {
            Some(raw) => raw.to_owned(),
            None => format!(
                r#"{{"event_id":"$e","room_id":"!t:here","sender":"@carol:here","type":"m.room.message",{filled}}}"#
            ),
        };
        wrong.extend(same(&case.name, understood(&event), case.becomes).err());
        let good = r#"{"event_id":"$good"}"#;
        let status = push(
            Arc::clone(&taken) as Arc<dyn Intake>,
            &["Bearer hs-token"],
            None,
            format!(r#"{{"events":[{event},{good}]}}"#),
        )
        .await;
        let events = std::mem::take(&mut *taken.0.lock().unwrap());
        wrong.extend(
            same(&format!("{}, pushed", case.name), (status, events.last().map(String::as_str)), (200, Some(good)))
                .err(),
        );
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
