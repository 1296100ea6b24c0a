//! The configuration: read, or refused with lines and mends, and never with a secret.

use std::path::Path;

use ticketroom::config::{Environment, Registration, parse};

use crate::text;

const SECRET: &str = "hunter2hunter2hunter2";

pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let input = text(rest);
    // What stands anywhere else than behind a secret's key is none.
    if input.contains("hunter2") {
        return;
    }
    let whole = match kind % 3 {
        0 => input.into_owned(),
        1 => format!(
            "homeserver:\n  address: http://127.0.0.1:8008\n  domain: example.org\nappservice:\n  as_token: {SECRET}a\n  \
             hs_token: {SECRET}b\nhelpdesk:\n  request_tracker:\n    url: http://127.0.0.1:8080\n    token: {SECRET}c\n{input}"
        ),
        _ => format!("appservice:\n  as_token: {SECRET}\n  hs_token: {SECRET}\n{input}"),
    };
    // No file of ours is there to be read by a name in it.
    match parse("c.yaml", Path::new("/nonexistent"), &whole, &Environment::default()) {
        Ok(config) => assert!(!format!("{:?}", config.appservice.as_token).contains(SECRET)),
        Err(problems) => {
            let told = problems.to_string();
            assert!(!told.is_empty());
            assert!(!told.contains(SECRET), "a secret is repeated: {told}");
        }
    }
    if let Ok(registration) = Registration::from_yaml(&whole) {
        let written = registration.to_yaml().unwrap();
        assert!(Registration::from_yaml(&written).unwrap().differs_from(&registration).is_empty());
    }
}
