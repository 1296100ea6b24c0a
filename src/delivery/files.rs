//! Brings an effect's files to our own disk and looks at them, before the effect is carried out on the other side.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ruma::ServerName;

use super::blame::{Blame, Blamed};
use super::engine::Engine;
use super::retry;
use crate::crash;
use crate::files::{self, Checked, NotCarried, Shown, Spooled};
use crate::helpdesk::NewFile;
use crate::matrix::Attempt;
use crate::model::{Effect, Failure, File, FileSource, FileSpeech, Next, Outcome, Refusal, Side};

/// Messages wait so long for the files of a homeserver that hands none over, and what was written after them waits, too. Then
/// they go without: with the pauses between attempts that is within ten minutes.
const FAR_PATIENCE: Duration = Duration::from_secs(300);
/// What failed longer ago says nothing of now.
const FAR_MEMORY: Duration = Duration::from_secs(900);
/// Those that fail at once are few; others begin anew.
const FAR_MAX: usize = 1000;

/// Whoever did not hand over what was asked for: since when, and when the last time.
#[derive(Default)]
pub(super) struct Missing(Mutex<HashMap<String, (i64, i64)>>);

impl Missing {
    /// For how long it has failed now.
    fn note(&self, whose: Option<String>, is_missing: bool, now_ms: i64) -> i64 {
        let Some(whose) = whose else { return 0 };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_missing {
            all.remove(&whose);
            return 0;
        }
        if all.len() >= FAR_MAX {
            all.clear();
        }
        let (since, last) = all.entry(whose).or_insert((now_ms, now_ms));
        if now_ms - *last > retry::millis(FAR_MEMORY) {
            *since = now_ms;
        }
        *last = now_ms;
        now_ms - *since
    }
}

/// So often a file is asked for again of which less came than its sender says: something in between may have cut it off, or
/// they are wrong.
const SHORT_TRIES: u32 = 4;

/// Files of which less came, and how often.
#[derive(Default)]
pub(super) struct Short(Mutex<HashMap<String, u32>>);

impl Short {
    /// Whether to ask again.
    fn note(&self, file: &File, bytes: u64) -> bool {
        let FileSource::Matrix(uri) = &file.source else { return false };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if file.size_bytes.is_none_or(|said| bytes >= said) {
            all.remove(uri.as_str());
            return false;
        }
        if all.len() >= FAR_MAX {
            all.clear();
        }
        let tries = all.entry(uri.to_string()).or_default();
        *tries += 1;
        *tries <= SHORT_TRIES
    }
}

/// Another homeserver is known by its name; on ours each file is its own: somebody may have announced it and gone.
fn whose(file: &File, ours: &ServerName) -> Option<String> {
    let FileSource::Matrix(uri) = &file.source else { return None };
    match uri.server_name() {
        Ok(server) if server != ours => Some(server.as_str().to_owned()),
        _ => Some(uri.as_str().to_owned()),
    }
}

/// A file on our disk that may pass.
pub(super) struct Ready {
    pub content: Spooled,
    pub checked: Checked,
    /// Of a voice message.
    pub duration_ms: Option<u64>,
}

/// What there is of an effect's files, each with its place among them.
#[derive(Default)]
pub(super) struct Fetched {
    pub ready: Vec<(usize, Ready)>,
    pub refused: Vec<(usize, Refusal)>,
}

/// What is said in a file's place is an event of its own: an attempt that finds the file sent has sent no words, and one that
/// finds the words has not sent the file.
fn words_key(key: &str) -> String {
    format!("{key}/words")
}

impl Engine {
    /// `patient`: what is not handed over is waited for, and what came short asked for again.
    pub(super) async fn fetch(&self, effect: &Effect, max_bytes: u64, patient: bool) -> Result<Fetched, Blamed> {
        let ours = self.settings.bot.server_name();
        let mut fetched = Fetched::default();
        for (index, file) in effect.files().iter().enumerate() {
            let result = self.fetch_one(file, max_bytes, patient).await;
            let is_missing = matches!(&result, Err(Blamed { blame: Blame::Elsewhere, .. }));
            let missing_ms = self.missing.note(whose(file, ours), is_missing, self.clock.now_ms());
            match result {
                Ok(Ok(ready)) => fetched.ready.push((index, ready)),
                Ok(Err(why)) => fetched.refused.push((index, why)),
                Err(Blamed { blame: Blame::Elsewhere, failure })
                    if !patient || missing_ms > retry::millis(FAR_PATIENCE) =>
                {
                    tracing::warn!(
                        reason = failure.reason,
                        "a file was not handed over for too long; its message goes without"
                    );
                    fetched.refused.push((index, Refusal::NotHandedOver));
                }
                Err(blamed) => return Err(blamed),
            }
        }
        Ok(fetched)
    }

