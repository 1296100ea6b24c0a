//! Addresses in messages: which become links, and which files of a homeserver are fetched.

use serde::Deserialize;
use serde_json::{Value, json};
use ticketroom::matrix::understand;
use ticketroom::model::{Fact, FileSource};
use ticketroom::text::linkable;

use crate::data::{check_all, same};
use crate::world::settings;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    address: String,
    /// As it stands in the link; without one it stays words.
    link: Option<String>,
}

#[test]
fn only_addresses_that_say_where_they_lead_become_links() {
    check_all("links", |case: Link| {
        same(&format!("{:?}", case.address), linkable(&case.address).map(|url| url.into_owned()), case.link)
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Media {
    content: Value,
    /// The path below the media store that is asked for; without one nothing is fetched.
    fetched: Option<String>,
}

/// What is fetched for an event: one file of the homeserver's own store, or nothing.
pub fn fetched(content: &Value) -> Option<String> {
    let event = json!({
        "event_id": "$e", "room_id": "!t:here", "sender": "@carol:here", "type": "m.room.message", "content": content,
    });
    let fact = understand(&event.to_string(), &settings()).unwrap().fact;
    let Some(Fact::Said(said)) = fact else { return None };
    let file = said.files.first()?;
    let FileSource::Matrix(uri) = &file.source else { panic!("{file:?}") };
    let (server, id) = uri.parts().unwrap();
    let url = url::Url::parse(&format!("http://hs/_matrix/client/v1/media/download/{server}/{id}")).unwrap();
    Some(url.path().trim_start_matches("/_matrix/client/v1/media/").to_owned())
}

#[test]
fn a_file_is_asked_for_in_the_media_store_and_nowhere_else() {
    check_all("media", |case: Media| same(&case.content.to_string(), fetched(&case.content), case.fetched));
}
