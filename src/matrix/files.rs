//! Files in events: what others sent, and the events that we send.

use ruma::{OwnedMxcUri, TransactionId};
use serde_json::{Map, Value, json};

use super::content::{MARKER, relation};
use crate::files::Shown;
use crate::model::{File, FileKind, FileSource, FileSpeech, RichText};
use crate::text::{self, Flavour};

/// A Matrix URI is a server's name and an id; no server makes one that is longer.
const MXC_BYTES_MAX: usize = 255;

/// The file of a message that is one; `None`: there is none that could be fetched.
pub fn read(content: &Value) -> Option<File> {
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    let kind = match text("msgtype")? {
        "m.image" => FileKind::Image,
        "m.audio" => FileKind::Audio,
        "m.video" => FileKind::Video,
        "m.file" => FileKind::Other,
        _ => return None,
    };
    let name = text("filename").or_else(|| text("body")).unwrap_or_default();
    Some(File {
        name: text::file_name(name),
        kind,
        voice: content.get("org.matrix.msc3245.voice").is_some() || content.get("m.voice").is_some(),
        size_bytes: content.get("info").and_then(|info| info.get("size")?.as_u64()),
        source: FileSource::Matrix(mxc(text("url")?)?),
    })
}

/// MSC2530: where a file has a name beside its body, the body is a caption; otherwise it is the name.
pub fn is_without_words(content: &Value) -> bool {
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    let has_caption =
        text("filename").is_some_and(|name| text("body").is_some_and(|body| body != name && !body.trim().is_empty()));
    read(content).is_some() && !has_caption
}

/// Only what is a server's name and an id of the letters that ids have.
fn mxc(uri: &str) -> Option<OwnedMxcUri> {
    if uri.len() > MXC_BYTES_MAX || uri.ends_with('/') {
        return None;
    }
    let uri = OwnedMxcUri::from(uri);
    // Dots are letters of servers' names, and the way up in a path.
    let is_path =
        uri.server_name().is_ok_and(|server| server.host().starts_with('.') || server.as_str().contains(".."));
    (uri.is_valid() && !is_path).then_some(uri)
}

/// Where the uploaded parts lie.
pub struct Uploaded {
    pub file: OwnedMxcUri,
    pub thumbnail: Option<OwnedMxcUri>,
}

/// The event of a file. `caption` instead of the speech's own, where somebody else has to speak.
pub fn message(speech: &FileSpeech, caption: &RichText, shown: &Shown, at: &Uploaded, txn: &TransactionId) -> Value {
    let mut content = Map::new();
    let mut put = |key: &str, value: Value| content.insert(key.to_owned(), value);
    let msgtype = match shown.kind.shown_as {
        FileKind::Image => "m.image",
        FileKind::Audio => "m.audio",
        FileKind::Video => "m.video",
        FileKind::Other => "m.file",
    };
    put("msgtype", json!(msgtype));
    put("filename", json!(shown.name));
    put("url", json!(at.file));
    put("info", info(shown, at));
    if caption.is_empty() {
        put("body", json!(shown.name));
    } else {
        put("body", json!(text::to_plain(caption)));
        if !text::is_plain(caption) {
            put("format", json!("org.matrix.custom.html"));
            put("formatted_body", json!(text::to_html(caption, Flavour::Matrix)));
        }
    }
    put("m.mentions", json!({}));
    put(MARKER, json!(txn.as_str()));
    if let Some(relation) = relation(&speech.place, speech.room_thread.as_ref(), speech.reply_to.as_ref()) {
        put("m.relates_to", relation);
    }
    if let Some(sound) = &shown.sound {
        let mut audio = json!({ "duration": sound.duration_ms });
        if let (Some(audio), false) = (audio.as_object_mut(), sound.waveform.is_empty()) {
            audio.insert("waveform".to_owned(), json!(sound.waveform));
        }
        put("org.matrix.msc1767.audio", audio);
        if sound.is_voice {
            put("org.matrix.msc3245.voice", json!({}));
        }
    }
    Value::Object(content)
}

fn info(shown: &Shown, at: &Uploaded) -> Value {
    let mut info = Map::new();
    let mut put = |key: &str, value: Value| info.insert(key.to_owned(), value);
    put("mimetype", json!(shown.kind.media_type));
    put("size", json!(shown.content.size_bytes()));
    if let Some(sound) = &shown.sound {
        put("duration", json!(sound.duration_ms));
    }
    if let Some(picture) = &shown.picture {
        put("w", json!(picture.width));
        put("h", json!(picture.height));
        if let Some(blurhash) = &picture.blurhash {
            put("xyz.amorgan.blurhash", json!(blurhash));
        }
        if let (Some(thumbnail), Some(url)) = (&picture.thumbnail, &at.thumbnail) {
            put("thumbnail_url", json!(url));
            let (media_type, size) = (thumbnail.media_type, thumbnail.bytes.len());
            let about = json!({ "mimetype": media_type, "size": size, "w": thumbnail.width, "h": thumbnail.height });
            put("thumbnail_info", about);
        }
    }
    Value::Object(info)
}
