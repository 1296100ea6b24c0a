//! Whether Request Tracker knows the agents of the configuration: the lines of `ticketroom check`.

use futures_util::future::join_all;

use super::wire::User;
use super::{RequestTracker, people};
use crate::helpdesk::Finding;
use crate::model::Failure;

pub(super) async fn probe(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    if rt.config.agents.is_empty() {
        return;
    }
    // The client bounds how many of these calls are made at once.
    let looked = join_all(rt.config.agents.iter().map(|(login, _)| mend(rt, login))).await;
    let mut all_right = true;
    for ((login, _), mend) in rt.config.agents.iter().zip(looked) {
        if let Some(mend) = mend {
            all_right = false;
            findings.push(Finding {
                what: format!("the agent \"{login}\" can work in Request Tracker"),
                mend: Some(mend),
                ..Finding::default()
            });
        }
    }
    if all_right {
        let what = "the agents of the configuration are privileged users of Request Tracker".to_owned();
        findings.push(Finding { what, ..Finding::default() });
    }
}

async fn mend(rt: &RequestTracker, login: &str) -> Option<String> {
    match user(rt, login).await {
        Ok(None) => Some("it has no user of this name: correct `login` in agents, or make the user there".to_owned()),
        Ok(Some(user)) if user.disabled => {
            Some("this user is disabled: let them access it again, or take them out of agents".to_owned())
        }
        Ok(Some(user)) if !user.privileged => Some(
            "this user has no rights there: let them be granted rights (privileged), or correct `login` in agents"
                .to_owned(),
        ),
        Ok(Some(_)) => None,
        Err(failure) => Some(failure.reason),
    }
}

/// Read alone: a list says of nobody that they are privileged.
async fn user(rt: &RequestTracker, login: &str) -> Result<Option<User>, Failure> {
    let Some(id) = people::number_of(&rt.client, login).await? else { return Ok(None) };
    let answer = rt.client.get(&["user", &id.to_string()], &[]).await?;
    if answer.is_missing() { Ok(None) } else { answer.ok().map(Some) }
}
