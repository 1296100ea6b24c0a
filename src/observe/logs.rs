//! Structured logs on standard error, and the shapes in which people and secrets may appear in them.
//!
//! Rooms and tickets are logged by their ids; of a person only `Who`; of a body or token nothing.

use std::{fmt, sync::OnceLock};

use anyhow::anyhow;
use ruma::UserId;
use sha2::{Digest, Sha256};
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

use crate::{
    config::{LogFormat, Logging},
    net,
};

/// Starts logging. `RUST_LOG` wins over the configured level; a library's debug output is never on by the level alone.
pub fn init_logs(logging: &Logging) -> anyhow::Result<()> {
    let configured = || {
        let level = logging.level;
        EnvFilter::new(format!("warn,ticketroom={level}"))
    };
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.trim().is_empty() => {
            EnvFilter::try_new(&directives).map_err(|error| anyhow!("RUST_LOG can't be read: {error}"))?
        }
        _ => configured(),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        .with_ansi(false);
    match logging.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow!("logs were started already: {error}"))
}

/// A person in a log: a short name that is the same within one run of the program and says nothing outside of it.
pub struct Who<'a>(pub &'a UserId);

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Salted, because the ids of a server's users are few enough to try them all.
        static SALT: OnceLock<String> = OnceLock::new();
        let salt = SALT.get_or_init(|| net::secret_token().unwrap_or_default());
        let digest = Sha256::new().chain_update(salt).chain_update(self.0.as_bytes()).finalize();
        f.write_str("user-")?;
        digest.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Something that must not be logged, of which only the size is told.
pub struct Hidden<'a>(pub &'a str);

impl fmt::Display for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why JSON of others can't be read, without what stands in it: the library's own words quote it.
pub struct Unreadable<'a>(pub &'a serde_json::Error);

impl fmt::Display for Unreadable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.0.classify() {
            serde_json::error::Category::Data => "it has another shape",
            serde_json::error::Category::Eof => "it breaks off",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is no JSON",
        };
        write!(f, "{what}, line {} column {}", self.0.line(), self.0.column())
    }
}

#[cfg(test)]
mod tests {
    use ruma::user_id;

    use super::*;

    #[test]
    fn a_person_is_recognisable_within_a_run_and_not_by_name() {
        let (ada, bob) = (user_id!("@ada:example.org"), user_id!("@bob:example.org"));
        let text = format!("{} {:?}", Who(ada), Who(ada));
        assert!(!text.contains("ada") && !text.contains("example"), "{text}");
        assert_eq!(Who(ada).to_string(), Who(ada).to_string());
        assert_ne!(Who(ada).to_string(), Who(bob).to_string());
    }

    #[test]
    fn an_error_does_not_repeat_what_it_is_about() {
        for (json, told) in [
            (r#"{"event_id":"secret"}"#, "it has another shape, line 1 column 21"),
            (r#"{"content":"secret"}"#, "it has another shape, line 1 column 19"),
            ("{\"event_id\":\"sec", "it breaks off, line 1 column 16"),
            ("secret", "it is no JSON, line 1 column 1"),
        ] {
            let error = crate::matrix::peek(json).unwrap_err();
            assert_eq!(Unreadable(&error).to_string(), told, "{json}: {error}");
        }
    }

    #[test]
    fn of_a_body_only_the_size_is_told() {
        assert_eq!(format!("{} {:?}", Hidden("secret"), Hidden("secret")), "[6 bytes] [6 bytes]");
    }
}
