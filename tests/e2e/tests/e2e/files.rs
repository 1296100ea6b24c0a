//! Files and voice messages, both ways: whole, under their names, in order; and what is refused is said.

use std::path::Path;

use serde_json::{Value, json};
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Message, Options, run, wait};

fn corpus(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_customer_stand_in_the_ticket() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let door = clara.chat_with(&bot()).await;
        let (picture, voice) = (corpus("files/picture.png"), corpus("files/voice.ogg"));
        // The first message at the door is a file: it opens the ticket, and is shown in its room.
        clara.send_file(&door, "m.image", "Pumpe größer.png", &picture, json!({})).await;
        let ticket = lab.until_ticket("Pumpe größer.png").await;
        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        let first = clara.until_message(&room, "the first file", |message| message.msgtype == "m.image").await;
        let url = first.raw["content"]["url"].as_str().expect("an address");
        assert_eq!(clara.download(url).await, picture);

        let captioned = json!({"body": "See **the valve**", "filename": "valve.png"});
        clara.send_file(&room, "m.image", "", &picture, captioned).await;
        let entry = lab.until_words(ticket, "the caption", |entry| entry.body.contains("the valve")).await;
        assert_eq!((entry.kind.as_str(), entry.by.as_str()), ("Correspond", "Clara Customer"));
        assert!(entry.body.contains("<strong>the valve</strong>"), "{entry:?}");

        let marker = json!({"org.matrix.msc3245.voice": {}, "org.matrix.msc1767.audio": {"duration": 9999}});
        clara.send_file(&room, "m.audio", "Voice message.ogg", &voice, marker).await;
        let page = clara.send_file(&room, "m.image", "page.png", &corpus("disguised/page.png"), json!({})).await;
        let refused = clara.until_message(&room, "the refusal", |message| message.says("“page.png”")).await;
        assert_eq!(refused.raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], page.as_str());
        assert!(refused.body.contains("HTML") && refused.body.contains("PNG"), "{}", refused.body);

        clara.say(&room, "That is all.").await;
        lab.until_words(ticket, "the last message", |entry| entry.body.contains("That is all.")).await;
        let files = lab.tracker.files(ticket);
        let named: Vec<_> = files.iter().map(|(name, kind, _)| (name.as_str(), kind.as_str())).collect();
        // The sender's word for the length (9.999 s) does not count.
        let expected =
            [("Pumpe größer.png", "image/png"), ("valve.png", "image/png"), ("Voice message 0:02.ogg", "audio/ogg")];
        assert_eq!(named, expected);
        assert_eq!(files[0].2, picture);
        assert_eq!(files[2].2, voice);
    })
    .await
}

