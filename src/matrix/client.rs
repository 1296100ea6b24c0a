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
use ruma::{DeviceId, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::call_error::{CallError, Refusal, refusal};
use super::media::UploadLimit;
use super::transport::Transport;
use crate::net::{Claim, Pause};
use crate::observe::metrics::{SIDE_MATRIX, WITHHELD};

/// The device of every user of ours. Synapse remembers transaction ids over its own restart only for a device.
pub const DEVICE: &str = "TICKETROOM";
/// A /sync answer after a long outage is the largest we read.
pub(super) const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

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

    /// What a refusing answer says, heeded.
    pub(super) async fn refused(&self, response: reqwest::Response) -> CallError {
        let error = refused_alone(response).await;
        self.heed(&error);
        error
    }

    /// It may have asked to be left alone, whoever calls.
    pub(super) fn heed(&self, error: &CallError) {
        if let CallError::Refused(Refusal { retry_after: Some(wait), .. }) = error {
            self.pause.ask(*wait);
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

/// What a refusing answer says.
pub(super) async fn refused_alone(response: reqwest::Response) -> CallError {
    let (status, headers) = (response.status(), response.headers().clone());
    match read_capped(response).await {
        Ok(body) => CallError::Refused(refusal(status, &headers, &body)),
        Err(error) => error,
    }
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
