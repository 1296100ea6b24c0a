//! `!language`, for everybody: lists the languages that the bot speaks; `!language de` chooses one for whoever writes it.

use ruma::OwnedUserId;

use super::super::view::View;
use super::{Command, rest, word};
use crate::model::{Effect, Said};
use crate::texts::{Texts, Words};

pub const COMMAND: Command = Command {
    word: "language",
    help: |words| words.help_language(),
    offered: |_, _, _| true,
    run: |context| {
        let (remember, answer) = choose(&context.agent.matrix, context.rest, context.view);
        let mut effects: Vec<_> = remember.into_iter().collect();
        effects.extend(context.answer(&answer));
        effects
    },
};

/// What `said` is answered if it is this command, where there is no thread to answer in.
pub fn answer(said: &Said, view: &View) -> Option<(Option<Effect>, String)> {
    let is_this = word(&said.text).is_some_and(|word| word.eq_ignore_ascii_case(COMMAND.word));
    is_this.then(|| choose(&said.sender, rest(&said.text), view))
}

/// What is to be remembered, and what is answered: in the language that was chosen.
fn choose(user: &OwnedUserId, wanted: &str, view: &View) -> (Option<Effect>, String) {
    let (words, texts) = (view.words_for(user), &view.settings.texts);
    if wanted.is_empty() {
        return (None, words.language_list(words.language_name(), list(texts)));
    }
    match find(texts, wanted) {
        Some(chosen) => {
            let remember = Effect::RememberLanguage { user: user.clone(), language: chosen.code().to_owned() };
            (Some(remember), chosen.language_set(chosen.language_name()))
        }
        None => (None, words.language_unknown(list(texts))),
    }
}

/// By its code, or as it is called by those who speak it.
fn find<'t>(texts: &'t Texts, wanted: &str) -> Option<Words<'t>> {
    let named = |words: &Words<'_>| words.language_name().to_lowercase() == wanted.to_lowercase();
    texts.in_language(wanted).or_else(|| texts.languages().find(named))
}

fn list(texts: &Texts) -> String {
    let line = |words: Words<'_>| format!("!{} {} – {}", COMMAND.word, words.code(), words.language_name());
    texts.languages().map(line).collect::<Vec<_>>().join("\n")
}
