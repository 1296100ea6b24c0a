//! Where pictures stand in a text: our messages hold none, so that for this question signs stand for them.

use crate::model::RichText;
use crate::text::to_plain;

/// What stands for a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// The words that its author gave it.
    AsWords,
    /// Its address, as a sign.
    Named,
}

/// For private use, as Unicode says: it stands in no text that we would mistake for a sign.
const EDGE: char = '\u{e000}';

pub fn sign(address: &str) -> String {
    format!("{EDGE}{}{EDGE}", address.trim())
}

pub struct OwnPictures(String);

impl OwnPictures {
    pub fn of(text: &RichText) -> Self {
        Self(to_plain(text))
    }

    pub fn has(&self, address: &str) -> bool {
        self.0.contains(&sign(address))
    }
}

#[cfg(test)]
mod tests {
    use super::OwnPictures;
    use crate::text::Origin;

    fn own_pictures(html: &str) -> OwnPictures {
        super::super::own_pictures(html, Origin::Mail)
    }

    #[test]
    fn pictures_of_the_past_and_of_signatures_are_not_the_authors_own() {
        let own = "<p>Look:</p><img src=\"cid:own@x\" alt=\"a valve\">";
        for foreign in [
            "<div class=gmail_signature>Carla<br><img src='cid:logo@x'></div>",
            "<p>-- <br>Carla Customer<br><img src=cid:logo@x></p>",
            "<div>On 1 May 2026 at 10:00, Bert wrote:</div><blockquote type=cite><p>Which one?</p><img src=cid:logo@x></blockquote>",
            "<hr><p>From: Bert<br>Sent: 1 May 2026<br>To: Carla<br>Subject: Re: x</p><p>Which?<img src=cid:logo@x></p>",
        ] {
            let found = own_pictures(&format!("{own}{foreign}"));
            assert!(found.has("cid:own@x") && !found.has("cid:logo@x"), "{foreign}");
        }
        // Alone it is the message, and between answers it is what these are about.
        assert!(own_pictures("<div class=gmail_signature><img src=cid:logo@x></div>").has("cid:logo@x"));
        assert!(own_pictures("<img src=\"cid:own@x\">").has("cid:own@x"));
        let between =
            "<blockquote>Which one?<img src=cid:a@x></blockquote><p>This.</p><blockquote>And?</blockquote><p>No.</p>";
        assert!(own_pictures(between).has("cid:a@x"));
    }
}
