//! Markers that somebody else wrote: copied, cut, moved to another ticket, or written where they are believed elsewhere.

use ruma::event_id;
use serde::Deserialize;
use ticketroom::helpdesk::request_tracker::foreign;

use crate::data::{check_all, same};

const TOKEN: &str = "1-14-0123456789abcdef";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Headers or the field's value; `{event}`, `{coded}` and `{proof}` stand for the parts of the genuine one.
    #[serde(default)]
    headers: Option<String>,
    #[serde(default)]
    field: Option<String>,
    /// On which ticket it stands; the genuine one is of ticket 7.
    #[serde(default)]
    ticket: Option<u64>,
    believed: bool,
}

#[test]
fn a_marker_is_believed_only_whole_and_on_its_own_ticket() {
    let event = event_id!("$genuine:hs.test");
    let (field, header) = foreign::mark(TOKEN, 7, event);
    let (_, proof) = field.rsplit_once(' ').unwrap();
    let coded = header.split(['=', '.']).nth(1).unwrap().to_owned();
    check_all("markers", |case: Case| {
        let fill =
            |text: &str| text.replace("{event}", event.as_str()).replace("{coded}", &coded).replace("{proof}", proof);
        let ticket = case.ticket.unwrap_or(7);
        let by_headers = case.headers.as_deref().and_then(|it| foreign::marker_in_headers(TOKEN, ticket, &fill(it)));
        let on = (ticket > 0).then_some(ticket);
        let by_field = case.field.as_deref().and_then(|it| foreign::marker_in_field(TOKEN, on, &fill(it)));
        let found = by_headers.or(by_field);
        same(&case.name, found.as_deref(), case.believed.then_some(event))
    });
}
