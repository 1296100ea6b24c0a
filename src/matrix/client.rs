//! Calls to the homeserver as one of our users, and what their failures mean.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/>, identity assertion:
//! <https://spec.matrix.org/v1.18/application-service-api/#identity-assertion>

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use ruma::api::auth_scheme::{AuthScheme, SendAccessToken};
use ruma::api::client::device::update_device;
use ruma::api::path_builder::VersionHistory;
use ruma::api::{
    AppserviceUserIdentity, IncomingResponse, MatrixVersion, OutgoingRequest, OutgoingRequestAppserviceExt,
    SupportedVersions,
};
use ruma::{DeviceId, ServerName, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::media::UploadLimit;
use super::transport::Transport;
use crate::model::{Failure, Next, Why};
use crate::net::{Claim, Pause};
use crate::observe::metrics::{SIDE_MATRIX, WITHHELD};

/// The device of every user of ours. Synapse remembers transaction ids over its own restart only for a device.
pub const DEVICE: &str = "TICKETROOM";
/// A /sync answer after a long outage is the largest we read.
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

#[derive(Clone)]
pub struct HomeserverOptions {
    pub address: url::Url,
    pub as_token: SecretString,
    pub request_timeout: Duration,
}

/// The homeserver, as the application service sees it.
pub struct Homeserver {
    transport: Arc<dyn Transport>,
    pause: Pause,
    pub(super) base: String,
    pub(super) token: SecretString,
    timeout: Duration,
    pub(super) versions: SupportedVersions,
    pub(super) limit: UploadLimit,
    claim: Claim,
}

/// A refusal, in the homeserver's own terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the homeserver answered {status} {code}")]
pub struct Refusal {
    pub status: u16,
    /// `M_FORBIDDEN` …; empty where the answer was not Matrix JSON.
    pub code: String,
    pub message: String,
    pub retry_after: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    Refused(Refusal),
    /// No answer: it may or may not have happened.
    #[error("no answer from the homeserver: {0}")]
    NoAnswer(String),
    /// The connection was not made: it did not happen.
    #[error("the homeserver cannot be reached: {0}")]
    Unreachable(String),
    /// An answer that is none (HTML, cut off, too long).
    #[error("the homeserver's answer cannot be read: {0}")]
    Garbled(String),
    #[error("the homeserver's answer is longer than {MAX_RESPONSE_BYTES} bytes")]
    TooLong,
    #[error("this call cannot be made: {0}")]
    Impossible(String),
}

impl CallError {
    pub fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == code)
    }

    /// The device that the call was made with is not there.
    pub fn is_without_device(&self) -> bool {
        matches!(self, Self::Refused(refusal)
            if refusal.code == "M_UNKNOWN_DEVICE" || (refusal.status == 400 && refusal.message.contains("device")))
    }

    /// The homeserver may be dead: nothing came from it, or not its own words.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.code.is_empty() || refusal.status >= 500,
            Self::NoAnswer(_) | Self::Unreachable(_) | Self::Garbled(_) => true,
            Self::TooLong | Self::Impossible(_) => false,
        }
    }

    /// The homeserver lives, and fails at this.
    pub fn is_its_own_fault(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status >= 500 && !refusal.code.is_empty())
    }

    /// Perhaps the fault of this homeserver, which is not ours: ours says so, or is still waiting for it.
    pub fn is_elsewhere(&self, theirs: &ServerName, ours: &ServerName) -> bool {
        let may_be = matches!(self, Self::NoAnswer(_))
            || matches!(self, Self::Refused(refusal) if refusal.status == 502 && !refusal.code.is_empty());
        may_be && theirs != ours
    }

    /// A ping's: see `repeats_already`.
    pub fn is_repeating(&self) -> bool {
        matches!(self, Self::Refused(refusal) if repeats_already(&refusal.message))
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }
}

/// Whether a ping failed because the homeserver reaches us and delivers already: Synapse calls us, and then stumbles over the
/// timer of the repeat that is under way.
pub fn repeats_already(message: &str) -> bool {
    message.starts_with("AlreadyCalled") || message.starts_with("AlreadyCancelled")
}

fn later(after: Option<Duration>, reason: String) -> Failure {
    Failure { next: Next::Retry { after }, ..Failure::retry(reason) }
}

