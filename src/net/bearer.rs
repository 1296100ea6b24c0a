//! Who calls us: the token in the header, and whether it is the right one.

use axum::http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// In a time that does not tell how much of it is right.
pub fn is_secret(token: &str, secret: &SecretString) -> bool {
    token.as_bytes().ct_eq(secret.expose_secret().as_bytes()).into()
}
