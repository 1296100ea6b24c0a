//! The only source of randomness.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{RngExt, TryRng, rngs::SysRng};

/// 256 bits: nobody guesses it, and it still fits on a line.
const TOKEN_BYTES: usize = 32;

/// A fresh secret, straight from the operating system.
pub fn secret_token() -> std::io::Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Signs that nobody mistakes for one another on a sticker; 32, so that each byte picks one evenly.
const CODE_SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const CODE_CHARS: usize = 16;

/// An intake code that nobody guesses: 80 bits.
pub fn code_id() -> std::io::Result<String> {
    let mut bytes = [0; CODE_CHARS];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    let signs = bytes.iter().filter_map(|byte| CODE_SIGNS.get(usize::from(byte % 32)));
    Ok(signs.map(|sign| char::from(*sign)).collect())
}

/// Evenly between 0 and 1, for jitter.
#[allow(clippy::disallowed_methods, reason = "this is the one home")]
pub fn fraction() -> f64 {
    rand::rng().random()
}