impl From<CallError> for Failure {
    /// All our calls can be repeated: sends by their transaction id, the rest by their nature. So nothing is uncertain
    /// here, only to be done again.
    fn from(error: CallError) -> Self {
        let reason = error.to_string();
        if error.is_without_device() {
            // It was made again when that was answered.
            return Failure::retry(reason);
        }
        match error {
            CallError::Refused(refusal) => match refusal.status {
                429 => later(refusal.retry_after, reason),
                // Our token is refused: nothing of ours is wrong with the message; the administrator has to act.
                401 => Failure::retry(format!("{reason}: as_token is not accepted; run `ticketroom check`"))
                    .because(Why::Setup),
                // Not the homeserver's own words: a proxy in front of it, in an outage perhaps.
                _ if refusal.code.is_empty() => Failure::retry(format!("{reason}, and no Matrix error")),
                500..=599 => later(refusal.retry_after, reason),
                _ if refusal.message.is_empty() => Failure::dead(reason),
                _ => {
                    let said = without_people(&refusal.message);
                    Failure::dead(format!("{reason} ({said})")).because(Why::said(said))
                }
            },
            CallError::NoAnswer(_) | CallError::Unreachable(_) | CallError::Garbled(_) | CallError::TooLong => {
                Failure::retry(reason)
            }
            CallError::Impossible(_) => Failure::dead(reason),
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    errcode: String,
    #[serde(default)]
    error: String,
    retry_after_ms: Option<u64>,
}

/// Any JSON object.
#[derive(Deserialize)]
struct NoMatterWhat {}

impl Homeserver {
    pub fn new(options: HomeserverOptions, http: reqwest::Client) -> Self {
        Self::over(options, Arc::new(http))
    }

    /// By another way than HTTP: for simulations.
    pub fn over(options: HomeserverOptions, transport: Arc<dyn Transport>) -> Self {
        // Every endpoint that we use is there since 1.11; asking /versions first would only be one more thing to fail.
        let versions = SupportedVersions {
            versions: BTreeSet::from([MatrixVersion::V1_1, MatrixVersion::V1_11]),
            features: BTreeSet::new(),
        };
        Self {
            transport,
            pause: Pause::default(),
            base: options.address.as_str().trim_end_matches('/').to_owned(),
            token: options.as_token,
            timeout: options.request_timeout,
            versions,
            limit: UploadLimit::default(),
            claim: Claim::default(),
        }
    }

    /// Calls only as long as this holds.
    #[must_use]
    pub fn with_claim(self, claim: Claim) -> Self {
        Self { claim, ..self }
    }

    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// A call as one of our users, with the device that makes transaction ids durable. Where somebody has removed that
    /// (administrators tidy up), it is made again for the next attempt.
    pub async fn call<R>(&self, user: &UserId, request: R) -> Result<R::IncomingResponse, CallError>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let result = self.call_as(Some(user), Some(<&DeviceId>::from(DEVICE)), request).await;
        if result.as_ref().is_err_and(CallError::is_without_device) {
            self.make_device(user).await?;
        }
        result
    }

    pub async fn make_device(&self, user: &UserId) -> Result<(), CallError> {
        self.call_without_device(user, update_device::v3::Request::new(DEVICE.into())).await.map(drop)
    }

    /// A call as a user who may not have the device.
    pub async fn call_without_device<R>(&self, user: &UserId, request: R) -> Result<R::IncomingResponse, CallError>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        self.call_as(Some(user), None, request).await
    }

