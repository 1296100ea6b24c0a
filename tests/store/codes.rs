//! Intake codes, and what customers were let do: the claims that both databases are held against.

use ruma::{OwnedRoomId, OwnedUserId};
use ticketroom::model::{Admission, Code, CodeId, Used};
use ticketroom::store::{NewAdmission, Step, beside};

use super::claims::{NOW, commit, ticket};
use super::database::Database;

const HOUR_MS: i64 = 3_600_000;

fn code(id: &str, device: Option<&str>) -> Code {
    Code {
        id: CodeId::new(id),
        name: format!("{id} – Support"),
        device: device.map(str::to_owned),
        template: Some("pumps".to_owned()),
        language: Some("de".to_owned()),
        disabled: false,
    }
}

fn user(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}")).unwrap()
}

fn door() -> OwnedRoomId {
    OwnedRoomId::try_from("!door:hs.test").unwrap()
}

fn admission(key: &str, kind: Admission, who: &str) -> NewAdmission {
    let server = who.split_once(':').map(|(_, server)| server.to_owned()).unwrap();
    NewAdmission { key: key.to_owned(), kind, who: who.to_owned(), server }
}

fn admitting(admissions: Vec<NewAdmission>) -> Step {
    Step { admissions, ..Step::default() }
}

pub async fn codes_are_made_once_read_back_and_disabled(database: Database) {
    let opened = database.open().await;
    let (pump, wall) = (code("pump-7", Some("Pump 7 \u{1f980}")), code("wall", None));
    assert!(opened.backend.add_code(&pump, NOW).await.unwrap());
    assert!(opened.backend.add_code(&wall, NOW + 1).await.unwrap());
    assert!(!opened.backend.add_code(&code("pump-7", Some("Another")), NOW + 2).await.unwrap());
    assert_eq!(opened.backend.codes().await.unwrap(), [pump.clone(), wall]);
    assert_eq!(opened.backend.code(&pump.id).await.unwrap(), Some(pump.clone()));
    assert_eq!(opened.backend.code(&CodeId::new("PUMP-7")).await.unwrap(), None);
    assert!(opened.backend.disable_code(&pump.id, true).await.unwrap());
    assert!(opened.backend.code(&pump.id).await.unwrap().unwrap().disabled);
    assert!(!opened.backend.disable_code(&CodeId::new("x"), true).await.unwrap());
}

pub async fn a_code_is_written_beside_the_running_bridge_and_takes_nothing_over(database: Database) {
    // Before the first start there is no database yet.
    beside(database.uri()).await.unwrap().add_code(&code("early", None), NOW).await.unwrap();
    let running = database.open().await;
    let pump = code("pump-7", None);
    assert!(beside(database.uri()).await.unwrap().add_code(&pump, NOW + 1).await.unwrap());
    assert_eq!(running.backend.code(&pump.id).await.unwrap(), Some(pump));
    assert_eq!(running.backend.codes().await.unwrap().len(), 2);
    // It still may write.
    commit(&running, admitting(vec![admission("a", Admission::Room, "@ada:hs.test")])).await;
}

pub async fn what_customers_did_is_counted_once_by_customer_and_server_and_for_a_while(database: Database) {
    let opened = database.open().await;
    let ada = user("ada:hs.test");
    let used = |since| {
        let (backend, ada) = (&opened.backend, &ada);
        async move { backend.used(ada, &door(), since).await.unwrap() }
    };
    assert_eq!(used(NOW - HOUR_MS).await, Used::default());
    let ours = || {
        vec![
            admission("$1", Admission::Ticket, "@ada:hs.test"),
            admission("$2", Admission::Ticket, "@bob:hs.test"),
            admission("$3", Admission::Ticket, "@ada:else.where"),
            admission("$4", Admission::Room, "@ada:hs.test"),
        ]
    };
    commit(&opened, admitting(ours())).await;
    // The same events again, in one group with a new one.
    let refusal = admission("told", Admission::Refusal, door().as_str());
    let edit = admission("edit", Admission::Edit, "@ada:hs.test");
    opened.backend.commit(opened.fence, NOW, &[admitting(ours()), admitting(vec![refusal, edit])]).await.unwrap();
    let expected = Used {
        tickets_of_customer: 1,
        tickets_of_server: 2,
        rooms_of_customer: 1,
        rooms_of_server: 1,
        told: true,
        told_no_edits: true,
        open_of_customer: 0,
    };
    assert_eq!(used(NOW - HOUR_MS).await, expected);
    assert_eq!(used(NOW).await, Used::default());
    opened.backend.prune(NOW + 1).await.unwrap();
    assert_eq!(used(NOW - HOUR_MS).await, Used::default());
}

pub async fn a_customers_open_tickets_are_those_that_they_opened_and_that_are_not_closed(database: Database) {
    let opened = database.open().await;
    let mut one = ticket("1", "One");
    one.snapshot.customers = vec![ticketroom::model::Person {
        id: ticketroom::model::PersonId::new("7"),
        login: "ada".to_owned(),
        name: "Ada".to_owned(),
        matrix: Some(user("ada:hs.test")),
    }];
    one.snapshot.marker = Some(ruma::owned_event_id!("$e"));
    let mut by_mail = one.clone();
    by_mail.snapshot.id = ticketroom::model::TicketId::new("2");
    by_mail.snapshot.marker = None;
    commit(&opened, Step { tickets: vec![one.clone(), by_mail], ..Step::default() }).await;
    let open = || async { opened.backend.used(&user("ada:hs.test"), &door(), 0).await.unwrap().open_of_customer };
    assert_eq!(open().await, 1);
    one.snapshot.status.closed = true;
    commit(&opened, Step { tickets: vec![one.clone()], ..Step::default() }).await;
    assert_eq!(open().await, 0);
    one.snapshot.status.closed = false;
    commit(&opened, Step { tickets: vec![one], ..Step::default() }).await;
    assert_eq!(open().await, 1);
}