fn content(message: &Message) -> &Value {
    &message.raw["content"]
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_agent_stand_in_the_room() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        let (picture, letter) = (corpus("files/picture.png"), corpus("files/letter.pdf"));
        let (voice, song) = (corpus("files/voice.ogg"), corpus("files/tone.mp3"));
        let files = [
            ("Größe 漢字.pdf", "application/pdf", letter.clone()),
            ("valve.png", "image/png", picture.clone()),
            ("plan.png", "image/png", corpus("files/large.png")),
            // What Request Tracker says of the type does not count.
            ("voice.ogg", "application/octet-stream", voice.clone()),
            ("song.mp3", "audio/mpeg", song),
            ("setup.exe", "application/octet-stream", corpus("disguised/program.exe")),
        ];
        bert.reply_with_files(ticket, "Six files.", &files).await;
        bert.reply(ticket, "Done.").await;
        clara.until_message(&room, "what comes after the files", |message| message.says("Done.")).await;

        let messages = clara.messages(&room).await.expect("the room can be read");
        let begin = messages.iter().position(|message| message.says("Six files.")).expect("the words first");
        let is_said = |message: &&Message| message.is_message() && !message.is_notice();
        let from_bert: Vec<_> = messages[begin..].iter().filter(is_said).collect();
        let kinds: Vec<_> = from_bert.iter().map(|message| message.msgtype.as_str()).collect();
        assert_eq!(kinds, ["m.text", "m.file", "m.image", "m.image", "m.audio", "m.audio", "m.text"]);
        let [_, pdf, image, large, spoken, sung, _] = from_bert.as_slice() else { panic!("{from_bert:#?}") };
        assert!(from_bert[..6].iter().all(|message| message.sender == from_bert[0].sender), "all by Bert's ghost");

        assert_eq!(content(pdf)["filename"], "Größe 漢字.pdf");
        assert_eq!(clara.download(content(pdf)["url"].as_str().expect("an address")).await, letter);
        let info = &content(image)["info"];
        assert_eq!((&info["w"], &info["h"], &info["mimetype"]), (&json!(320), &json!(240), &json!("image/png")));
        assert!(info["xyz.amorgan.blurhash"].as_str().is_some_and(|hash| hash.len() > 6), "{info}");
        assert_eq!(clara.download(content(image)["url"].as_str().expect("an address")).await, picture);
        assert!(info["thumbnail_url"].is_null(), "a small one is its own: {info}");
        let info = &content(large)["info"];
        assert_eq!((&info["w"], &info["h"]), (&json!(1600), &json!(1200)));
        let small = clara.download(info["thumbnail_url"].as_str().expect("a smaller one")).await;
        let about = json!({"mimetype": "image/jpeg", "size": small.len(), "w": 800, "h": 600});
        assert_eq!(info["thumbnail_info"], about);
        assert!(small.starts_with(&[0xff, 0xd8, 0xff]), "it is a JPEG indeed");

        let audio = &content(spoken)["org.matrix.msc1767.audio"];
        assert!(content(spoken)["org.matrix.msc3245.voice"].is_object(), "{:?}", spoken.raw);
        let duration = audio["duration"].as_u64().expect("a duration");
        assert!(duration.abs_diff(2_300) < 20, "{duration} ms");
        let waveform: Vec<_> =
            audio["waveform"].as_array().expect("a waveform").iter().flat_map(Value::as_u64).collect();
        let around = |ms: u64| waveform[usize::try_from(ms * waveform.len() as u64 / duration).expect("small")];
        // Silence, loud, silence, soft, silence.
        let heard = [around(250), around(750), around(1_250), around(1_750), around(2_200)];
        assert!(
            heard[0] < 60 && heard[1] > 900 && heard[2] < 60 && (100..500).contains(&heard[3]) && heard[4] < 60,
            "{heard:?}"
        );
        assert_eq!(clara.download(content(spoken)["url"].as_str().expect("an address")).await, voice);
        assert!(content(sung)["org.matrix.msc3245.voice"].is_null());
        let duration = content(sung)["info"]["duration"].as_u64().expect("a duration");
        assert!(duration.abs_diff(1_000) < 150, "{duration} ms");
        let refused = clara.until_message(&room, "the refusal", |message| message.says("“setup.exe”")).await;
        assert!(refused.is_notice() && refused.body.contains("EXE"), "{}", refused.body);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_within_a_mail_is_a_picture_in_the_room() {
    run(Options::default(), |lab| async move {
        let anna = lab.anna().await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let ticket = lab.tracker.person("BERT").open("General", "x", "carla@example.org", "It whistles.").await;
        let room = lab.accept(&anna, &desk, ticket).await;
        // The smallest GIF there is.
        let picture = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
        let mail = format!(
            "From: Carla Customer <carla@example.org>\r\nTo: desk@example.org\r\nSubject: Re: [ticketroom #{ticket}] x\r\n\
             Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Turn this:</p><img src=\"cid:valve@x\">\r\n\
             --b\r\nContent-Type: image/gif\r\nContent-ID: <valve@x>\r\nContent-Disposition: inline\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{picture}\r\n--b--\r\n"
        );
        lab.tracker.person("CARLA").mail(&mail).await;
        let shown = anna.until_message(&room, "the picture", |message| message.msgtype == "m.image").await;
        assert!(shown.body.contains("Turn this"), "with its words: {:?}", shown.raw);
        assert_eq!((&content(&shown)["info"]["w"], &content(&shown)["info"]["h"]), (&json!(1), &json!(1)));

        // As an editor of pages writes what somebody has pasted.
        let pasted = format!("<p>And that:</p><p><img alt=\"the tap\" src=\"data:image/gif;base64,{picture}\" /></p>");
        lab.tracker.person("BERT").reply(ticket, &pasted).await;
        let words = anna.until_message(&room, "his words", |message| message.says("And that:")).await;
        let is_his = |message: &Message| message.msgtype == "m.image" && message.sender == words.sender;
        let shown = anna.until_message(&room, "the pasted picture", is_his).await;
        assert!(anna.download(content(&shown)["url"].as_str().expect("an address")).await.starts_with(b"GIF89a"));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_survives_a_kill_before_and_after_it_was_sent() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        lab.until_quiet().await;
        for (n, point) in ["before-send", "after-send"].into_iter().enumerate() {
            lab.bridge.kill9();
            lab.bridge.start_with_crash_at(point).await;
            let name = format!("{n}.png");
            clara.send_file(&room, "m.image", &name, &corpus("files/picture.png"), json!({})).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            lab.until_quiet().await;
        }
        // The other way: the first send reads the message, the second one is the file.
        let bert = lab.tracker.person("BERT");
        bert.reply(ticket, "Here they come.").await;
        clara.until_message(&room, "Bert's words", |message| message.says("Here they come.")).await;
        lab.until_quiet().await;
        for (n, point) in ["before-send:2", "after-send:2"].into_iter().enumerate() {
            lab.bridge.kill9();
            let file = (&*format!("{n}.pdf"), "application/pdf", corpus("files/letter.pdf"));
            bert.reply_with_files(ticket, "", &[file]).await;
            lab.bridge.start_with_crash_at(point).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            let name = format!("{n}.pdf");
            clara.until_message(&room, &name, |message| content(message)["filename"] == *name).await;
            lab.until_quiet().await;
        }
        // Killed from outside, in the midst of fetching a large one.
        let large: String = (0..2_500_000).map(|n| format!("{n}\n")).collect();
        bert.reply_with_files(ticket, "", &[("large.txt", "application/octet-stream", large.clone().into_bytes())])
            .await;
        wait::until("some of the file to be there", || async {
            let bytes = lab.bridge.spooled_bytes();
            if bytes > 0 { Ok(()) } else { Err("nothing".to_owned()) }
        })
        .await;
        lab.bridge.restart().await;
        let shown = clara.until_message(&room, "it", |message| content(message)["filename"] == "large.txt").await;
        let bytes = clara.download(content(&shown)["url"].as_str().expect("an address")).await;
        assert!(bytes == large.as_bytes(), "{} of {} bytes", bytes.len(), large.len());
        lab.until_quiet().await;
        let messages = clara.messages(&room).await.expect("the room can be read");
        let theirs = messages.iter().filter(|message| message.sender != clara.id);
        let names: Vec<_> = theirs.filter_map(|message| content(message)["filename"].as_str()).collect();
        assert_eq!(names, ["0.pdf", "1.pdf", "large.txt"], "each once");
        clara.say(&room, "That is all.").await;
        lab.until_words(ticket, "the last message", |entry| entry.body.contains("That is all.")).await;
        let names: Vec<_> = lab.tracker.files(ticket).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["0.png", "1.png", "0.pdf", "1.pdf", "large.txt"], "each once");
    })
    .await
}

