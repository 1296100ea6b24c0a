//! Files that people send: small, each unlike all others, and read back to the last byte.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use ticketroom_e2e::api::install_tls;

const ANSWER_MAX: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

impl File {
    /// The id stands in its name and in its content; every other one is a picture.
    pub fn new(id: &str, number: usize) -> Self {
        if number % 2 == 1 {
            return Self { name: format!("{id} file.png"), media_type: "image/png", bytes: picture(id) };
        }
        let words = format!("What stands in {id}: \"5 < 7 & 8 > 3\", ä 漢字\nand a second line.\n");
        Self { name: format!("{id} file.txt"), media_type: "text/plain", bytes: words.into_bytes() }
    }

    pub fn described(&self) -> String {
        described(&self.name, &self.bytes)
    }

    /// What a client sends once it is uploaded.
    pub fn event(&self, uri: &str) -> Value {
        let msgtype = if self.media_type.starts_with("image/") { "m.image" } else { "m.file" };
        json!({"msgtype": msgtype, "body": self.name, "url": uri,
            "info": {"size": self.bytes.len(), "mimetype": self.media_type}})
    }
}

/// A file as the oracle compares it: two of the same name are alike only if they hold the same.
pub fn described(name: &str, bytes: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    bytes.hash(&mut hash);
    format!("{name} (holds {} bytes, {:016x})", bytes.len(), hash.finish())
}

/// Each message of these with the files that bear its words as their name; at the end those that no message names.
pub fn with_files(texts: Vec<String>, files: Vec<(String, Vec<u8>)>) -> Vec<String> {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, bytes) in files.into_iter().rev() {
        by_name.entry(name.clone()).or_default().push(described(&name, &bytes));
    }
    let mut all = Vec::new();
    for text in texts {
        let found = by_name.get_mut(&text).and_then(Vec::pop);
        all.push(found.unwrap_or(text));
    }
    all.extend(by_name.into_values().flatten());
    all
}

/// Somebody's way to send and read what is no JSON. Nothing here is repeated: whoever calls knows what that would mean.
#[derive(Clone)]
pub struct Carrier {
    http: Client,
    base: String,
    authorization: String,
}

impl Carrier {
    /// `authorization` is the header's value.
    #[allow(clippy::disallowed_methods, reason = "the tests' own client, beside the product's")]
    pub fn new(base: &str, authorization: &str) -> Self {
        install_tls();
        Self { http: Client::new(), base: base.to_owned(), authorization: authorization.to_owned() }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Response, String> {
        let request = request.timeout(ANSWER_MAX).header("Authorization", &self.authorization);
        request.send().await.map_err(|error| error.to_string())
    }

    /// The address under which the homeserver keeps it.
    pub async fn upload(&self, file: &File) -> Result<String, String> {
        let request = self.http.post(format!("{}/_matrix/media/v3/upload", self.base));
        let request = request.header("Content-Type", file.media_type).body(file.bytes.clone());
        let answer = self.ask(request).await?;
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        body["content_uri"].as_str().map(str::to_owned).ok_or(text)
    }

    /// What the homeserver keeps under this address. That it says that nothing is there is something that was read.
    pub async fn download(&self, uri: &str) -> Result<Vec<u8>, String> {
        let place = uri.strip_prefix("mxc://").unwrap_or(uri);
        let answer = self.ask(self.http.get(format!("{}/_matrix/client/v1/media/download/{place}", self.base))).await?;
        match answer.status().as_u16() {
            200 => answer.bytes().await.map(|bytes| bytes.to_vec()).map_err(|error| error.to_string()),
            404 => Ok(b"nothing is there".to_vec()),
            status => Err(format!("{uri}: {status}")),
        }
    }

    /// One attempt to attach it to an answer in the helpdesk. `Err`: perhaps it was written, and perhaps not.
    pub async fn attach(&self, ticket: u64, file: &File) -> Result<(), String> {
        let message = json!({"Content": "", "ContentType": "text/plain"});
        let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        let part = part.mime_str(file.media_type).map_err(|error| error.to_string())?;
        let form = Form::new().percent_encode_noop().text("JSON", message.to_string()).part("Attachments", part);
        let request = self.http.post(format!("{}/REST/2.0/ticket/{ticket}/correspond", self.base));
        let answer = self.ask(request.multipart(form)).await?;
        if answer.status().as_u16() == 201 { Ok(()) } else { Err(answer.status().to_string()) }
    }
}

/// A PNG of one pixel, with this text in it.
fn picture(text: &str) -> Vec<u8> {
    let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    // Deflate of one row, stored as it is: no filter, one white pixel.
    let pixel = [0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0xff, 0x01, 0x01, 0x01, 0x00];
    let comment = [b"Comment\0".as_slice(), text.as_bytes()].concat();
    let chunks: [(&[u8; 4], &[u8]); 4] = [(b"IHDR", &header), (b"tEXt", &comment), (b"IDAT", &pixel), (b"IEND", &[])];
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in chunks {
        let named = [kind.as_slice(), content].concat();
        bytes.extend(u32::try_from(content.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(&named);
        bytes.extend(crc(&named).to_be_bytes());
    }
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)))
}
