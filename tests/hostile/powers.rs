//! Levels of power in every shape that JSON allows.

use ruma::user_id;
use serde::Deserialize;
use serde_json::Value;
use ticketroom::matrix::may_upgrade;

use crate::data::{check_all, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    levels: Value,
    may: bool,
}

#[test]
fn power_is_a_number_and_enough_of_it() {
    check_all("powers", |case: Case| same(&case.name, may_upgrade(&case.levels, user_id!("@root:here")), case.may));
}
