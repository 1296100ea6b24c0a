//! HTTP: the one place where clients are built and every limit of theirs is named; whether we may still call others; who
//! calls us; and randomness.

mod bearer;
mod claim;
mod client;
mod failure;
mod limited;
mod pause;
mod random;
mod retry_after;
mod transfer;

pub use bearer::{bearer, is_secret};
pub use claim::{Asked, Claim};
pub use client::{
    CONNECT_TIMEOUT, HOMESERVER_IDLE_CONNECTIONS, HOMESERVER_TIMEOUT, HelpdeskLimits, USER_AGENT, helpdesk_client,
    homeserver_client, install_crypto_provider,
};
pub use failure::{never_left, why};
pub use limited::{ANSWER_MAX_BYTES, TooLarge, read_limited};
pub use pause::{ASKED_PAUSE, Pause};
pub use random::{code_id, fraction, secret_token};
pub use retry_after::retry_after;
pub use transfer::{next_chunk, transfer_timeout};