/// One file of each type that may pass.
const TYPES: [&str; 25] = [
    "tone.aac",
    "clip.avi",
    "letter.docx",
    "tone.flac",
    "moving.gif",
    "photo.jpg",
    "tone.m4a",
    "clip.mkv",
    "tone.mp3",
    "clip.mp4",
    "letter.odt",
    "tone.ogg",
    "tone.opus",
    "letter.pdf",
    "picture.png",
    "deck.ppt",
    "deck.pptx",
    "clip.mov",
    "note.txt",
    "tone-vorbis.ogg",
    "tone.wav",
    "clip.webm",
    "clip.wmv",
    "table.xls",
    "table.xlsx",
];

#[tokio::test(flavor = "multi_thread")]
async fn each_type_passes_whole_in_both_directions() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let of_type = |name: &str| corpus(&format!("files/{name}"));
        for name in TYPES {
            clara.send_file(&room, "m.file", name, &of_type(name), json!({})).await;
        }
        clara.say(&room, "That is all.").await;
        lab.until_words(ticket, "the last message", |entry| entry.body.contains("That is all.")).await;
        let files = lab.tracker.files(ticket);
        let names: Vec<_> = files.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, TYPES);
        let changed = |(name, _, bytes): &&(String, String, Vec<u8>)| *bytes != of_type(name);
        let changed: Vec<_> = files.iter().filter(changed).map(|(name, ..)| name).collect();
        assert!(changed.is_empty(), "{changed:?}");

        let answer = TYPES.map(|name| (name, "application/octet-stream", of_type(name)));
        let bert = lab.tracker.person("BERT");
        bert.reply_with_files(ticket, "The same to you.", &answer).await;
        bert.reply(ticket, "Done.").await;
        clara.until_message(&room, "what comes after the files", |message| message.says("Done.")).await;
        let messages = clara.messages(&room).await.expect("the room can be read");
        let theirs = messages.iter().filter(|message| message.sender != clara.id);
        let files: Vec<_> = theirs.filter(|message| content(message)["url"].is_string()).map(content).collect();
        let names: Vec<_> = files.iter().filter_map(|file| file["filename"].as_str()).collect();
        assert_eq!(names, TYPES);
        for (name, file) in TYPES.iter().zip(files) {
            let bytes = clara.download(file["url"].as_str().expect("an address")).await;
            assert!(bytes == of_type(name), "{name}");
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_disguised_file_is_refused_at_its_message() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let disguised = [
            ("page.png", "HTML"),
            ("script.pdf", "a script"),
            ("archive.docx", "ZIP"),
            ("drawing.svg", "SVG"),
            ("program.exe", "EXE"),
        ];
        for (name, what) in disguised {
            let sent = clara.send_file(&room, "m.file", name, &corpus(&format!("disguised/{name}")), json!({})).await;
            let named = format!("“{name}”");
            let refused = clara.until_message(&room, name, |message| message.is_notice() && message.says(&named)).await;
            assert_eq!(content(&refused)["m.relates_to"]["m.in_reply_to"]["event_id"], sent.as_str());
            assert!(refused.body.contains(what), "{what}: {}", refused.body);
        }
        lab.until_quiet().await;
        assert!(lab.tracker.files(ticket).is_empty(), "{:?}", lab.tracker.words(ticket));

        let files = disguised.map(|(name, _)| (name, "image/png", corpus(&format!("disguised/{name}"))));
        lab.tracker.person("BERT").reply_with_files(ticket, "The same to you.", &files).await;
        let words = clara.until_message(&room, "his words", |message| message.says("The same to you.")).await;
        for (name, what) in disguised {
            let named = format!("“{name}”");
            let of_bert = |message: &Message| {
                content(message)["m.relates_to"]["m.in_reply_to"]["event_id"] == words.event.as_str()
            };
            let like = |message: &Message| message.is_notice() && message.says(&named) && of_bert(message);
            let refused = clara.until_message(&room, name, like).await;
            assert!(refused.body.contains(what), "{what}: {}", refused.body);
        }
        lab.until_quiet().await;
        let messages = clara.messages(&room).await.expect("the room can be read");
        let carried = |message: &&Message| message.sender != clara.id && content(message)["url"].is_string();
        assert_eq!(messages.iter().filter(carried).count(), 0, "{messages:#?}");
    })
    .await
}

