//! Claims about Request Tracker alone: what it does differently, and what it must not be believed.

use serde_json::json;
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::request_tracker::{RequestTracker, open};
use ticketroom::model::{Acceptance, DeskId, Next, TicketId, Visibility};

use super::worlds::{Real, World};
use crate::common::fixtures::{agent, customer, event, new_message, new_ticket, user, words};
use crate::common::proxy::{Proxy, Spoil};

const GENERAL: &str = "1";

async fn ticket(helpdesk: &dyn Helpdesk) -> TicketId {
    helpdesk.create_ticket(&new_ticket(&DeskId::new(GENERAL), "It leaks", "one")).await.unwrap()
}

/// The adapter with a proxy between it and Request Tracker.
async fn behind_proxy(real: &Real) -> (Proxy, RequestTracker) {
    let proxy = Proxy::start(&real.rt.url, &real.rt.http).await;
    let mut config = real.rt.config();
    config.url = proxy.url.clone();
    (proxy, open(config, real.rt.http.clone()).unwrap())
}

fn page() -> Spoil {
    Spoil::Answer { status: 200, content_type: "text/html; charset=utf-8", body: "<html>Log in</html>".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_an_agent_forged_is_not_believed() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let ours = real.adapter.post(&new_message(&id, customer("ada"), "Ours", "m1")).await.unwrap().unwrap();
    // The agent copies what is public of ours: the event, in field and header.
    let path = format!("ticket/{id}/correspond");
    let headers = "x-ticketroom-marker=JG0yOmhzLnRlc3Q.AAAAAAAAAAAAAAAA; x-ticketroom-author=YmVydA";
    let forged = json!({
        "Content": "Forged", "ContentType": format!("text/html; {headers}"),
        "TxnCustomFields": { "Matrix Event ID": "$m2:hs.test AAAAAAAAAAAAAAAA" },
    });
    let start = real.adapter.changes(None).await.unwrap().cursor;
    real.rt.call("ANNA", "POST", &path, forged.clone()).await;
    // Somebody with every right may even write the field.
    real.rt.call("ROOT", "POST", &path, forged).await;
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    let messages: Vec<_> = changes.iter().filter_map(|change| change.message.clone()).collect();
    assert_eq!(messages.len(), 2, "{changes:?}");
    for message in messages {
        let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
        assert_eq!((read.marker, words(&read.body).as_str()), (None, "Forged"));
        assert_ne!(read.author.login, "bert");
    }
    assert!(changes.iter().all(|change| change.marker.is_none()));
    assert_eq!(real.adapter.find_message(&id, &event("m2")).await.unwrap(), None);
    assert_eq!(real.adapter.find_message(&id, &event("m1")).await.unwrap(), Some(ours));
}

/// Request Tracker can't show a user whose name has a line break, nor any list that such a user is in.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_with_control_characters_is_refused_before_anything_is_made() {
    let real = Real::start().await;
    for id in ["@a\nb:evil.test", "@a\u{7f}:evil.test", "@a\u{2028}b:evil.test"] {
        let mut new = new_ticket(&DeskId::new(GENERAL), "It leaks", "one");
        new.customer = ruma::OwnedUserId::try_from(id).unwrap();
        let failure = real.adapter.create_ticket(&new).await.unwrap_err();
        assert_eq!(failure.next, Next::Dead, "{id:?}: {failure}");
    }
    let users = json!([{ "field": "Name", "operator": "LIKE", "value": "evil.test" }]);
    let found = real.rt.call("ROOT", "POST", "users", users).await;
    assert_eq!(found["items"], json!([]), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_before_a_500_is_found_by_its_marker() {
    let real = Real::start().await;
    let (proxy, helpdesk) = behind_proxy(&real).await;
    let id = ticket(&helpdesk).await;
    let new = new_message(&id, customer("ada"), "Saved", "m1");
    proxy.spoil_once("", Spoil::FailAfterPassing);
    let failure = helpdesk.post(&new).await.unwrap_err();
    assert!(failure.is_uncertain(), "{failure}");
    let found = helpdesk.find_message(&id, &event("m1")).await.unwrap().unwrap();
    assert_eq!(helpdesk.message(&id, &found).await.unwrap().unwrap().author.name, "Ada");

    proxy.spoil_once("", Spoil::FailAfterPassing);
    let failure = helpdesk.create_ticket(&new_ticket(&DeskId::new(GENERAL), "Twice", "two")).await.unwrap_err();
    assert!(failure.is_uncertain(), "{failure}");
    let found = helpdesk.find_ticket(&event("two")).await.unwrap().unwrap();
    assert_eq!(helpdesk.ticket(&found).await.unwrap().unwrap().title, "Twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_where_json_belongs_is_a_clear_error() {
    let real = Real::start().await;
    let (proxy, helpdesk) = behind_proxy(&real).await;
    let id = ticket(&helpdesk).await;
    proxy.spoil_all("", page());
    let failure = helpdesk.ticket(&id).await.unwrap_err();
    assert!(
        matches!(failure.next, Next::Retry { .. }) && failure.reason.contains("helpdesk.request_tracker.url"),
        "{failure:?}"
    );
    let failure = helpdesk.post(&new_message(&id, customer("ada"), "Hello", "m1")).await.unwrap_err();
    assert!(failure.is_uncertain(), "it is not known what came of it");
    proxy.mend();
    proxy.spoil_once(
        "",
        Spoil::Answer { status: 200, content_type: "application/json", body: "{\"items\": [".to_owned() },
    );
    assert!(matches!(helpdesk.ticket(&id).await.unwrap_err().next, Next::Retry { .. }));
    proxy.spoil_once("", Spoil::Answer { status: 429, content_type: "text/plain", body: String::new() });
    assert!(matches!(helpdesk.ticket(&id).await.unwrap_err().next, Next::Retry { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_comes_as_200_is_seen_by_reading_back() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    // A customer can't own a ticket: 200, "That user may not own tickets in that queue".
    let outcome = real.adapter.accept(&id, "carla@example.org").await.unwrap();
    assert!(matches!(&outcome, Acceptance::Denied(said) if said.contains("may not own")), "{outcome:?}");
    let mut config = real.rt.config();
    config.closed_status = "flubber".to_owned();
    let helpdesk = open(config, real.rt.http.clone()).unwrap();
    let failure = helpdesk.set_closed(&id, true).await.unwrap_err();
    assert_eq!(failure.next, Next::Dead);
    assert!(failure.reason.contains("flubber"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scrip_the_name_stands_in_front_and_closed_stays_closed() {
    let real = Real::start().await;
    real.rt.sql("update Scrips set Disabled = 1 where Description like 'Ticketroom:%'");
    real.rt.sql("update CustomFields set Description = '' where Name = 'Matrix Event ID'");
    let id = ticket(&real.adapter).await;
    assert!(!real.adapter.capabilities().writes_on_behalf);
    assert!(words(&real.adapter.ticket(&id).await.unwrap().unwrap().description).contains("Ada wrote:"));
    real.adapter.set_closed(&id, true).await.unwrap();
    let message = real.adapter.post(&new_message(&id, agent("anna"), "Hello", "m1")).await.unwrap().unwrap();
    let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
    assert_eq!(words(&read.body), "Anna wrote:\nHello");
    assert_eq!(read.author.name, "Ticketroom");
    assert_eq!(real.adapter.find_message(&id, &event("m1")).await.unwrap(), Some(message));
    assert!(real.adapter.ticket(&id).await.unwrap().unwrap().status.closed);
}

/// What is read back of such a message says nothing of the Scrip.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whom_it_does_not_know_takes_nobody_elses_name_away() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let mut read = Vec::new();
    for (author, marker) in [(agent("zoe"), "m1"), (agent("anna"), "m2"), (customer("ada"), "m3")] {
        let message = real.adapter.post(&new_message(&id, author, "Hello", marker)).await.unwrap().unwrap();
        let message = real.adapter.message(&id, &message).await.unwrap().unwrap();
        assert_eq!(message.marker, Some(event(marker)));
        read.push((message.author.name, words(&message.body)));
    }
    let expected = [("Ticketroom", "Zoe wrote:\nHello"), ("Anna Agent", "Hello"), ("Ada", "Hello")];
    assert_eq!(read, expected.map(|(author, words)| (author.to_owned(), words.to_owned())));
    assert!(real.adapter.capabilities().writes_on_behalf);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_field_was_not_saved_is_found_by_its_header() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let mut note = new_message(&id, customer("ada"), "Cut off", "m1");
    note.visibility = Visibility::Internal;
    let message = real.adapter.post(&note).await.unwrap().unwrap();
    real.rt.sql("delete from ObjectCustomFieldValues where ObjectType = 'RT::Transaction'");
    assert_eq!(real.adapter.find_message(&id, &event("m1")).await.unwrap(), Some(message.clone()));
    assert_eq!(real.adapter.message(&id, &message).await.unwrap().unwrap().marker, Some(event("m1")));
    assert_eq!(real.adapter.find_message(&id, &event("m2")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_an_outage_and_forgets_nothing() {
    let mut real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let message = real.adapter.post(&new_message(&id, customer("ada"), "Before", "m1")).await.unwrap();
    real.rt.kill();
    for failure in [
        real.adapter.post(&new_message(&id, customer("ada"), "Meanwhile", "m2")).await.unwrap_err(),
        real.adapter.ticket(&id).await.unwrap_err(),
        real.adapter.changes(None).await.unwrap_err(),
    ] {
        assert!(matches!(failure.next, Next::Retry { .. }), "{failure:?}");
    }
    real.rt.restart().await;
    assert_eq!(real.adapter.find_message(&id, &event("m1")).await.unwrap(), message);
    assert_eq!(real.adapter.find_message(&id, &event("m2")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_record_names_a_matrix_account_is_that_person() {
    let real = Real::start().await;
    let named = json!({ "CustomFields": { "Matrix ID": "@ada:hs.test" } });
    // Agents see the field but can't point it at themselves or anybody.
    real.rt.call("ANNA", "PUT", "user/anna", named.clone()).await;
    let carla = real.rt.call("ROOT", "PUT", "user/carla@example.org", named).await;
    assert!(carla.to_string().contains("added"), "{carla}");
    let id = ticket(&real.adapter).await;
    let snapshot = real.adapter.ticket(&id).await.unwrap().unwrap();
    let [customer] = snapshot.customers.as_slice() else { panic!("{snapshot:?}") };
    assert_eq!((customer.login.as_str(), customer.matrix.clone()), ("carla@example.org", Some(user("ada"))));
    assert_eq!(snapshot.author.as_ref(), Some(customer));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_files_is_its_text_and_their_names() {
    let real = Real::start().await;
    let id = real.anna_opens("Files", "See below").await;
    let start = real.adapter.changes(None).await.unwrap().cursor;
    let file = |name: &str, kind: &str| json!({ "FileName": name, "FileType": kind, "FileContent": "aGVsbG8=" });
    let message = json!({
        "Content": "Two files", "ContentType": "text/plain",
        "Attachments": [file("size.txt", "text/plain"), file("a.png", "image/png")],
    });
    real.rt.call("ANNA", "POST", &format!("ticket/{id}/correspond"), message).await;
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    let message = changes.iter().find_map(|change| change.message.clone()).unwrap();
    let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
    assert_eq!(words(&read.body), "Two files");
    let names: Vec<_> = read.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["size.txt", "a.png"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_files_name_in_bare_latin_1_has_its_letters() {
    let real = Real::start().await;
    let id = real.anna_opens("Mail", "First").await;
    let start = real.adapter.changes(None).await.unwrap().cursor;
    let mail = format!(
        "From: Carla Customer <carla@example.org>\r\nTo: desk@example.org\r\nSubject: Re: [ticketroom #{id}] Mail\r\n\
         Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee the plan.\r\n\
         --b\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=\"R?ckgabe.txt\"\r\n\r\nTurn it.\r\n--b--\r\n"
    );
    let bytes: Vec<u8> = mail.bytes().map(|byte| if byte == b'?' { 0xfc } else { byte }).collect();
    real.rt.mail_bytes(&bytes).await;
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    let message = changes.iter().find_map(|change| change.message.clone()).unwrap_or_else(|| panic!("{changes:?}"));
    let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
    let names: Vec<_> = read.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["Rückgabe.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_ticket_is_closed_and_says_where_it_went() {
    let real = Real::start().await;
    let (one, two) = (real.anna_opens("One", "1").await, real.anna_opens("Two", "2").await);
    let start = real.adapter.changes(None).await.unwrap().cursor;
    let merge = json!({ "MergeInto": two.as_str() });
    let said = real.rt.call("ANNA", "PUT", &format!("ticket/{one}"), merge).await;
    assert!(said.to_string().contains("Merge Successful"), "{said}");
    let snapshot = real.adapter.ticket(&one).await.unwrap().unwrap();
    assert_eq!((snapshot.id, snapshot.status.closed), (one.clone(), true));
    assert_eq!(snapshot.status.label, format!("merged into #{two}"));
    assert!(!real.adapter.ticket(&two).await.unwrap().unwrap().status.closed);
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    assert!(changes.iter().any(|change| change.ticket == one && change.ticket_changed), "{changes:?}");
}

/// No search finds it, not even by its number.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ticket_is_closed_and_keeps_its_customers() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let before = real.adapter.ticket(&id).await.unwrap().unwrap();
    let start = real.adapter.changes(None).await.unwrap().cursor;
    real.rt.call("ROOT", "PUT", &format!("ticket/{id}"), json!({ "Status": "deleted" })).await;
    let after = real.adapter.ticket(&id).await.unwrap().unwrap();
    assert!(after.status.closed && !before.status.closed, "{after:?}");
    assert_eq!(after.status.label, "deleted");
    assert!(!after.customers.is_empty());
    assert_eq!(ticketroom::model::Snapshot { status: before.status.clone(), ..after }, before);
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    assert!(changes.iter().any(|change| change.ticket == id && change.ticket_changed), "{changes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_comes_without_the_past_it_quotes() {
    let real = Real::start().await;
    let id = real.anna_opens("Mail", "First").await;
    let start = real.adapter.changes(None).await.unwrap().cursor;
    let mail = format!(
        "From: Carla Customer <carla@example.org>\r\nTo: desk@example.org\r\nSubject: Re: [ticketroom #{id}] Mail\r\n\
         Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIt still *leaks*, größer.\r\n\r\n\
         On Mon, Nov 16, 2026 at 10:12 AM Anna Agent via RT <desk@example.org> wrote:\r\n> First\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>It still <b>leaks</b>, größer.</p>\
         <div class=\"gmail_quote\">On Mon, Nov 16, 2026 at 10:12 AM Anna Agent via RT &lt;desk@example.org&gt; wrote:<br><blockquote class=\"gmail_quote\">First</blockquote></div>\r\n\
         --b--\r\n"
    );
    real.rt.mail(&mail).await;
    let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
    let message = changes.iter().find_map(|change| change.message.clone()).unwrap_or_else(|| panic!("{changes:?}"));
    let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
    assert_eq!(words(&read.body), "It still leaks, größer.");
    assert_eq!((read.author.name.as_str(), read.author_is_agent), ("Carla Customer", false));
    assert!(read.files.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_at_once_arrive_each_once() {
    let real = Real::start().await;
    let (one, two) = (ticket(&real.adapter).await, real.anna_opens("Two", "2").await);
    let start = real.adapter.changes(None).await.unwrap().cursor;
    let send = |n: usize| {
        let (helpdesk, id) = (&real.adapter, if n.is_multiple_of(2) { &one } else { &two });
        async move {
            let (text, marker) = (format!("text {n}"), format!("m{n}"));
            let new = new_message(id, customer("ada"), &text, &marker);
            // As the delivery layer does: look before repeating.
            loop {
                match helpdesk.post(&new).await {
                    Ok(_) => return,
                    Err(failure) if failure.next == Next::Dead => panic!("{failure}"),
                    Err(failure) if failure.is_uncertain() => {
                        if helpdesk.find_message(id, &event(&marker)).await.unwrap().is_some() {
                            return;
                        }
                    }
                    Err(_) => {}
                }
            }
        }
    };
    futures_util::future::join_all((0..24).map(send)).await;
    let mut cursor = start;
    let mut markers = Vec::new();
    loop {
        let changes = real.adapter.changes(Some(&cursor)).await.unwrap();
        markers
            .extend(changes.changes.into_iter().filter(|change| change.message.is_some()).map(|change| change.marker));
        cursor = changes.cursor;
        if !changes.more {
            break;
        }
    }
    let mut expected: Vec<_> = (0..24).map(|n| Some(event(&format!("m{n}")))).collect();
    expected.sort();
    markers.sort();
    assert_eq!(markers, expected, "{}", real.rt.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_files_alone_is_these_files() {
    let real = Real::start().await;
    let id = ticket(&real.adapter).await;
    let cursor = real.adapter.changes(None).await.unwrap().cursor;
    let file = json!({ "FileName": "plan.txt", "FileType": "text/plain", "FileContent": "VHVybiBpdA==" });
    let reply = json!({ "Content": "", "ContentType": "text/html", "Attachments": [file] });
    real.rt.call("ANNA", "POST", &format!("ticket/{id}/correspond"), reply).await;
    let changes = real.adapter.changes(Some(&cursor)).await.unwrap().changes;
    let message = changes.iter().find_map(|change| change.message.clone()).expect("the reply");
    let read = real.adapter.message(&id, &message).await.unwrap().unwrap();
    let names: Vec<_> = read.files.iter().map(|file| file.name.as_str()).collect();
    // Request Tracker makes a part of the words that are not there, too.
    assert_eq!((names, read.body.is_empty()), (vec!["plan.txt"], true));
}
