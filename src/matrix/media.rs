//! The homeserver's media store: down to disk and up from it, in pieces.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#content-repository>, with authenticated downloads (since 1.11).

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ruma::api::auth_scheme::SendAccessToken;
use ruma::api::client::authenticated_media::{get_content, get_media_config};
use ruma::api::client::media::create_content;
use ruma::api::{AppserviceUserIdentity, OutgoingRequestAppserviceExt};
use ruma::{MxcUri, OwnedMxcUri, UserId};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::call_error::CallError;
use super::client::{Homeserver, refused_alone};
use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{Failure, Refusal};
use crate::net;

/// How long the homeserver's own limit is believed.
const LIMIT_AGE: Duration = Duration::from_secs(600);

/// For a file that another homeserver has: ours fetches it, and answers then. It goes on when we have hung up, and the
/// next attempt finds it.
const FAR_MAX: Duration = Duration::from_secs(180);

/// What the homeserver said of its limit, and when.
#[derive(Default)]
pub struct UploadLimit {
    known: Mutex<Option<(Instant, Option<u64>)>>,
}

impl UploadLimit {
    fn get(&self) -> Option<Option<u64>> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.filter(|(at, _)| at.elapsed() < LIMIT_AGE).map(|(_, limit)| limit)
    }

    fn set(&self, limit: Option<u64>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), limit));
    }
}

impl Homeserver {
    /// Fetches a file of the media store, wherever on the federation it lies.
    pub async fn download(&self, user: &UserId, uri: &MxcUri, mut into: Spooling) -> Result<Spooled, NotCarried> {
        // Only what can be a server and an id: nothing of it may lead to another path.
        let request = get_content::v1::Request::from_uri(uri).map_err(|_| NotCarried::Refused(Refusal::Gone))?;
        let (theirs, ours) = (request.server_name.clone(), user.server_name());
        let mut request = self.request(user, request)?;
        *request.timeout_mut() = Some(net::transfer_timeout(into.max_bytes()));
        // Ours answers when it has the whole file.
        let limit = if theirs == ours { Duration::MAX } else { FAR_MAX };
        let sent = tokio::time::timeout(limit, self.send_raw(request)).await;
        let sent = sent.unwrap_or_else(|_| Err(CallError::NoAnswer("the file did not come in time".to_owned())));
        let not_there = |error: CallError| match error.is_elsewhere(&theirs, ours) || error.is("M_NOT_YET_UPLOADED") {
            true => NotCarried::NotThere(error.into()),
            false => NotCarried::Failed(error.into()),
        };
        let mut response = sent.map_err(not_there)?;
        if !response.status().is_success() {
            let error = refused_alone(response).await;
            if !error.is_elsewhere(&theirs, ours) {
                self.heed(&error);
            }
            return Err(match error {
                CallError::Refused(refusal) if refusal.code == "M_NOT_FOUND" => NotCarried::Refused(Refusal::Gone),
                CallError::Refused(refusal) if refusal.code == "M_TOO_LARGE" => {
                    NotCarried::Refused(Refusal::TooLarge { max_bytes: into.max_bytes() })
                }
                other => not_there(other),
            });
        }
        if response.content_length().is_some_and(|length| length > into.max_bytes()) {
            return Err(NotCarried::Refused(Refusal::TooLarge { max_bytes: into.max_bytes() }));
        }
        while let Some(chunk) = net::next_chunk(&mut response).await.map_err(broken)? {
            into.write(&chunk).await?;
        }
        Ok(into.finish().await?)
    }

    /// Puts a file into the media store. Done twice it lies there twice, which nobody sees.
    pub async fn upload(
        &self,
        user: &UserId,
        name: &str,
        media_type: &str,
        content: reqwest::Body,
        size_bytes: u64,
    ) -> Result<OwnedMxcUri, NotCarried> {
        let mut request = create_content::v3::Request::new(Vec::new());
        request.filename = Some(name.to_owned());
        request.content_type = Some(media_type.to_owned());
        let mut request = self.request(user, request)?;
        *request.timeout_mut() = Some(net::transfer_timeout(size_bytes));
        request.headers_mut().insert(http::header::CONTENT_LENGTH, size_bytes.into());
        *request.body_mut() = Some(content);
        let response = self.send_raw(request).await.map_err(Failure::from)?;
        if !response.status().is_success() {
            return Err(match self.refused(response).await {
                CallError::Refused(refusal) if refusal.code == "M_TOO_LARGE" || refusal.status == 413 => {
                    NotCarried::Refused(Refusal::TooLarge { max_bytes: size_bytes.saturating_sub(1) })
                }
                other => NotCarried::Failed(other.into()),
            });
        }
        Ok(self.read::<create_content::v3::Request>(response).await.map_err(Failure::from)?.content_uri)
    }

    /// The largest upload that the homeserver takes; `None`: it does not say.
    pub async fn upload_limit(&self, user: &UserId) -> Option<u64> {
        if let Some(known) = self.limit.get() {
            return known;
        }
        match self.call(user, get_media_config::v1::Request::new()).await {
            Ok(config) => {
                let limit = Some(u64::from(config.upload_size));
                self.limit.set(limit);
                limit
            }
            Err(error) if error.status() == Some(404) => {
                self.limit.set(None);
                None
            }
            // It will say so itself when it refuses.
            Err(_) => None,
        }
    }

    fn request<R>(&self, user: &UserId, request: R) -> Result<reqwest::Request, Failure>
    where
        R: ruma::api::OutgoingRequest<PathBuilder = ruma::api::path_builder::VersionHistory>,
        for<'a> R::Authentication: ruma::api::auth_scheme::AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let mut identity = AppserviceUserIdentity::default();
        identity.user_id = Some(user);
        let token = SendAccessToken::Appservice(self.token.expose_secret());
        let request = request
            .try_into_http_request_with_identity::<Vec<u8>>(&self.base, token, identity, Cow::Borrowed(&self.versions))
            .map_err(|error| Failure::dead(format!("this call cannot be made: {error}")))?;
        reqwest::Request::try_from(request).map_err(|error| Failure::dead(net::why(error)))
    }
}

fn broken(reason: String) -> Failure {
    Failure::retry(format!("the homeserver's media broke off: {reason}"))
}