    /// An earlier attempt has carried it out, and died before it could say without which files.
    pub(super) async fn refused_before(&self, effect: &Effect) -> Result<Vec<(usize, Refusal)>, Blamed> {
        // What is not handed over now may have been missing then: who sent it is told rather than not.
        match self.fetch(effect, u64::MAX, false).await {
            Ok(fetched) => Ok(fetched.refused),
            // What can't be read any more was read then.
            Err(blamed) if blamed.failure.next == Next::Dead => Ok(Vec::new()),
            Err(blamed) => Err(blamed),
        }
    }

    async fn fetch_one(&self, file: &File, max_bytes: u64, patient: bool) -> Result<Result<Ready, Refusal>, Blamed> {
        let max_bytes = max_bytes.min(self.files.rules.max_bytes);
        if file.size_bytes.is_some_and(|size| size > max_bytes) {
            return Ok(Err(Refusal::TooLarge { max_bytes }));
        }
        let into = match self.files.spool.begin(max_bytes).await.map_err(NotCarried::from) {
            Ok(into) => into,
            Err(NotCarried::Refused(why)) => return Ok(Err(why)),
            Err(NotCarried::Failed(failure) | NotCarried::NotThere(failure)) => return Err(Blamed::ours(failure)),
        };
        crash::point("before-download");
        let (side, result) = match &file.source {
            FileSource::Matrix(uri) => (Side::Matrix, self.matrix.download(uri, into).await),
            FileSource::Helpdesk { message, file } => (Side::Helpdesk, self.helpdesk.file(message, file, into).await),
        };
        let content = match result {
            Ok(content) => content,
            Err(NotCarried::Refused(why)) => return Ok(Err(why)),
            Err(NotCarried::Failed(failure)) => return Err(Blamed::of(side)(failure)),
            Err(NotCarried::NotThere(failure)) => return Err(Blamed::elsewhere(failure)),
        };
        crash::point("file-spooled");
        if self.short.note(file, content.size_bytes()) && patient {
            return Err(Blamed::ours(Failure::retry("less of a file came than its sender says")));
        }
        let (name, is_voice, rules) = (file.name.clone(), file.voice, self.files.rules.clone());
        let examined = tokio::task::spawn_blocking(move || {
            let look = files::look(content.path())?;
            let checked = match files::check(look, &name, content.size_bytes(), &rules) {
                Ok(checked) => checked,
                Err(why) => return Ok(Err(why)),
            };
            if files::is_bomb(content.path(), checked.kind)? {
                return Ok(Err(Refusal::TooManyPixels));
            }
            let sound = if is_voice { files::hear(content.path(), checked.kind)? } else { None };
            Ok::<_, std::io::Error>(Ok(Ready { content, checked, duration_ms: sound.map(|sound| sound.duration_ms) }))
        });
        match examined.await {
            Ok(Ok(checked)) => {
                crash::point("file-checked");
                Ok(checked)
            }
            Ok(Err(error)) => Err(Blamed::ours(unreadable(&error))),
            // Whoever made the parser panic will do so again.
            Err(_) => Ok(Err(unknown())),
        }
    }