/// What is streamed from one side to the other needs a few buffers, however large it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_video_leaves_the_memory_flat_both_ways() {
    const MIB: usize = 1 << 20;
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        lab.until_quiet().await;
        // A real one, with a box of padding behind it.
        let mut video = corpus("files/clip.mp4");
        let padding = 40 * MIB - video.len();
        video.extend(u32::try_from(padding).expect("small").to_be_bytes());
        video.extend(b"free");
        video.resize(40 * MIB, 0);

        let before = lab.bridge.process.memory_now();
        clara.send_file(&room, "m.video", "pump.mp4", &video, json!({})).await;
        clara.say(&room, "That is it.").await;
        lab.until_words(ticket, "what was said after it", |entry| entry.body.contains("That is it.")).await;
        let grown = lab.bridge.process.memory_most().saturating_sub(before);
        assert!(grown < 10 * MIB, "{grown} bytes on its way into the helpdesk");
        assert!(lab.tracker.files(ticket)[0].2 == video);

        let before = lab.bridge.process.memory_now();
        let file = ("answer.mp4", "video/mp4", video.clone());
        lab.tracker.person("BERT").reply_with_files(ticket, "The same to you.", &[file]).await;
        let shown = clara.until_message(&room, "it", |message| content(message)["filename"] == "answer.mp4").await;
        let grown = lab.bridge.process.memory_most().saturating_sub(before);
        assert!(grown < 10 * MIB, "{grown} bytes on its way into the room");
        assert!(clara.download(content(&shown)["url"].as_str().expect("an address")).await == video);
    })
    .await
}

