//! Line breaks, control characters and direction marks in every field that crosses.

use serde::Deserialize;
use serde_json::json;
use ticketroom::helpdesk::request_tracker::foreign;
use ticketroom::matrix::peek;
use ticketroom::text::{clean_name, file_name, from_plain, title, to_plain};

use crate::data::{check_all, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    field: String,
    input: String,
    becomes: String,
}

#[test]
fn what_crosses_in_a_field_of_one_line_is_one_line() {
    check_all("fields", |case: Case| {
        let input = case.input.as_str();
        let found = match case.field.as_str() {
            "display name" => clean_name(input),
            "title" => title(input),
            "file name" => file_name(input),
            "helpdesk line" => foreign::line(input, 80),
            "helpdesk message" => foreign::said(&json!({ "message": input })),
            "body" => to_plain(&from_plain(input)),
            other => return Err(format!("no such field: {other}")),
        };
        same(&format!("{} {input:?}", case.field), found, case.becomes)
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Id {
    field: String,
    id: String,
    taken: bool,
}

#[test]
fn an_id_that_breaks_lines_is_set_aside() {
    check_all("ids", |case: Id| {
        let mut event = json!({
            "event_id": "$e", "room_id": "!r:here", "sender": "@carol:here", "type": "m.room.message",
            "content": { "msgtype": "m.text", "body": "x" },
        });
        event[case.field.as_str()] = json!(case.id);
        let taken = peek(&event.to_string()).is_ok_and(|event| event.has_sound_ids());
        same(&format!("{} {:?}", case.field, case.id), taken, case.taken)
    });
}
