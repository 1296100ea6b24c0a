//! What a call carries: JSON, or a form of JSON and files.

use serde_json::Value;

pub struct Upload {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

pub fn read(content_type: &str, body: &[u8]) -> (Value, Vec<Upload>) {
    let Some((_, boundary)) = content_type.split_once("boundary=") else {
        return (serde_json::from_slice(body).unwrap_or(Value::Null), Vec::new());
    };
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let (mut json, mut files) = (Value::Null, Vec::new());
    for part in split(body, boundary.as_bytes()) {
        let Some(at) = find(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&part[..at]).into_owned();
        let bytes = part[at + 4..].strip_suffix(b"\r\n").unwrap_or(&part[at + 4..]).to_vec();
        let named = |key: &str| {
            let (_, rest) = head.split_once(&format!("{key}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        match named("filename") {
            Some(name) => {
                let kind = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-type: ").map(str::to_owned));
                files.push(Upload { name, media_type: kind.unwrap_or_default(), bytes });
            }
            None => json = serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
    (json, files)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

fn split<'a>(mut body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(body, boundary) {
        parts.push(&body[..at]);
        body = &body[at + boundary.len()..];
    }
    parts
}
