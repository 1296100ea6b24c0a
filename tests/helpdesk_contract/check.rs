//! What `ticketroom check` finds out about a real Request Tracker, and what it says where that tells nothing.

use serde_json::json;
use ticketroom::helpdesk::request_tracker::{Config, open};
use ticketroom::helpdesk::{Finding, Helpdesk};
use ticketroom::model::{DeskId, TicketId};

use super::worlds::{Real, World};
use crate::common::fixtures::{agent, customer, new_message, new_ticket};

/// Rights that show nowhere but in what they allow.
const UNTOLD: [&str; 3] = ["ReassignTicket", "OwnTicket", "ModifyCustomField"];

async fn ticket(real: &Real) -> TicketId {
    real.adapter.create_ticket(&new_ticket(&DeskId::new("1"), "It leaks", "one")).await.unwrap()
}

/// As another process would look.
async fn look(real: &Real, with: impl FnOnce(Config) -> Config) -> Vec<Finding> {
    open(with(real.rt.config()), real.rt.http.clone()).unwrap().probe().await
}

fn wrong(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().filter_map(|finding| Some((finding.what.as_str(), finding.mend.as_deref()?))).collect()
}

fn untold(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().filter_map(|finding| Some((finding.what.as_str(), finding.untold.as_deref()?))).collect()
}

/// As they stand in the seed.
fn granted() -> Vec<&'static str> {
    let seed = include_str!("../../helpdesk/request-tracker/seed.pl");
    let list = seed.split_once("my @RIGHTS = (").unwrap().1.split_once("\n);").unwrap().0;
    let global = list.lines().filter_map(|line| line.trim().strip_prefix('\'')?.split('\'').next());
    global.chain(["SeeCustomField", "ModifyCustomField"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_nothing_wrong_after_the_seed_and_what_is_missing_without() {
    let real = Real::start().await;
    ticket(&real).await;
    let findings = look(&real, |config| config).await;
    assert!(findings.len() >= 8 && wrong(&findings).is_empty(), "{findings:#?}");
    real.rt.sql("update CustomFields set Disabled = 1 where Name = 'Matrix Room'");
    let findings = look(&real, |config| config).await;
    let wrong_now = wrong(&findings);
    assert!(wrong_now.len() == 1 && wrong_now[0].0.contains("Matrix Room"), "{wrong_now:#?}");
    let findings = look(&real, |config| Config { token: "1-2-wrong".to_owned().into(), ..config }).await;
    assert!(wrong(&findings).iter().any(|(_, mend)| mend.contains("helpdesk.request_tracker.token")), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_each_right_that_was_taken_away() {
    let real = Real::start().await;
    let id = ticket(&real).await;
    real.anna_notes(&id, "A note").await;
    real.adapter.post(&new_message(&id, agent("anna"), "Hello", "m1")).await.unwrap();
    let rights = granted();
    assert!(rights.len() >= 14, "{rights:?}");
    real.rt.sql("create table Granted as select * from ACL");
    for right in rights {
        real.rt.sql(&format!("delete from ACL; insert into ACL select * from Granted where RightName != '{right}'"));
        let findings = look(&real, |config| config).await;
        let said = if UNTOLD.contains(&right) { untold(&findings) } else { wrong(&findings) };
        assert!(said.iter().any(|(_, why)| why.contains(right)), "{right}: {findings:#?}");
        if UNTOLD.contains(&right) {
            assert!(wrong(&findings).is_empty(), "{right}: {findings:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_it_cannot_tell_before_there_is_a_ticket() {
    let real = Real::start().await;
    let findings = look(&real, |config| config).await;
    assert!(wrong(&findings).is_empty(), "{findings:#?}");
    let untold = untold(&findings);
    for what in ["tickets can be read", "messages appear under", "tickets can be accepted"] {
        assert!(untold.iter().any(|(untold, _)| untold.contains(what)), "{what}: {untold:#?}");
    }
    ticket(&real).await;
    let findings = look(&real, |config| config).await;
    let notes = findings.iter().find(|finding| finding.what.contains("notes can be read")).unwrap();
    assert!(notes.untold.as_deref().is_some_and(|why| why.contains("no note yet")), "{notes:?}");
}

/// It cannot be read, and its field is there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn check_sees_by_the_newest_message_that_the_scrip_was_disabled() {
    let real = Real::start().await;
    let id = ticket(&real).await;
    let line = |findings: Vec<Finding>| findings.into_iter().find(|f| f.what.starts_with("messages appear")).unwrap();
    real.adapter.post(&new_message(&id, customer("ada"), "Hello", "m1")).await.unwrap();
    let right = line(look(&real, |config| config).await);
    assert_eq!((right.mend, right.untold), (None, None));
    real.rt.sql("update Scrips set Disabled = 1 where Description like 'Ticketroom:%'");
    real.adapter.post(&new_message(&id, agent("anna"), "Hello", "m2")).await.unwrap();
    let finding = line(look(&real, |config| config).await);
    assert!(finding.mend.as_deref().is_some_and(|mend| mend.contains("Scrip is disabled")), "{finding:?}");
    // The seed was run since.
    real.rt.sql("update CustomFields set LastUpdated = '2100-01-01 00:00:00' where Name = 'Matrix Event ID'");
    let finding = line(look(&real, |config| config).await);
    assert!(finding.mend.is_none() && finding.untold.is_some(), "{finding:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_agents_who_are_unknown_disabled_or_without_rights() {
    let real = Real::start().await;
    let with = |logins: &[&str]| {
        let agents = logins.iter().map(|login| ((*login).to_owned(), "Anna".to_owned())).collect();
        move |config| Config { agents, ..config }
    };
    let findings = look(&real, with(&["Anna", "bert"])).await;
    assert!(wrong(&findings).is_empty(), "{findings:#?}");
    assert!(findings.iter().any(|finding| finding.what.contains("agents of the configuration")), "{findings:#?}");
    real.rt.call("ROOT", "PUT", "user/bert", json!({ "Disabled": 1 })).await;
    let findings = look(&real, with(&["anna", "bert", "carla@example.org", "zoe", "1"])).await;
    let wrong = wrong(&findings);
    let named = [("bert", "disabled"), ("carla@example.org", "no rights"), ("zoe", "no user"), ("1", "no user")];
    assert_eq!(wrong.len(), named.len(), "{wrong:#?}");
    for ((what, mend), (login, why)) in wrong.iter().zip(named) {
        assert!(what.contains(&format!("\"{login}\"")) && mend.contains(why), "{what} → {mend}");
    }
}
