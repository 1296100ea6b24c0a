//! Point 3: agents write only after they accepted the offer or were assigned.

use matrix_sdk::ruma::RoomId;
use serde_json::json;
use ticketroom_e2e::api::segment;
use ticketroom_e2e::steps::{ACCEPT, GENERAL};
use ticketroom_e2e::{Options, Person, run, wait};

async fn is_refused(person: &Person, room: &RoomId) {
    wait::until(&format!("{} to be refused in {room}", person.id), || async {
        match person.try_say(room, "May I?").await {
            Err(refusal) if refusal.errcode == "M_FORBIDDEN" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

async fn may_write(person: &Person, room: &RoomId, text: &str) {
    wait::until(&format!("{} to be allowed to write in {room}", person.id), || async {
        person.try_say(room, text).await.map_err(|refusal| format!("{refusal:?}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_kept_out_until_the_offer_is_accepted_by_reaction() {
    run(Options::default(), |lab| async move {
        let (clara, anna, bert) = tokio::join!(lab.clara(), lab.anna(), lab.bert());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks\n\nIt drips since Monday.").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await;
        for part in ["The pump leaks", "Clara Customer", "It drips since Monday."] {
            assert!(card.body.contains(part), "the offer names {part:?}: {}", card.body);
        }
        let page = format!("{}/Ticket/Display.html?id={ticket}", lab.tracker.url);
        assert!(card.html.contains(&page), "the offer links to {page}: {}", card.html);

        for agent in [&anna, &bert] {
            let api = lab.synapse.api(&agent.token);
            let path = format!("/_matrix/client/v3/join/{}", segment(room.as_str()));
            assert_eq!(api.post(&path, &json!({})).await.errcode(), "M_FORBIDDEN", "{} may not enter", agent.id);
            let path = format!("/_matrix/client/v3/rooms/{}/send/m.room.message/1", segment(room.as_str()));
            let answer = api.put(&path, &json!({"msgtype": "m.text", "body": "Let me in"})).await;
            assert_eq!(answer.errcode(), "M_FORBIDDEN", "{} may not write", agent.id);
        }

        lab.accept(&anna, &desk, ticket).await;
        lab.until_field(ticket, "owner", "anna").await;
        may_write(&anna, &room, "I will look at it.").await;
        let reply = lab.until_words(ticket, "Anna's reply", |entry| entry.body.contains("look at it")).await;
        assert_eq!((reply.kind.as_str(), reply.by.as_str()), ("Correspond", "Anna Agent"));
        clara.until_message(&room, "who takes care", |message| message.is_notice() && message.says("Anna Agent")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_accepted_and_given_back_by_command() {
    run(Options::default(), |lab| async move {
        let (clara, bert) = tokio::join!(lab.clara(), lab.bert());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&bert, GENERAL).await;
        let card = lab.card(&bert, &desk, ticket).await;

        bert.say_in_thread(&desk, card.event.as_str(), "!accept").await;
        lab.until_field(ticket, "owner", "bert").await;
        bert.accept_invitation(&room).await;
        may_write(&bert, &room, "I have it.").await;

        bert.say_in_thread(&desk, card.event.as_str(), "!release").await;
        lab.until_field(ticket, "owner", "Nobody").await;
        is_refused(&bert, &room).await;
        let internal = clara.messages(&room).await.expect("the room can be read");
        assert!(!internal.iter().any(|message| message.says("!accept") || message.says("!release")));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_a_ticket_in_the_helpdesk_may_write_in_its_room() {
    run(Options::default(), |lab| async move {
        let (clara, anna, bert) = tokio::join!(lab.clara(), lab.anna(), lab.bert());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;

        lab.tracker.person("BERT").take(ticket).await;
        bert.accept_invitation(&room).await;
        may_write(&bert, &room, "Taken in the helpdesk.").await;

        lab.tracker.person("ROOT").change(ticket, json!({"Owner": "anna"})).await;
        anna.accept_invitation(&room).await;
        may_write(&anna, &room, "Now it is mine.").await;
        is_refused(&bert, &room).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_accept_at_once_one_wins_and_the_other_is_told() {
    run(Options::default(), |lab| async move {
        let (clara, anna, bert) = tokio::join!(lab.clara(), lab.anna(), lab.bert());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        assert_eq!(lab.enter_desk(&bert, GENERAL).await, desk);
        let card = lab.card(&anna, &desk, ticket).await.event;
        let (a, b) =
            tokio::join!(anna.try_react(&desk, card.as_str(), ACCEPT), bert.try_react(&desk, card.as_str(), ACCEPT));
        a.expect("Anna may react");
        b.expect("Bert may react");

        let told = anna.until_message(&desk, "who was faster", |message| message.says("was faster")).await;
        assert_eq!(told.thread.as_deref(), Some(card.as_str()), "it is said in the offer's thread");
        let owner = lab.tracker.ticket(ticket).expect("the ticket is there")["owner"].clone();
        let (winner, loser, words) = match owner.as_str() {
            Some("anna") => (&anna, &bert, "Bert Berger: Anna Agent was faster"),
            Some("bert") => (&bert, &anna, "Anna Agent: Bert Berger was faster"),
            other => panic!("the ticket belongs to {other:?}"),
        };
        assert!(told.body.contains(words), "{}", told.body);
        winner.accept_invitation(&room).await;
        may_write(winner, &room, "It is mine.").await;
        let path = format!("/_matrix/client/v3/join/{}", segment(room.as_str()));
        let answer = lab.synapse.api(&loser.token).post(&path, &json!({})).await;
        assert_eq!(answer.errcode(), "M_FORBIDDEN", "the other stays outside");
    })
    .await
}
