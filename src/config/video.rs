//! Video sessions: which provider, and for what there are none.

use secrecy::SecretString;
use url::Url;

use super::{
    problem::{Wrong, wrong},
    section::Section,
    values,
    yaml::Tree,
};
use crate::model::{JitsiTokens, OffFor, Provider, VideoSettings};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Jitsi,
    ElementCall,
    Template,
}

pub fn video(section: &Section<'_, '_>) -> Option<VideoSettings> {
    let kind = section.or("provider", "none", kind);
    let jitsi = jitsi(&section.section("jitsi"), kind == Some(Kind::Jitsi));
    let call = section.section("element_call");
    let call_address = call.optional("address", values::base_url);
    if kind == Some(Kind::ElementCall) && call_address == Some(None) {
        call.refuse("address", "is missing", "write where Element Call is, like https://call.example.org");
    }
    call.refuse_unknown();
    let template = section.optional("template", template);
    if kind == Some(Kind::Template) && template == Some(None) {
        let mend = "write the address of a session, with {session} where its name belongs";
        section.refuse("template", "is missing", mend);
    }
    let customers_may_ask = section.switch("customers_may_ask", false);
    let off_for = off_for(&section.section("off_for"));
    section.refuse_unknown();
    let provider = match kind? {
        Kind::None => None,
        Kind::Jitsi => Some(jitsi??),
        Kind::ElementCall => Some(Provider::ElementCall { address: call_address?? }),
        Kind::Template => Some(Provider::Template(template??)),
    };
    Some(VideoSettings {
        provider,
        customers_may_ask: customers_may_ask?,
        off_for: off_for?,
        // The names of sessions follow from a secret that is there anyway (`Config::settings`).
        key: SecretString::default(),
    })
}

/// The outer `None`: it is wrong, and that was noted. `wanted`: it is the provider.
fn jitsi(section: &Section<'_, '_>, wanted: bool) -> Option<Option<Provider>> {
    let address = section.optional("address", values::base_url);
    let app_id = section.optional("app_id", values::word);
    let secret = section.secret_optional("secret", values::token);
    let for_guests = section.switch("tokens_for_guests", false);
    section.refuse_unknown();
    if wanted && address == Some(None) {
        section.refuse("address", "is missing", "write where your Jitsi server is, like https://meet.example.org");
        return None;
    }
    let (address, app_id, secret, for_guests): (Option<Url>, _, _, _) = (address?, app_id?, secret?, for_guests?);
    let tokens = match (app_id, secret) {
        (Some(app_id), Some(secret)) => Some(JitsiTokens { app_id, secret, for_guests }),
        (None, None) if !for_guests => None,
        _ => {
            let mend =
                "give app_id and secret as the Jitsi server has them, or none of app_id, secret, tokens_for_guests";
            section.refuse("secret", "is only a part of what tokens need", mend);
            return None;
        }
    };
    Some(address.map(|address| Provider::Jitsi { address, tokens }))
}

fn off_for(section: &Section<'_, '_>) -> Option<OffFor> {
    let desks = names(section, "desks");
    let templates = names(section, "templates");
    let devices = names(section, "devices");
    section.refuse_unknown();
    Some(OffFor { desks: desks?, templates: templates?, devices: devices? })
}

fn names(section: &Section<'_, '_>, key: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for (path, item) in section.list(key)? {
        match item {
            Tree::Text(name) if !name.trim().is_empty() => names.push(name.trim().to_owned()),
            Tree::Number(id) => names.push(id),
            _ => {
                section.reader.refuse(&path, "is no name", "write one name behind each `- `");
                return None;
            }
        }
    }
    Some(names)
}

fn kind(text: &str) -> Result<Kind, Wrong> {
    match text {
        "none" => Ok(Kind::None),
        "jitsi" => Ok(Kind::Jitsi),
        "element_call" => Ok(Kind::ElementCall),
        "template" => Ok(Kind::Template),
        _ => wrong("is no provider of video sessions", "write none, jitsi, element_call or template"),
    }
}

fn template(text: &str) -> Result<String, Wrong> {
    let mend = "write it like https://video.example.org/{session}";
    if text.matches("{session}").count() != 1 {
        return wrong("does not say once where the session's name belongs", mend);
    }
    match Url::parse(&text.replace("{session}", "x")) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.host().is_some() => Ok(text.to_owned()),
        _ => wrong("is no address of a web page", mend),
    }
}