/// Names as mail programs write them: RFC 2231 and RFC 2047, each in UTF-8 and in Latin-1.
#[tokio::test(flavor = "multi_thread")]
async fn names_of_mails_and_the_homeservers_own_limit_are_respected() {
    run(Options { upload_limit: "1M", ..Options::default() }, |lab| async move {
        let anna = lab.anna().await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let bert = lab.tracker.person("BERT");
        let ticket = bert.open("General", "x", "carla@example.org", "It whistles.").await;
        let room = lab.accept(&anna, &desk, ticket).await;
        let part = |disposition: &str| {
            format!(
                "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; {disposition}\r\n\r\nVHVybiBpdC4K\r\n"
            )
        };
        let parts: String = [
            "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E6%BC%A2.txt",
            "filename*=ISO-8859-1''R%FCckgabe.txt",
            "filename=\"=?ISO-8859-1?Q?=DCbersicht=5F2.txt?=\"",
            "filename=\"=?UTF-8?B?w4RuZGVydW5nLnR4dA==?=\"",
        ]
        .map(part)
        .concat();
        let mail = format!(
            "From: Carla Customer <carla@example.org>\r\nTo: desk@example.org\r\nSubject: Re: [ticketroom #{ticket}] x\r\n\
             Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nFour files.\r\n{parts}--b--\r\n"
        );
        lab.tracker.person("CARLA").mail(&mail).await;
        let large = vec![b'x'; 1_200_000];
        bert.reply_with_files(ticket, "And one more.", &[("large.txt", "text/plain", large)]).await;
        let refused = anna.until_message(&room, "the refusal", |message| message.says("“large.txt”")).await;
        assert!(refused.is_notice() && refused.says("larger than 1 MiB"), "{}", refused.body);
        let words = anna.until_message(&room, "its words", |message| message.body == "And one more.").await;
        assert_eq!(content(&refused)["m.relates_to"]["m.in_reply_to"]["event_id"], words.event.as_str());

        let messages = anna.messages(&room).await.expect("the room can be read");
        let names: Vec<_> = messages.iter().filter_map(|message| content(message)["filename"].as_str()).collect();
        assert_eq!(names, ["Größe 漢.txt", "Rückgabe.txt", "Übersicht_2.txt", "Änderung.txt"]);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_limit_and_list_hold_both_ways() {
    let config = r#"{"files": {"max_mib": 1, "allowed": ["png", "txt"]}}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let large = vec![b'x'; (1 << 20) + 1];
        let exact = &large[1..];
        let sent = clara.send_file(&room, "m.file", "large.txt", &large, json!({})).await;
        let refused = clara.until_message(&room, "the refusal", |message| message.says("“large.txt”")).await;
        assert_eq!(content(&refused)["m.relates_to"]["m.in_reply_to"]["event_id"], sent.as_str());
        assert!(refused.says("larger than 1 MiB"), "{}", refused.body);
        clara.send_file(&room, "m.image", "photo.jpg", &corpus("files/photo.jpg"), json!({})).await;
        let refused = clara.until_message(&room, "the refusal", |message| message.says("“photo.jpg”")).await;
        assert!(refused.says("JPEG"), "{}", refused.body);
        clara.send_file(&room, "m.file", "exact.txt", exact, json!({})).await;
        wait::until("the one that may pass", || async {
            let names: Vec<_> = lab.tracker.files(ticket).into_iter().map(|(name, ..)| name).collect();
            if names == ["exact.txt"] { Ok(()) } else { Err(format!("{names:?}")) }
        })
        .await;

        let bert = lab.tracker.person("BERT");
        let files = [
            ("too-large.txt", "text/plain", large.clone()),
            ("letter.pdf", "application/pdf", corpus("files/letter.pdf")),
            ("valve.png", "image/png", corpus("files/picture.png")),
        ];
        bert.reply_with_files(ticket, "Three files.", &files).await;
        clara
            .until_message(&room, "the one that may pass", |message| content(message)["filename"] == "valve.png")
            .await;
        clara.until_message(&room, "that one is too large", |message| message.says("“too-large.txt”")).await;
        clara.until_message(&room, "that one may not pass", |message| message.says("“letter.pdf”")).await;
    })
    .await
}