    /// From the helpdesk into a room. What was uploaded and not sent lies in the media store, and nobody sees it.
    pub(super) async fn say_file(
        &self,
        effect: &Effect,
        speech: &FileSpeech,
        attempt: &Attempt<'_>,
    ) -> Result<Outcome, Blamed> {
        if let Some(sent) = self.matrix.sent_file(speech, attempt).await? {
            return Ok(sent);
        }
        let max_bytes = self.matrix.upload_limit().await.unwrap_or(u64::MAX);
        let fetched = self.fetch(effect, max_bytes, true).await?;
        if let Some((_, why)) = fetched.refused.into_iter().next() {
            return self.say_words_alone(speech, why, attempt).await;
        }
        let Some((_, Ready { content, checked, .. })) = fetched.ready.into_iter().next() else {
            return Err(Failure::dead("there is no file").into());
        };
        let name = crate::text::file_name(&speech.file.name);
        let shown = tokio::task::spawn_blocking(move || Shown::look(name, checked.kind, content)).await;
        let shown = match shown {
            Ok(Ok(shown)) => shown,
            Ok(Err(error)) => return Err(Blamed::ours(unreadable(&error))),
            // Whoever made the parser panic will do so again.
            Err(_) => return self.say_words_alone(speech, unknown(), attempt).await,
        };
        match self.matrix.say_file(speech, &shown, attempt).await {
            Ok(outcome) => Ok(outcome),
            Err(NotCarried::Refused(why)) => self.say_words_alone(speech, why, attempt).await,
            Err(NotCarried::Failed(failure) | NotCarried::NotThere(failure)) => Err(failure.into()),
        }
    }

    /// At once, in the place of the file: what was written later is to be read later.
    async fn say_words_alone(
        &self,
        speech: &FileSpeech,
        why: Refusal,
        attempt: &Attempt<'_>,
    ) -> Result<Outcome, Blamed> {
        let refused = vec![(0, why)];
        let Some(words) = speech.words_alone() else { return Ok(Outcome::Without { refused, done: None }) };
        let key = words_key(attempt.key);
        let said = self.matrix.carry_out(&Effect::Say(words), &Attempt { key: &key, ..*attempt }).await?;
        Ok(said.without(refused))
    }

    /// A voice message is named after its length: clients call all of them the same.
    fn name_of(&self, file: &File, ready: &Ready) -> String {
        // The one that everybody's player knows.
        let endings = ready.checked.kind.endings;
        let ending = endings.iter().find(|ending| **ending == "ogg").or(endings.first());
        match (ready.duration_ms, ending) {
            (Some(duration_ms), Some(ending)) => {
                let ending = crate::text::ending(&file.name).unwrap_or(ending);
                let name = self.settings.texts.words().voice_message(length(duration_ms));
                files::carried_name(&format!("{name}.{ending}"), ready.checked.kind)
            }
            _ => files::carried_name(&file.name, ready.checked.kind),
        }
    }

    /// For the helpdesk: under which names, and of what type.
    pub(super) fn for_helpdesk(&self, effect: &Effect, ready: Vec<(usize, Ready)>) -> Vec<(usize, NewFile)> {
        let files = ready.into_iter().filter_map(|(index, ready)| Some((index, effect.files().get(index)?, ready)));
        files
            .map(|(index, file, ready)| {
                let new = NewFile {
                    name: self.name_of(file, &ready),
                    media_type: ready.checked.kind.media_type.to_owned(),
                    content: Arc::new(ready.content),
                };
                (index, new)
            })
            .collect()
    }
}

/// As players show it: minutes and seconds.
fn length(duration_ms: u64) -> String {
    let seconds = (duration_ms.saturating_add(500) / 1000).max(1);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::retry(format!("the spool folder cannot be read: {error}"))
}

fn unknown() -> Refusal {
    Refusal::NotAllowed { what: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_the_sender_says_is_asked_for_again_a_few_times() {
        let file = |said: Option<u64>| File {
            name: "leak.png".to_owned(),
            kind: crate::model::FileKind::Image,
            voice: false,
            size_bytes: said,
            source: FileSource::Matrix("mxc://hs.test/1".into()),
        };
        let short = Short::default();
        assert!(short.note(&file(Some(102)), 51));
        assert!(!short.note(&file(Some(102)), 102), "all of it");
        assert!(!short.note(&file(None), 51) && !short.note(&file(Some(40)), 51), "nobody says more");
        let again = (0..10).filter(|_| short.note(&file(Some(102)), 51)).count();
        assert_eq!(again, SHORT_TRIES as usize, "then whoever says so is wrong");
    }
}