    /// A call of the application service itself.
    pub async fn call_as_service<R>(&self, request: R) -> Result<R::IncomingResponse, CallError>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        self.call_as(None, None, request).await
    }

    /// Registers one of our users: `inhibit_login`, since application services may not log in everywhere (MSC4190).
    pub async fn register(&self, localpart: &str) -> Result<(), CallError> {
        use ruma::api::client::account::register::{LoginType, v3};
        let mut request = v3::Request::new();
        request.username = Some(localpart.to_owned());
        request.login_type = Some(LoginType::ApplicationService);
        request.inhibit_login = true;
        // An endpoint for everybody, and yet the token has to be sent: so it is not `call_as_service`.
        let token = SendAccessToken::Appservice(self.token.expose_secret());
        let request = request
            .try_into_http_request::<Vec<u8>>(&self.base, token, Cow::Borrowed(&self.versions))
            .map_err(|error| CallError::Impossible(error.to_string()))?;
        match self.exchange::<v3::Request>(request).await {
            Err(error) if error.is("M_USER_IN_USE") => Ok(()),
            other => other.map(drop),
        }
    }

    async fn call_as<R>(
        &self,
        user: Option<&UserId>,
        device: Option<&DeviceId>,
        request: R,
    ) -> Result<R::IncomingResponse, CallError>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let mut identity = AppserviceUserIdentity::default();
        identity.user_id = user;
        identity.device_id = device;
        let token = SendAccessToken::Appservice(self.token.expose_secret());
        let request = request
            .try_into_http_request_with_identity::<Vec<u8>>(&self.base, token, identity, Cow::Borrowed(&self.versions))
            .map_err(|error| CallError::Impossible(error.to_string()))?;
        self.exchange::<R>(request).await
    }

    async fn exchange<R: OutgoingRequest>(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<R::IncomingResponse, CallError> {
        let mut request =
            reqwest::Request::try_from(request).map_err(|error| CallError::Impossible(crate::net::why(error)))?;
        *request.timeout_mut() = Some(self.timeout);
        let response = self.send_raw(request).await?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        self.read::<R>(response).await
    }

    /// Sends it as it is; the answer may be a refusal. While the homeserver asked to be left alone nothing leaves us,
    /// whoever wants it: it would only be refused again.
    pub(super) async fn send_raw(&self, request: reqwest::Request) -> Result<reqwest::Response, CallError> {
        if !self.claim.holds() {
            metrics::counter!(WITHHELD, "side" => SIDE_MATRIX).increment(1);
            return Err(CallError::Unreachable("another instance may have taken over".to_owned()));
        }
        match self.pause.left() {
            Some(left) => Err(CallError::Refused(Refusal {
                status: StatusCode::TOO_MANY_REQUESTS.as_u16(),
                code: "M_LIMIT_EXCEEDED".to_owned(),
                message: String::new(),
                retry_after: Some(left),
            })),
            None => self.transport.send(request).await,
        }
    }

    /// What a refusing answer says.
    pub(super) async fn refused(&self, response: reqwest::Response) -> CallError {
        let (status, headers) = (response.status(), response.headers().clone());
        match read_capped(response).await {
            Ok(body) => {
                let refusal = refusal(status, &headers, &body);
                if let Some(wait) = refusal.retry_after {
                    self.pause.ask(wait);
                }
                CallError::Refused(refusal)
            }
            Err(error) => error,
        }
    }

    pub(super) async fn read<R: OutgoingRequest>(
        &self,
        response: reqwest::Response,
    ) -> Result<R::IncomingResponse, CallError> {
        let status = response.status();
        let body = read_capped(response).await?;
        // An answer without content would be found in any page that a proxy shows.
        if serde_json::from_slice::<NoMatterWhat>(&body).is_err() {
            return Err(CallError::Garbled("it is no JSON object".to_owned()));
        }
        let response = http::Response::builder()
            .status(status)
            .body(body)
            .map_err(|error| CallError::Garbled(error.to_string()))?;
        R::IncomingResponse::try_from_http_response(response).map_err(|_| {
            CallError::Garbled("it is not what the Matrix specification says for this endpoint".to_owned())
        })
    }
}

/// The homeserver's words, made fit for logs and rooms: it likes to name people by their ids.
fn without_people(message: &str) -> String {
    let words = message.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '@');
        if bare.starts_with('@') && bare.contains(':') { "(somebody)" } else { word }
    });
    crate::text::clean_name(&words.collect::<Vec<_>>().join(" "))
}

async fn read_capped(mut response: reqwest::Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::NoAnswer(crate::net::why(error)))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(CallError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refusal(status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Refusal {
    let parsed = serde_json::from_slice::<ErrorBody>(body).ok();
    let from_body = parsed.as_ref().and_then(|body| body.retry_after_ms).map(Duration::from_millis);
    let from_header = crate::net::retry_after(headers, crate::clock::wall());
    let unsaid = (status == StatusCode::TOO_MANY_REQUESTS).then_some(crate::net::ASKED_PAUSE);
    Refusal {
        status: status.as_u16(),
        code: parsed.as_ref().map(|body| body.errcode.clone()).unwrap_or_default(),
        message: parsed.map(|body| body.error).unwrap_or_default(),
        retry_after: from_header.or(from_body).or(unsaid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_nobody() {
        let refusal = Refusal {
            status: 403,
            code: "M_FORBIDDEN".to_owned(),
            message: "User @ada:example.org not in room !r:example.org (or '@bob:example.org')".to_owned(),
            retry_after: None,
        };
        let failure = Failure::from(CallError::Refused(refusal));
        assert_eq!(failure.next, Next::Dead);
        assert!(!failure.reason.contains("ada") && !failure.reason.contains("bob"), "{}", failure.reason);
        assert!(failure.reason.contains("M_FORBIDDEN"), "{}", failure.reason);
    }
}
