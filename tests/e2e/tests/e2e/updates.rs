//! Point 5: updates of the ticket appear as notices, in words.

use serde_json::json;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn updates_appear_as_notices_in_words() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let admin = lab.tracker.person("ROOT");
        let notice = async |what: &str, words: &str| {
            clara.until_message(&room, what, |message| message.is_notice() && message.says(words)).await
        };

        admin.change(ticket, json!({"Owner": "anna"})).await;
        notice("the owner", "Anna Agent").await;
        admin.change(ticket, json!({"Status": "stalled"})).await;
        notice("the status", "stalled").await;
        admin.change(ticket, json!({"Priority": 80})).await;
        notice("the priority", "priority").await;
        admin.change(ticket, json!({"Subject": "The blue pump leaks"})).await;
        notice("the subject", "The blue pump leaks").await;
        admin.change(ticket, json!({"Queue": "Pumps"})).await;
        notice("the queue", "Pumps").await;

        let name = clara.state(&room, "m.room.name", "").await.expect("a name");
        assert_eq!(name["name"], format!("#{ticket} The blue pump leaks"));
        let notices = clara.messages(&room).await.expect("the room can be read");
        for notice in notices.iter().filter(|message| message.is_notice()) {
            for internal in ["RT::", "Queue", "SetWatcher", "_desk_", "@example.org", "Nobody"] {
                assert!(!notice.body.contains(internal), "an internal name in {:?}", notice.body);
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_moved_to_another_queue_is_offered_there() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, _) = lab.open_from_matrix(&clara, "The pump leaks").await;
        lab.tracker.person("ROOT").change(ticket, json!({"Queue": "Pumps"})).await;
        let desk = lab.enter_desk(&anna, lab.tracker.queue("Pumps")).await;
        lab.accept(&anna, &desk, ticket).await;
        lab.until_field(ticket, "owner", "anna").await;
    })
    .await
}
