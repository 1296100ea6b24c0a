//! Whether the queues that the configuration names are there.

use super::{right, wrong};
use crate::{
    app::{unknown_desks, wanted_desk},
    config::Config,
    helpdesk::Finding,
    model::Desk,
};

pub fn check(desks: &[Desk], config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = wanted_desk(desks, config) {
        findings.push(wrong("queues of the configuration", format!("{error:#}")));
    }
    let names = desks.iter().map(|desk| desk.name.as_str()).collect::<Vec<_>>().join(", ");
    for unknown in unknown_desks(desks, config) {
        let what = format!("queue \"{}\" of {}", unknown.desk, unknown.of);
        let mend = format!(
            "the helpdesk shows no queue of this name, so that {}: set {} to some of: {names}, or give the bridge's user \
             the right to see it",
            unknown.effect, unknown.place
        );
        findings.push(wrong(what, mend));
    }
    if findings.is_empty() {
        findings.push(right("queues of the configuration are there"));
    }
    findings
}
