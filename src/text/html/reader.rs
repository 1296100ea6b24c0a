//! Takes the tokens of a document one after the other and hands them to the state of the reading.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};

use super::pictures::Pictures;
use super::state::State;
use super::tags::{Kind, kind};
use crate::model::RichText;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// A message as it is: from Matrix, or written by us.
    Message,
    /// A mail: layout tables, hidden text and the signature that its program marked count as nothing.
    Mail,
    MailWithSignature,
}

pub struct Reader {
    state: RefCell<State>,
    /// How many tokens came so far.
    tokens: Cell<usize>,
}

impl Reader {
    /// `may_skip`: whether elements are left out whose end could be missing.
    pub fn new(rules: Rules, pictures: Pictures, may_skip: bool) -> Self {
        Self { state: RefCell::new(State::new(rules, pictures, may_skip)), tokens: Cell::new(0) }
    }

    pub fn tokens(&self) -> usize {
        self.tokens.get()
    }

    /// The text, and whether all that was left out had its end.
    pub fn finish(self) -> (RichText, bool) {
        self.state.into_inner().finish()
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        // A parse error comes from inside a token.
        self.tokens.set(self.tokens.get() + usize::from(!matches!(token, Token::ParseError(_))));
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => {
                let kind = kind(&tag.name);
                match tag.kind {
                    TagKind::StartTag => state.start(&tag, kind),
                    TagKind::EndTag => state.end(&tag.name, kind),
                }
                if let (TagKind::StartTag, Kind::SkippedRaw(raw) | Kind::RawText(raw)) = (tag.kind, kind) {
                    return TokenSinkResult::RawData(raw);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
