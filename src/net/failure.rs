//! Why a request failed, in words without its address: addresses hold Matrix ids.

use std::error::Error;

/// Whether it is certain that the other side never saw the request.
pub fn never_left(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder()
}

/// For logs and people: what happened and the innermost cause, never the address.
pub fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    let what = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_redirect() {
        "sent elsewhere"
    } else if error.is_decode() || error.is_body() {
        "the answer can't be read"
    } else if error.is_builder() {
        "the request can't be built"
    } else {
        "the request failed"
    };
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(deeper) = cause.and_then(Error::source) {
        cause = Some(deeper);
    }
    match cause {
        Some(cause) => format!("{what} ({cause})"),
        None => what.to_owned(),
    }
}
