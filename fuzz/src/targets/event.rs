//! Events of a homeserver: what is understood can be written down and read again, and names only what may be fetched.

use serde_json::json;
use ticketroom::matrix::{peek, understand};
use ticketroom::model::{Fact, FileSource, Said};

use super::html::written;
use super::world::SETTINGS;
use crate::{parts, text};

const KINDS: [&str; 12] = [
    "m.room.message",
    "m.room.message",
    "m.room.message",
    "m.reaction",
    "m.room.member",
    "m.room.tombstone",
    "m.room.encrypted",
    "m.sticker",
    "m.poll.start",
    "org.matrix.msc3381.poll.start",
    "m.call.member",
    "org.matrix.msc3401.call.member",
];
const MSGTYPES: [&str; 9] =
    ["m.text", "m.notice", "m.emote", "m.image", "m.audio", "m.video", "m.file", "m.location", "x"];

pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    // Bytes as they come, or words in the places of a real event.
    let json = if *kind == b'{' { text(data).into_owned() } else { event(*kind, rest) };
    let peeked = peek(&json);
    if let Ok(peeked) = &peeked {
        let _any = (peeked.target(), peeked.matters(&SETTINGS), peeked.has_sound_ids());
    }
    let Ok(understood) = understand(&json, &SETTINGS) else { return };
    let placed_as_edit = peeked.as_ref().is_ok_and(|event| event.is_edit());
    assert!(!placed_as_edit || matches!(understood.fact, Some(Fact::Edited { .. })), "placed as an edit, and is none");
    if let Some((_, name)) = &understood.name {
        super::html::is_line(name, 80);
    }
    let Some(fact) = understood.fact else { return };
    let stored = serde_json::to_string(&fact).unwrap();
    assert_eq!(serde_json::from_str::<Fact>(&stored).unwrap(), fact);
    assert!(peeked.is_ok(), "it is understood, and could not be placed");
    if let Fact::Said(said) = &fact {
        check_said(said);
    }
}

fn check_said(said: &Said) {
    written(&said.body);
    for file in &said.files {
        let FileSource::Matrix(uri) = &file.source else { panic!("{:?}", file.source) };
        let (server, id) = uri.parts().expect("a file that can be fetched");
        let path = format!("http://hs/_matrix/client/v1/media/download/{server}/{id}");
        let normal: axum::http::Uri = path.parse().unwrap();
        assert!(
            normal.path().ends_with(&format!("/{server}/{id}")) && !path.contains("/.") && !path.contains(".."),
            "{path}"
        );
        assert!(!file.name.contains(['/', '\\', '\0', '\n', '"']) && file.name.len() <= 240, "{:?}", file.name);
    }
}

fn event(kind: u8, rest: &[u8]) -> String {
    let [a, b, c, d, e] = parts::<5>(rest);
    let pick = usize::from(kind);
    let (kind, msgtype) = (KINDS[pick % KINDS.len()], MSGTYPES[pick % MSGTYPES.len()]);
    let relation = match pick / 16 % 4 {
        0 => json!({ "rel_type": "m.replace", "event_id": d }),
        1 => {
            json!({ "rel_type": "m.thread", "event_id": d, "is_falling_back": true, "m.in_reply_to": { "event_id": c } })
        }
        2 => json!({ "rel_type": "m.annotation", "event_id": d, "key": c }),
        _ => json!({ "m.in_reply_to": { "event_id": d } }),
    };
    let mut content = json!({
        "msgtype": msgtype, "body": a, "format": "org.matrix.custom.html", "formatted_body": b, "url": c,
        "filename": d, "geo_uri": c, "displayname": a, "membership": "join", "replacement_room": c,
        "info": { "size": 7 }, "m.mentions": { "user_ids": [e, c] },
        "m.poll": { "question": { "m.text": [{ "body": a }] }, "answers": [{ "m.text": [{ "body": b }] }] },
    });
    if pick >= 128 {
        content["m.relates_to"] = relation;
    }
    if pick % 2 == 0 {
        content.as_object_mut().unwrap().remove("formatted_body");
    }
    let sender = if e.is_empty() { "@carol:there".to_owned() } else { format!("@{e}:there") };
    json!({
        "type": kind, "event_id": "$e", "room_id": "!t:here", "sender": sender, "state_key": sender, "content": content,
    })
    .to_string()
}
