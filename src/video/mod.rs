//! Addresses of video sessions, by provider. Pure: the time is passed in, and names come from a key and the event that
//! asked for the session, so that doing it twice makes one session.

mod jwt;

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use ruma::{EventId, RoomId, ServerName};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use url::{Url, form_urlencoded};

use crate::model::{JitsiTokens, Provider, TicketId, Widget};

/// A token is for one working day; who comes back later gets another one by `!video`.
const TOKEN_S: i64 = 12 * 3600;
/// Hexadecimal digits of a name: 160 bits.
const NAME_DIGITS: usize = 40;
/// What Element Call wants to know of the client that shows it beside the messages, in the variables of MSC2871, 3819 and
/// 4039. `widgetId` and `parentUrl` are not among it: clients add them by themselves, and where one opens the page in
/// a browser instead, Element Call takes the lack of them for what it is. Ticket rooms are not encrypted, nor is their call.
const AS_WIDGET: &str = "&userId=$matrix_user_id&deviceId=$org.matrix.msc3819.matrix_device_id\
     &baseUrl=$org.matrix.msc4039.matrix_base_url&confineToRoom=true&returnToLobby=true&perParticipantE2EE=false";

/// Who joins with a signed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest<'a> {
    Moderator(&'a str),
    Customer,
}

/// A ticket's room, and a server that is in it.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    pub room: &'a RoomId,
    pub server: &'a ServerName,
}

/// An unguessable name. Lower case only: Jitsi makes no difference.
pub fn name(key: &SecretString, ticket: &TicketId, cause: &EventId) -> String {
    format!("ticket-{}", digits(key, &format!("name of {ticket} {cause}")))
}

/// For everybody in the ticket's room.
pub fn public_url(provider: &Provider, name: &str, home: Home<'_>, now_ms: i64) -> String {
    match provider {
        Provider::Jitsi { address, .. } => {
            guest_url(provider, name, now_ms).unwrap_or_else(|| jitsi(address, name, None))
        }
        Provider::ElementCall { address } => call(address, name, home),
        Provider::Template(template) => template.replace("{session}", name),
    }
}

/// For the helpdesk to keep: without a token, which ends, and makes it longer than a helpdesk may keep.
pub fn lasting_url<'a>(provider: &Provider, name: &str, public: &'a str) -> Cow<'a, str> {
    match provider {
        Provider::Jitsi { address, .. } => jitsi(address, name, None).into(),
        _ => public.into(),
    }
}

/// Signed anew, where customers need a token: the one in the room's first link ends. `None`: the address stays as it is.
pub fn guest_url(provider: &Provider, name: &str, now_ms: i64) -> Option<String> {
    let Provider::Jitsi { address, tokens: Some(tokens) } = provider else { return None };
    let signed = || jitsi(address, name, Some(token(tokens, address, name, Guest::Customer, now_ms)));
    tokens.for_guests.then(signed)
}

/// For the agent who leads it; the same as for everybody where the provider knows no such role.
pub fn agent_url(provider: &Provider, name: &str, public: &str, agent: &str, now_ms: i64) -> String {
    match provider {
        Provider::Jitsi { address, tokens: Some(tokens) } => {
            jitsi(address, name, Some(token(tokens, address, name, Guest::Moderator(agent), now_ms)))
        }
        _ => public.to_owned(),
    }
}

/// The session beside the room's messages.
pub fn widget(provider: &Provider, name: &str, public: &str, home: Home<'_>, title: String) -> Widget {
    let plain = Widget { name: title, url: public.to_owned(), jitsi: None, is_call: false };
    match provider {
        Provider::Jitsi { address, tokens } if shows_itself(address, tokens.as_ref()) => {
            Widget { jitsi: Some((host(address), name.to_owned())), ..plain }
        }
        Provider::ElementCall { address } => {
            Widget { url: call(address, name, home) + AS_WIDGET, is_call: true, ..plain }
        }
        _ => plain,
    }
}

/// Whether a client that opens Jitsi by itself comes into the conference of the link. It knows a host, and leaves the token
/// and the path away.
fn shows_itself(address: &Url, tokens: Option<&JitsiTokens>) -> bool {
    address.scheme() == "https" && address.path() == "/" && tokens.is_none_or(|tokens| !tokens.for_guests)
}

