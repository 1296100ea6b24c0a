//! The fuzz targets: each gets bytes and panics where what must hold for all input does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a target fails by panicking"
)]

#[path = "../../tests/hostile/strict_html.rs"]
mod strict_html;
pub mod targets;

pub type Check = fn(&[u8]);

/// One target: what it is called, and what it does with an input.
pub struct Target {
    pub name: &'static str,
    pub check: Check,
}

pub const TARGETS: &[Target] = &[
    Target { name: "event", check: targets::event::check },
    Target { name: "transaction", check: targets::transaction::check },
    Target { name: "html", check: targets::html::check },
    Target { name: "mail", check: targets::mail::check },
    Target { name: "typed", check: targets::typed::check },
    Target { name: "file", check: targets::file::check },
    Target { name: "config", check: targets::config::check },
    Target { name: "command", check: targets::command::check },
    Target { name: "answer", check: targets::answer::check },
    Target { name: "border", check: targets::border::check },
];

/// Text of any bytes: what is no UTF-8 is replaced, as it is on the way in.
pub fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The input in parts, cut at a byte that no UTF-8 has.
pub fn parts<const N: usize>(data: &[u8]) -> [String; N] {
    let mut parts = data.split(|byte| *byte == 0xff).map(|part| text(part).into_owned());
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
