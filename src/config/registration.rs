//! The appservice registration: what the homeserver must know of us, made from the configuration and compared with it.

use std::fmt;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::{
    listeners::without_slash,
    types::Config,
    yaml::{self, SyntaxError},
};

const HEADER: &str = "\
# Ticketroom's registration, made from its configuration. It holds secrets: only the homeserver needs to read it.
# Synapse: name this file in homeserver.yaml below `app_service_config_files:` and restart Synapse.
# After a change of the configuration: `ticketroom check` says whether the two still fit together.
";

/// The keys that we set; a homeserver's others are kept out of the comparison.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub id: String,
    pub url: String,
    pub as_token: String,
    pub hs_token: String,
    pub sender_localpart: String,
    /// Otherwise ghosts are stopped after three messages.
    #[serde(default = "yes")]
    pub rate_limited: bool,
    /// Typing and receipts: nothing here uses them.
    #[serde(default)]
    pub receive_ephemeral: bool,
    /// Devices of ghosts are made without a login, so that a repeated send is recognised across restarts.
    #[serde(rename = "io.element.msc4190", default)]
    pub msc4190: bool,
    pub namespaces: Namespaces,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespaces {
    #[serde(default)]
    pub users: Vec<Namespace>,
    #[serde(default)]
    pub aliases: Vec<Namespace>,
    #[serde(default)]
    pub rooms: Vec<Namespace>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    pub exclusive: bool,
    pub regex: String,
}

/// What the specification assumes where the key is left out.
fn yes() -> bool {
    true
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

impl Registration {
    pub fn of(config: &Config) -> Self {
        let appservice = &config.appservice;
        let names = format!("{}.*:{}", escape(&appservice.user_prefix), escape(config.homeserver.domain.as_str()));
        let namespace = |sigil: char| vec![Namespace { exclusive: true, regex: format!("{sigil}{names}$") }];
        Self {
            id: appservice.id.clone(),
            url: without_slash(&appservice.address).to_owned(),
            as_token: appservice.as_token.expose_secret().to_owned(),
            hs_token: appservice.hs_token.expose_secret().to_owned(),
            sender_localpart: appservice.sender_localpart.clone(),
            rate_limited: false,
            receive_ephemeral: false,
            msc4190: true,
            namespaces: Namespaces { users: namespace('@'), aliases: namespace('#'), rooms: Vec::new() },
        }
    }

    pub fn to_yaml(&self) -> Result<String, SyntaxError> {
        Ok(format!("{HEADER}{}", yaml::to_text(self)?))
    }

    pub fn from_yaml(text: &str) -> Result<Self, SyntaxError> {
        yaml::from_text(text)
    }

    /// The keys in which this one, as read from its file, is not what the configuration asks for.
    pub fn differs_from(&self, wanted: &Self) -> Vec<&'static str> {
        [
            ("id", self.id == wanted.id),
            ("url", self.url.trim_end_matches('/') == wanted.url),
            ("as_token", self.as_token == wanted.as_token),
            ("hs_token", self.hs_token == wanted.hs_token),
            ("sender_localpart", self.sender_localpart == wanted.sender_localpart),
            ("rate_limited", self.rate_limited == wanted.rate_limited),
            ("io.element.msc4190", self.msc4190 == wanted.msc4190),
            // More may be claimed, so that we may act for agents, too.
            ("namespaces.users", wanted.namespaces.users.iter().all(|it| self.namespaces.users.contains(it))),
            ("namespaces.aliases", self.namespaces.aliases == wanted.namespaces.aliases),
        ]
        .into_iter()
        .filter_map(|(key, same)| (!same).then_some(key))
        .collect()
    }
}

/// Makes signs stand for themselves in a regular expression.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len() + 4), |mut escaped, c| {
        if matches!(c, '.' | '+' | '[' | ']' | '(' | ')' | '*' | '?' | '^' | '$' | '|' | '\\' | '{' | '}') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}
