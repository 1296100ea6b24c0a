//! Point 8: `!help` lists what this person may do here, now.

use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn help_lists_what_this_person_may_do_here_and_now() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await.event;

        anna.say_in_thread(&desk, card.as_str(), "!help").await;
        let before = anna
            .until_message(&desk, "what she may do", |message| message.is_notice() && message.says("!accept"))
            .await;
        assert!(!before.body.contains("!close"), "not yet: {}", before.body);

        lab.accept(&anna, &desk, ticket).await;
        lab.until_field(ticket, "owner", "anna").await;
        anna.until_message(&desk, "that it is hers", |message| message.says("has accepted this ticket")).await;
        anna.say_in_thread(&desk, card.as_str(), "!help").await;
        let after = anna
            .until_message(&desk, "what she may do now", |message| message.is_notice() && message.says("!close"))
            .await;
        assert!(after.body.contains("!release") && !after.body.contains("!accept –"), "{}", after.body);

        // There is no provider of video sessions here.
        assert!(!after.body.contains("!video"), "{}", after.body);
        anna.say_in_thread(&desk, card.as_str(), "!video").await;
        anna.until_message(&desk, "why not", |message| message.says("Video sessions are switched off here.")).await;

        clara.say(&room, "!help").await;
        let help = clara
            .until_message(&room, "what she may do", |message| message.is_notice() && message.says("locked"))
            .await;
        assert!(!help.body.contains("!close"), "no agent's command for a customer: {}", help.body);
    })
    .await
}
