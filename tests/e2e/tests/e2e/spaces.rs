//! Each desk has a space for its agents, with its room and the rooms of its open tickets.

use serde_json::json;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_space_shows_its_agents_what_is_open_and_tells_nobody_anything() {
    run(Options { acts_for: &["anna"], ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let space = lab.room_by_alias(&anna, "_desk_space_1").await;
        anna.accept_invitation(&space).await;
        let create = anna.state(&space, "m.room.create", "").await.expect("a room was created");
        assert_eq!(create["type"], "m.space");
        let desk = lab.enter_desk(&anna, GENERAL).await;
        anna.until_child(&space, &desk, true).await;

        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        anna.until_child(&space, &room, true).await;
        let named = |rooms: &[serde_json::Value]| rooms.iter().any(|room| room.to_string().contains("The pump leaks"));
        let shown = anna.hierarchy(&space).await.expect("the space can be read by its agents");
        assert!(shown.iter().any(|room| room["room_id"] == desk.as_str()), "{shown:?}");
        assert!(!named(&shown), "who is not in a ticket's room does not read its title: {shown:?}");
        let refused = clara.hierarchy(&space).await;
        assert!(refused.is_err(), "customers see nothing of it: {refused:?}");

        lab.accept(&anna, &desk, ticket).await;
        assert!(named(&anna.hierarchy(&space).await.expect("the space")), "in the room she reads it");
        let bert = lab.tracker.person("BERT");
        bert.change(ticket, json!({"Status": "resolved"})).await;
        anna.until_child(&space, &room, false).await;
        anna.until_tag(&room, "m.lowpriority", true).await;
        lab.tracker.person("ROOT").change(ticket, json!({"Status": "open"})).await;
        anna.until_child(&space, &room, true).await;
        anna.until_tag(&room, "m.lowpriority", false).await;

        let pumps = lab.room_by_alias(&anna, "_desk_space_3").await;
        anna.accept_invitation(&pumps).await;
        bert.change(ticket, json!({"Queue": "Pumps"})).await;
        anna.until_child(&space, &room, false).await;
        anna.until_child(&pumps, &room, true).await;
    })
    .await
}
