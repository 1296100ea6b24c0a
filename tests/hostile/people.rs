//! Who somebody is: by the configuration and by fields that only administrators write, never by what they call themselves.

use ruma::OwnedUserId;
use serde::Deserialize;
use serde_json::Value;
use ticketroom::helpdesk::request_tracker::foreign;

use crate::data::{check_all, same};
use crate::world::settings;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    name: String,
    user: Value,
    matrix: Option<String>,
    shown: String,
}

#[test]
fn a_record_names_a_matrix_account_only_where_nobody_else_can_write_it() {
    check_all("records", |case: Record| {
        let person = foreign::person(&case.user.to_string()).unwrap();
        let found = (person.matrix.map(|user| user.to_string()), person.name);
        same(&case.name, found, (case.matrix, case.shown))
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    user: String,
    #[serde(rename = "is")]
    expected: String,
}

#[test]
fn nobody_is_an_agent_or_one_of_us_by_looking_like_it() {
    let settings = settings();
    check_all("lookalikes", |case: Claim| {
        let user = OwnedUserId::try_from(case.user.as_str()).map_err(|error| format!("{}: {error}", case.user))?;
        let found = match (settings.agent(&user), settings.is_ours(&user), settings.code_of(&user)) {
            (Some(agent), ..) => format!("the agent {}", agent.login),
            (_, true, Some(code)) => format!("the contact of {code}"),
            (_, true, None) => "one of us".to_owned(),
            (None, false, None) => "nobody".to_owned(),
            (None, false, Some(_)) => "a contact that is not ours".to_owned(),
        };
        same(&case.user, found, case.expected)
    });
}
