//! What an administrator's monitoring sees: health, readiness with reasons, metrics, and their table in the manual.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

use std::sync::Arc;

use serde_json::{Value, json};
use ticketroom::{
    config::Observe,
    net,
    observe::{self, Component, Health, Readiness, Role, metrics},
};

struct Served {
    readiness: Readiness,
    address: String,
}

async fn serve() -> Served {
    let readiness = Readiness::default();
    let recorder = metrics::recorder().unwrap();
    let health = Health { readiness: readiness.clone(), metrics: recorder.handle(), gauges: Arc::default() };
    ::metrics::with_local_recorder(&recorder, metrics::describe_all);
    let listener = observe::bind(&Observe { hostname: "127.0.0.1".to_owned(), port: 0 }).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(observe::serve(listener, health, std::future::pending()));
    Served { readiness, address }
}

impl Served {
    async fn get(&self, path: &str) -> (u16, String) {
        let answer = net::homeserver_client().unwrap().get(format!("{}{path}", self.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn ready(&self) -> (u16, Value) {
        let (status, text) = self.get("/health/ready").await;
        (status, serde_json::from_str(&text).unwrap())
    }
}

#[tokio::test]
async fn it_is_alive_at_once_and_ready_when_all_parts_answer() {
    let served = serve().await;
    assert_eq!(served.get("/health/live").await.0, 200);
    let (status, answer) = served.ready().await;
    assert_eq!((status, &answer["status"]), (503, &json!("not_ready")));
    assert_eq!(answer["components"]["database"], json!({"ok": false, "reason": "starting"}));

    for component in Component::ALL {
        served.readiness.set_up(component);
    }
    let (status, answer) = served.ready().await;
    assert_eq!((status, &answer["status"]), (200, &json!("ready")));
    assert_eq!(answer["components"]["helpdesk"], json!({"ok": true}));
}

#[tokio::test]
async fn an_outage_of_a_side_is_told_but_only_the_databases_stops_the_homeserver() {
    let served = serve().await;
    for component in Component::ALL {
        served.readiness.set_up(component);
    }
    served.readiness.set_down(Component::Helpdesk, "no connection");
    let (status, answer) = served.ready().await;
    assert_eq!((status, &answer["status"]), (200, &json!("degraded")));
    assert_eq!(answer["components"]["helpdesk"], json!({"ok": false, "reason": "no connection"}));

    served.readiness.set_starting(true);
    let (status, answer) = served.ready().await;
    assert_eq!((status, &answer["status"]), (503, &json!("not_ready")), "nothing is taken in yet");
    served.readiness.set_starting(false);

    served.readiness.set_down(Component::Database, "disk full");
    let (status, answer) = served.ready().await;
    assert_eq!((status, &answer["status"]), (503, &json!("not_ready")));
}

#[tokio::test]
async fn a_standby_is_ready_when_it_can_take_in_and_says_nothing_of_those_it_does_not_call() {
    let served = serve().await;
    assert_eq!(served.ready().await.1["role"], "leader");
    served.readiness.set_role(Role::Standby);
    served.readiness.set_up(Component::Database);
    let (status, answer) = served.ready().await;
    let expected = json!({"status": "ready", "role": "standby", "components": {"database": {"ok": true}}});
    assert_eq!((status, answer), (200, expected));
    served.readiness.set_role(Role::Leader);
    assert_eq!(served.ready().await.1["components"]["homeserver"]["ok"], false, "a leader has to find out first");
}

#[tokio::test]
async fn metrics_are_served() {
    let (status, page) = serve().await.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(page.contains("ticketroom_build_info{version="), "{page}");
    // An increase is seen from the first one on.
    for zero in [
        "dead_letters_total{side=\"matrix\"} 0",
        "dead_letters_total{side=\"helpdesk\"} 0",
        "unreadable_total 0",
        "refused_requests_total 0",
    ] {
        assert!(page.contains(&format!("ticketroom_{zero}\n")), "{zero}: {page}");
    }
}

#[test]
fn the_manuals_table_of_metrics_is_the_codes() {
    let manual = include_str!("../docs/operations.md");
    let documented: Vec<&str> = manual.lines().filter(|line| line.starts_with("| `ticketroom_")).collect();
    let wanted: Vec<String> = metrics::ALL
        .iter()
        .map(|metric| {
            let labels = metric.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
            let kind = format!("{:?}", metric.kind).to_lowercase();
            format!("| `{}` | {kind} | {labels} | {} |", metric.name, metric.help).replace("|  |", "| |")
        })
        .collect();
    assert_eq!(documented, wanted, "put this into docs/operations.md:\n{}\n", wanted.join("\n"));
}

#[derive(serde::Deserialize)]
struct Alerts {
    groups: Vec<Group>,
}

#[derive(serde::Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    alert: String,
    expr: String,
    #[serde(default, rename = "for")]
    lasts: String,
    labels: std::collections::BTreeMap<String, String>,
    annotations: std::collections::BTreeMap<String, String>,
}

#[test]
fn every_alert_is_about_a_metric_that_there_is_and_says_what_to_do() {
    let alerts: Alerts = serde_yaml::from_str(include_str!("../docs/alerts.yaml")).unwrap();
    let rules: Vec<Rule> = alerts.groups.into_iter().flat_map(|group| group.rules).collect();
    assert!(rules.len() >= 8);
    for rule in &rules {
        for (at, _) in rule.expr.match_indices("ticketroom_") {
            let name = rule.expr[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
            // A histogram is asked for by its parts.
            let name = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
            let metric = metrics::ALL.iter().find(|metric| metric.name == name);
            let metric = metric.unwrap_or_else(|| panic!("{}: there is no metric {name}", rule.alert));
            let by_side = rule.annotations.values().any(|text| text.contains("$labels.side"));
            assert!(!by_side || metric.labels.contains(&"side"), "{}: {name} has no side", rule.alert);
        }
        assert!(rule.alert.starts_with("Ticketroom") && rule.labels.contains_key("severity"), "{}", rule.alert);
        assert!(rule.annotations["description"].len() > 10 && rule.annotations["summary"].len() > 10, "{}", rule.alert);
        assert!(rule.lasts.is_empty() || rule.lasts.ends_with(['m', 'd']), "{}: {}", rule.alert, rule.lasts);
    }
}
