//! Of a mail nothing that is shown with it is lost: text between files, long text, pictures within the text.

use serde_json::json;
use ticketroom::files::Spool;
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::request_tracker::Config;
use ticketroom::model::{FileSource, HelpdeskMessage, Lack, TicketId};

use super::claims::general;
use super::stand_in::adapter;
use super::worlds::{Real, World as _};
use crate::common::fixtures::{new_ticket, words};
use crate::tracker::{ANNA_TOKEN, Tracker};

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// As Apple Mail and a mailing list put them together.
fn mails() -> [(&'static str, String, &'static str, &'static [&'static str]); 5] {
    let png = format!(
        "Content-Type: image/png; name=a.png\nContent-Disposition: inline; filename=a.png\nContent-Transfer-Encoding: base64\n\n{PNG}\n"
    );
    let (plain, html) = ("Content-Type: text/plain; charset=utf-8\n\n", "Content-Type: text/html; charset=utf-8\n\n");
    let multipart = |kind: &str, mark: &str, parts: &[String]| {
        let parts: String = parts.iter().map(|part| format!("--{mark}\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary={mark}\n\n{parts}--{mark}--\n")
    };
    let between = [format!("{plain}See this:"), png.clone(), format!("{plain}And then that, größer.")];
    let rich = [format!("{html}<p>See <b>this</b>:</p>"), png.clone(), format!("{html}<p>And then that.</p>")];
    let both = [format!("{plain}See this: And then that."), multipart("mixed", "inner", &rich)];
    let pair = [format!("{plain}It *leaks*."), format!("{html}<p>It <b>leaks</b>.</p>")];
    let list =
        [multipart("alternative", "inner", &pair), format!("{plain}To leave the list, write to list@example.org")];
    let within =
        |name: &str| png.replace("a.png", name).replace("\n\n", &format!("\nContent-ID: <{name}@carla.test>\n\n"));
    let quoting = format!(
        "{html}<p>This one:</p><img src=\"cid:valve.png@carla.test\"><div class=\"gmail_signature\">Carla\
         <img src=\"cid:logo.png@carla.test\"></div><div>On Mon, Nov 16, 2026 at 10:12 AM Anna Agent wrote:</div>\
         <blockquote type=\"cite\">Which one?<img src=\"cid:past.png@carla.test\"></blockquote>"
    );
    let related = [quoting, within("valve.png"), within("logo.png"), within("past.png"), within("beside.png")];
    [
        // What no words name is attached; signature and past stay in the helpdesk.
        ("related", multipart("related", "outer", &related), "This one:", &["valve.png", "beside.png"]),
        ("plain", multipart("mixed", "outer", &between), "See this:\nAnd then that, größer.", &["a.png"]),
        ("rich", multipart("alternative", "outer", &both), "See this:\nAnd then that.", &["a.png"]),
        ("pair", multipart("alternative", "outer", &pair), "It leaks.", &[]),
        ("list", multipart("mixed", "outer", &list), "It leaks.\nTo leave the list, write to list@example.org", &[]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn words_around_files_are_all_the_message() {
    let real = Real::start().await;
    let one = real.anna_opens("Files", "First").await;
    for (name, mail, text, files) in mails() {
        // In a new ticket, and as an answer in one.
        let head = "From: Carla Customer <carla@example.org>\nTo: desk@example.org\nMIME-Version: 1.0";
        let start = real.adapter.changes(None).await.unwrap().cursor;
        for subject in [format!("New {name}"), format!("Re: [ticketroom #{one}] Files")] {
            real.rt.mail(&format!("{head}\nSubject: {subject}\n{mail}")).await;
        }
        let changes = real.adapter.changes(Some(&start)).await.unwrap().changes;
        let read = |files: &[ticketroom::model::File]| files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        let opened = changes.iter().find(|change| change.ticket != one).unwrap();
        let opened = real.adapter.ticket(&opened.ticket).await.unwrap().unwrap();
        assert_eq!((words(&opened.description).as_str(), read(&opened.files).as_slice()), (text, &owned(files)[..]));
        let answer = changes.iter().find_map(|change| change.message.as_ref()).unwrap();
        let answer = real.adapter.message(&one, answer).await.unwrap().unwrap();
        assert_eq!((words(&answer.body).as_str(), read(&answer.files).as_slice()), (text, &owned(files)[..]));
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What anna wrote, as the adapter reads it.
async fn read(tracker: &Tracker, helpdesk: &dyn Helpdesk, kind: &str, content: &str) -> Option<HelpdeskMessage> {
    let desk = general(helpdesk).await;
    let ticket: TicketId = helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap();
    let message = {
        let mut world = tracker.world();
        let anna = world.who(ANNA_TOKEN).unwrap_or_else(|_| panic!("anna"));
        let message = json!({ "Content": content, "ContentType": kind });
        let written = world.write(anna, ticket.as_str().parse().unwrap(), "Correspond", &message, Vec::new());
        written.unwrap_or_else(|refused| panic!("{}", refused.why))
    };
    helpdesk.message(&ticket, &ticketroom::model::MessageId::new(message.to_string())).await.unwrap()
}

#[tokio::test]
async fn a_text_that_is_too_long_says_where_the_rest_is() {
    let tracker = Tracker::start().await;
    let long = "Ein Wört. ".repeat(300_000);
    let page = format!("<p>{}</p>", "<b>Wört</b><!-- and much that is no word --> ".repeat(60_000));
    // Whether it comes with its message or has to be fetched alone.
    for max_answer_bytes in [1024 * 1024, 8 * 1024 * 1024] {
        let helpdesk = adapter(&tracker, |config| Config { max_answer_bytes, ..config });
        for (kind, content) in [("text/plain", &long), ("text/html", &page)] {
            let read = read(&tracker, &helpdesk, kind, content).await.expect("a message");
            let text = words(&read.body);
            assert!(text.starts_with("Ein Wört. Ein ") || text.starts_with("Wört Wört "), "{}", &text[..40]);
            assert_eq!(read.lacks, Some(Lack::Rest), "{kind}, {max_answer_bytes}");
        }
    }
    let helpdesk = adapter(&tracker, |config| Config { max_answer_bytes: 64 * 1024, ..config });
    let whole = read(&tracker, &helpdesk, "text/plain", &long[..200_000]).await.unwrap();
    assert_eq!(whole.lacks, None);
}

#[tokio::test]
async fn pictures_within_the_text_are_files_and_others_are_named() {
    let tracker = Tracker::start().await;
    let helpdesk = adapter(&tracker, |config| config);
    let html = format!("<p>Look</p><img src=\"data:image/png;base64,{PNG}\"><p>here</p>");
    let message = read(&tracker, &helpdesk, "text/html", &html).await.unwrap();
    assert_eq!(words(&message.body), "Look\nhere");
    let [file] = message.files.as_slice() else { panic!("{:?}", message.files) };
    let FileSource::Helpdesk { message: id, file } = &file.source else { panic!("{file:?}") };
    let folder = tempfile::tempdir().unwrap();
    let into = || async { Spool::open(folder.path()).unwrap().begin(1000).await.unwrap() };
    let fetched = helpdesk.file(id, file, into().await).await.unwrap();
    let bytes = std::fs::read(fetched.path()).unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.len() == PNG.len() / 4 * 3 - 2, "{}", bytes.len());
    drop(fetched);
    assert!(helpdesk.file(id, &file.replace(".0", ".1"), into().await).await.is_err());

    // What was shown with the message that this one answers, and what would come with each.
    let picture = |kind: &str| format!("<img src=\"data:image/{kind};base64,{PNG}\">");
    let html = format!(
        "<p>This one:</p>{}<div class=\"gmail_quote\">On Mon Jan 05 10:12:00 2026, carl wrote:<br />\
         <blockquote class=\"gmail_quote\" type=\"cite\"><p>Which one?</p>{}</blockquote></div>",
        picture("gif"),
        picture("jpeg")
    );
    let message = read(&tracker, &helpdesk, "text/html", &html).await.unwrap();
    let names: Vec<_> = message.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!((words(&message.body).as_str(), names.as_slice()), ("This one:", &["image.gif"][..]));

    let html = "<div><img src=\"https://example.org/a.png\"></div>";
    let message = read(&tracker, &helpdesk, "text/html", html).await.expect("a message");
    assert_eq!((words(&message.body).as_str(), message.lacks), ("", Some(Lack::Picture)));
    let none = read(&tracker, &helpdesk, "text/html", "<div><br></div>").await;
    assert_eq!(none.map(|message| message.body), None);
}
