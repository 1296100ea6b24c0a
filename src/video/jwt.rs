//! Signed tokens (RFC 7519) with HMAC-SHA256, as Jitsi servers take them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

pub fn sign(claims: &Value, secret: &SecretString) -> String {
    let head = BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
    let signature = BASE64.encode(super::hmac(secret.expose_secret().as_bytes(), &signed));
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_signed_as_others_sign_it() {
        // Signed with Python's hmac and hashlib.
        let secret = SecretString::from("a-string-secret-at-least-256-bits-long".to_owned());
        let token = sign(&json!({ "sub": "1234567890" }), &secret);
        assert_eq!(
            token,
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.U7r9jdoxPWOde6gnQpR3RypTbOnnhS1pjKQrrxHqcDI"
        );
    }
}
