//! One base64 field of a JSON object, decoded while it comes in: an attachment is never in memory as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Keys longer than this are not the one.
const KEY_BYTES_MAX: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Between,
    /// In a text that is not the field's content.
    Text,
    /// In the field's content.
    Content,
}

/// Fed with an object's text in pieces, it gives the content of one of its own fields.
pub(super) struct Base64Field {
    field: &'static str,
    depth: u32,
    at: At,
    escaped: bool,
    /// Characters of a `\uXXXX` that are still to come.
    unicode: u8,
    /// The text that is being read or was read last, if it can be a key.
    last: Vec<u8>,
    /// The last text was the field's name, and a colon stood behind it.
    is_next: bool,
    found: bool,
    /// Base64 letters that make no group of four yet.
    rest: Vec<u8>,
    padded: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotBase64;

impl Base64Field {
    pub fn new(field: &'static str) -> Self {
        Self {
            field,
            depth: 0,
            at: At::Between,
            escaped: false,
            unicode: 0,
            last: Vec::new(),
            is_next: false,
            found: false,
            rest: Vec::new(),
            padded: false,
        }
    }

    /// What of the content is in this piece.
    pub fn feed(&mut self, piece: &[u8]) -> Result<Vec<u8>, NotBase64> {
        let mut letters = std::mem::take(&mut self.rest);
        letters.reserve(piece.len());
        for byte in piece {
            match self.at {
                At::Between => self.between(*byte),
                At::Text | At::Content => self.within(*byte, &mut letters)?,
            }
        }
        let whole = letters.len() - letters.len() % 4;
        self.rest = letters.split_off(whole);
        STANDARD.decode(letters).map_err(|_| NotBase64)
    }

    /// Whether the field was there, whole.
    pub fn is_whole(&self) -> bool {
        self.found && self.at != At::Content && self.rest.is_empty()
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'"' => {
                let is_field = std::mem::take(&mut self.is_next) && !self.found;
                self.at = if is_field { At::Content } else { At::Text };
                self.found |= is_field;
                self.last.clear();
            }
            b':' => self.is_next = self.depth == 1 && self.last == self.field.as_bytes(),
            b'{' | b'[' => {
                self.depth = self.depth.saturating_add(1);
                self.is_next = false;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b',' => {
                self.is_next = false;
                self.last.clear();
            }
            _ => {}
        }
    }

    fn within(&mut self, byte: u8, letters: &mut Vec<u8>) -> Result<(), NotBase64> {
        if self.unicode > 0 {
            self.unicode -= 1;
            return Ok(());
        }
        if self.escaped {
            self.escaped = false;
            return match (byte, self.at) {
                (b'u', At::Content) => Err(NotBase64),
                (b'u', _) => {
                    self.unicode = 4;
                    Ok(())
                }
                // Line ends within base64 are no letters of it; a slash may be written so.
                (b'n' | b'r' | b't', At::Content) => Ok(()),
                (b'/', At::Content) => self.letter(b'/', letters),
                (_, At::Content) => Err(NotBase64),
                _ => Ok(()),
            };
        }
        match (byte, self.at) {
            (b'\\', _) => self.escaped = true,
            (b'"', _) => self.at = At::Between,
            (byte, At::Content) => return self.letter(byte, letters),
            (byte, _) if self.last.len() <= KEY_BYTES_MAX => self.last.push(byte),
            _ => {}
        }
        Ok(())
    }

    fn letter(&mut self, byte: u8, letters: &mut Vec<u8>) -> Result<(), NotBase64> {
        // What comes behind the padding is no part of it.
        if self.padded && byte != b'=' {
            return Err(NotBase64);
        }
        self.padded |= byte == b'=';
        letters.push(byte);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, piece_bytes: usize) -> Result<Vec<u8>, NotBase64> {
        let mut field = Base64Field::new("Content");
        let mut content = Vec::new();
        for piece in json.as_bytes().chunks(piece_bytes) {
            content.extend(field.feed(piece)?);
        }
        if field.is_whole() { Ok(content) } else { Err(NotBase64) }
    }

    #[test]
    fn the_field_is_decoded_however_the_pieces_are_cut() {
        let json = r#"{ "Headers" : "\"Content\":\"AAAA\" \u0022", "more": {"Content": "eHh4"}, "Content" :
            "SGVsbG8s\nIHdvcmxk\nISE=\n", "Subject": "Content" }"#;
        for piece_bytes in 1..json.len() {
            assert_eq!(read(json, piece_bytes).unwrap(), b"Hello, world!!", "{piece_bytes}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_base64_is_an_error() {
        for json in [
            r#"{"Content":"SGVs"#,
            r#"{"Content":"SGV"}"#,
            r#"{"Content":"!!!!"}"#,
            r#"{"Content":"SG==SGVs"}"#,
            "{}",
            "[]",
        ] {
            assert!(read(json, 7).is_err(), "{json}");
        }
        assert_eq!(read(r#"{"Content":""}"#, 3).unwrap(), b"");
    }
}
