//! Brings an effect's files to our own disk and looks at them, before the effect is carried out on the other side.

use std::sync::Arc;

use super::engine::Engine;
use crate::crash;
use crate::files::{self, Checked, NotCarried, Shown, Spooled};
use crate::helpdesk::NewFile;
use crate::matrix::Attempt;
use crate::model::{Effect, Failure, File, FileSource, FileSpeech, Outcome, Refusal, Side};

/// A failure, and whose it is where it is not the side's that the effect is for.
#[derive(Debug)]
pub(super) struct Blamed {
    pub side: Option<Side>,
    pub failure: Failure,
}

impl From<Failure> for Blamed {
    fn from(failure: Failure) -> Self {
        Self { side: None, failure }
    }
}

/// A file on our disk that may pass.
pub(super) struct Ready {
    pub content: Spooled,
    pub checked: Checked,
    /// Of a voice message.
    pub duration_ms: Option<u64>,
}

/// Either all of them, or what becomes of the effect without.
pub(super) enum Fetched {
    All(Vec<Ready>),
    Refused(Outcome),
}

impl Engine {
    pub(super) async fn fetch(&self, effect: &Effect, max_bytes: u64) -> Result<Fetched, Blamed> {
        let mut all = Vec::new();
        for (index, file) in effect.files().iter().enumerate() {
            match self.fetch_one(file, max_bytes).await? {
                Ok(ready) => all.push(ready),
                Err(why) => return Ok(Fetched::Refused(Outcome::Refused { file: index, why })),
            }
        }
        Ok(Fetched::All(all))
    }

    async fn fetch_one(&self, file: &File, max_bytes: u64) -> Result<Result<Ready, Refusal>, Blamed> {
        let max_bytes = max_bytes.min(self.files.rules.max_bytes);
        if file.size_bytes.is_some_and(|size| size > max_bytes) {
            return Ok(Err(Refusal::TooLarge { max_bytes }));
        }
        let into = match self.files.spool.begin(max_bytes).await.map_err(NotCarried::from) {
            Ok(into) => into,
            Err(NotCarried::Refused(why)) => return Ok(Err(why)),
            Err(NotCarried::Failed(failure)) => return Err(failure.into()),
        };
        crash::point("before-download");
        let (side, result) = match &file.source {
            FileSource::Matrix(uri) => (Side::Matrix, self.matrix.download(uri, into).await),
            FileSource::Helpdesk { message, file } => (Side::Helpdesk, self.helpdesk.file(message, file, into).await),
        };
        let content = match result {
            Ok(content) => content,
            Err(NotCarried::Refused(why)) => return Ok(Err(why)),
            Err(NotCarried::Failed(failure)) => return Err(Blamed { side: Some(side), failure }),
        };
        crash::point("file-spooled");
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
            Ok(Err(error)) => Err(unreadable(&error).into()),
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
        let ready = match self.fetch(effect, max_bytes).await? {
            Fetched::All(ready) => ready.into_iter().next(),
            Fetched::Refused(outcome) => return Ok(outcome),
        };
        let Some(Ready { content, checked, .. }) = ready else { return Err(Failure::dead("there is no file").into()) };
        let name = crate::text::file_name(&speech.file.name);
        let shown = tokio::task::spawn_blocking(move || Shown::look(name, checked.kind, content)).await;
        let shown = match shown {
            Ok(Ok(shown)) => shown,
            Ok(Err(error)) => return Err(unreadable(&error).into()),
            // Whoever made the parser panic will do so again.
            Err(_) => return Ok(Outcome::Refused { file: 0, why: unknown() }),
        };
        match self.matrix.say_file(speech, &shown, attempt).await {
            Ok(outcome) => Ok(outcome),
            Err(NotCarried::Refused(why)) => Ok(Outcome::Refused { file: 0, why }),
            Err(NotCarried::Failed(failure)) => Err(failure.into()),
        }
    }

    /// A voice message is named after its length: clients call all of them the same.
    fn name_of(&self, file: &File, ready: &Ready) -> String {
        match (ready.duration_ms, ready.checked.kind.endings.last()) {
            (Some(duration_ms), Some(ending)) => {
                let ending = crate::text::ending(&file.name).unwrap_or(ending);
                let name = self.settings.texts.words().voice_message(length(duration_ms));
                crate::text::file_name(&format!("{name}.{ending}"))
            }
            _ => crate::text::file_name(&file.name),
        }
    }

    /// For the helpdesk: under which names, and of what type.
    pub(super) fn for_helpdesk(&self, effect: &Effect, ready: Vec<Ready>) -> Vec<NewFile> {
        let files = effect.files().iter().zip(ready);
        files
            .map(|(file, ready)| NewFile {
                name: self.name_of(file, &ready),
                media_type: ready.checked.kind.media_type.to_owned(),
                content: Arc::new(ready.content),
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