/// The call of the ticket's room: Element Call makes no room, it looks for one. The room's id decides which; the name tells
/// one session's link from the other's. What stands behind `#` reaches no server.
fn call(address: &Url, name: &str, home: Home<'_>) -> String {
    let base = address.as_str().trim_end_matches('/');
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("roomId", home.room.as_str())
        .append_pair("viaServers", home.server.as_str())
        .finish();
    format!("{base}/room/#/{name}?{query}")
}

fn jitsi(address: &Url, name: &str, token: Option<String>) -> String {
    let base = address.as_str().trim_end_matches('/');
    match token {
        Some(token) => format!("{base}/{name}?jwt={token}"),
        None => format!("{base}/{name}"),
    }
}

fn host(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// As Jitsi's own documentation has it: for this room alone.
fn token(tokens: &JitsiTokens, address: &Url, name: &str, guest: Guest<'_>, now_ms: i64) -> String {
    let now_s = now_ms.div_euclid(1000);
    let user = match guest {
        Guest::Moderator(name) => serde_json::json!({ "name": name, "moderator": true, "affiliation": "owner" }),
        Guest::Customer => serde_json::json!({ "moderator": false, "affiliation": "member" }),
    };
    let claims = serde_json::json!({
        "aud": tokens.app_id,
        "iss": tokens.app_id,
        "sub": address.host_str().unwrap_or_default(),
        "room": name,
        "iat": now_s,
        "exp": now_s + TOKEN_S,
        "context": { "user": user },
    });
    jwt::sign(&claims, &tokens.secret)
}

fn digits(key: &SecretString, of: &str) -> String {
    let mac = hmac(key.expose_secret().as_bytes(), &format!("ticketroom video session 1\n{of}"));
    let digits: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(NAME_DIGITS).collect()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length: there is nothing that could go wrong.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use ruma::{event_id, room_id, server_name};

    use super::*;

    const NOW_MS: i64 = 1_795_000_000_000;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn provider(tokens: Option<JitsiTokens>) -> Provider {
        Provider::Jitsi { address: "https://meet.example.org/".parse().unwrap(), tokens }
    }

    fn tokens(for_guests: bool) -> Option<JitsiTokens> {
        Some(JitsiTokens { app_id: "desk".to_owned(), secret: secret("a secret of the server"), for_guests })
    }

    fn home() -> Home<'static> {
        Home { room: room_id!("!r+ä&o=m:example.org"), server: server_name!("example.org:8448") }
    }

    fn element_call() -> Provider {
        Provider::ElementCall { address: "https://call.example.org".parse().unwrap() }
    }

    /// As Element Call reads it (`ParamParser` of its `UrlParams.ts`): what stands in the fragment behind `?`.
    fn parameters(url: &str) -> Vec<(String, String)> {
        let parsed = Url::parse(url).unwrap();
        assert_eq!((parsed.path(), parsed.query()), ("/room/", None), "{url}");
        let (_, query) = parsed.fragment().and_then(|fragment| fragment.split_once('?')).unwrap();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    fn claims(url: &str) -> serde_json::Value {
        let token = url.split_once("?jwt=").unwrap().1;
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn a_name_follows_from_key_ticket_and_event_and_from_nothing_less() {
        let (one, event) = (TicketId::new("1"), event_id!("$a"));
        let name_of = |key: &str, ticket: &TicketId, event| name(&secret(key), ticket, event);
        let first = name_of("key", &one, event);
        assert_eq!(first.len(), "ticket-".len() + NAME_DIGITS);
        assert_eq!(first, name_of("key", &one, event));
        let others = [
            name_of("other", &one, event),
            name_of("key", &TicketId::new("2"), event),
            name_of("key", &one, event_id!("$b")),
        ];
        assert!(!others.contains(&first));
    }

    #[test]
    fn the_links_of_each_provider() {
        let public = |provider: &Provider| public_url(provider, "ticket-x", home(), NOW_MS);
        assert_eq!(public(&provider(None)), "https://meet.example.org/ticket-x");
        assert_eq!(public(&provider(tokens(false))), "https://meet.example.org/ticket-x");
        let other = Provider::Template("https://v.example.org/{session}?lang=de".to_owned());
        assert_eq!(public(&other), "https://v.example.org/ticket-x?lang=de");
        assert_eq!(agent_url(&other, "ticket-x", &public(&other), "Ada", NOW_MS), public(&other));
        for provider in [provider(None), provider(tokens(true))] {
            assert_eq!(lasting_url(&provider, "ticket-x", &public(&provider)), "https://meet.example.org/ticket-x");
        }
        assert_eq!(lasting_url(&element_call(), "ticket-x", &public(&element_call())), public(&element_call()));
    }

    #[test]
    fn only_the_agents_link_moderates_and_each_is_for_this_room_and_day() {
        let moderated = agent_url(&provider(tokens(false)), "ticket-x", "", "Ada \"x\"", NOW_MS);
        let claims_of_agent = claims(&moderated);
        assert_eq!(claims_of_agent["room"], "ticket-x");
        assert_eq!(claims_of_agent["sub"], "meet.example.org");
        assert_eq!((&claims_of_agent["iss"], &claims_of_agent["aud"]), (&"desk".into(), &"desk".into()));
        assert_eq!(claims_of_agent["exp"], 1_795_043_200);
        assert_eq!(claims_of_agent["context"]["user"]["moderator"], true);
        assert_eq!(claims_of_agent["context"]["user"]["name"], "Ada \"x\"");
        let guest = claims(&public_url(&provider(tokens(true)), "ticket-x", home(), NOW_MS));
        assert_eq!(guest["context"]["user"]["moderator"], false);
        assert_eq!(guest["room"], "ticket-x");
        let next_day = guest_url(&provider(tokens(true)), "ticket-x", NOW_MS + 86_400_000).unwrap();
        assert_eq!(claims(&next_day)["exp"], 1_795_043_200 + 86_400);
        assert_eq!(
            guest_url(&provider(tokens(false)), "ticket-x", NOW_MS),
            None,
            "who needs none keeps the first link"
        );
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_link_of_element_call_leads_to_the_tickets_room() {
        let url = public_url(&element_call(), "ticket-x", home(), NOW_MS);
        assert!(url.starts_with("https://call.example.org/room/#/ticket-x?roomId=%21"), "{url}");
        let expected = [("roomId", home().room.as_str()), ("viaServers", home().server.as_str())];
        assert_eq!(parameters(&url), pairs(&expected));
        assert_eq!(crate::text::linkable(&url).as_deref(), Some(url.as_str()), "it stays what it is in a message");
    }

    #[test]
    fn a_widget_of_element_call_is_the_same_call_and_knows_its_client() {
        let widget = widget(&element_call(), "ticket-x", "https://old", home(), "Video".to_owned());
        assert!(widget.is_call && widget.jitsi.is_none(), "{widget:?}");
        let expected = [
            ("roomId", home().room.as_str()),
            ("viaServers", home().server.as_str()),
            ("userId", "$matrix_user_id"),
            ("deviceId", "$org.matrix.msc3819.matrix_device_id"),
            ("baseUrl", "$org.matrix.msc4039.matrix_base_url"),
            ("confineToRoom", "true"),
            ("returnToLobby", "true"),
            ("perParticipantE2EE", "false"),
        ];
        assert_eq!(parameters(&widget.url), pairs(&expected));
    }

    #[test]
    fn a_widget_is_jitsis_own_where_it_leads_to_the_conference_of_the_link() {
        let widget_of =
            |provider: &Provider| widget(provider, "ticket-x", "https://u", home(), "Video".to_owned()).jitsi;
        let own = Some(("meet.example.org".to_owned(), "ticket-x".to_owned()));
        assert_eq!(widget_of(&provider(None)), own);
        assert_eq!(widget_of(&provider(tokens(false))), own);
        assert_eq!(widget_of(&provider(tokens(true))), None);
        for elsewhere in ["https://meet.example.org/support", "http://meet.example.org"] {
            let provider = Provider::Jitsi { address: elsewhere.parse().unwrap(), tokens: None };
            let widget = widget(&provider, "ticket-x", "https://u", home(), "Video".to_owned());
            assert_eq!((widget.url.as_str(), widget.jitsi), ("https://u", None), "{elsewhere}");
        }
        assert_eq!(widget_of(&Provider::Template("https://v/{session}".to_owned())), None);
    }
}
