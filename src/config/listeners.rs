//! Values that are right alone and contradict each other: where we listen, where we are looked for, and who is who.

use std::net::IpAddr;

use secrecy::ExposeSecret;
use url::{Host, Url};

use super::{reader::Reader, types::Config};

pub fn refuse_contradictions(config: &Config, reader: &Reader<'_>) {
    refuse_shared_port(config, reader);
    refuse_unreachable(config, reader);
    refuse_shared_token(config, reader);
    for (i, agent) in config.agents.iter().enumerate() {
        let ours = agent.matrix.server_name() == config.homeserver.domain
            && agent.matrix.localpart().starts_with(&config.appservice.user_prefix);
        if ours {
            let mend = "name the agent's own account: what ours write is taken for our own echo";
            reader.refuse(&format!("agents[{i}].matrix"), "is one of Ticketroom's own accounts", mend);
        }
    }
}

fn refuse_shared_port(config: &Config, reader: &Reader<'_>) {
    let (appservice, observe) = (&config.appservice, &config.observe);
    let overlap =
        appservice.hostname == observe.hostname || everywhere(&appservice.hostname) || everywhere(&observe.hostname);
    if appservice.port == observe.port && overlap {
        let mend = "choose another port: health and metrics have a listener of their own, which need not be public";
        reader.refuse("observe.port", "is appservice.port too", mend);
    }
}

/// Whoever can hint must not be able to speak as the homeserver, nor to it.
fn refuse_shared_token(config: &Config, reader: &Reader<'_>) {
    let Some(hint) = &config.hint_token else { return };
    let appservice = &config.appservice;
    for (name, other) in [("as_token", &appservice.as_token), ("hs_token", &appservice.hs_token)] {
        if hint.expose_secret() == other.expose_secret() {
            let mend = "make one of its own: it stands in the helpdesk, where others can read it";
            reader.refuse("helpdesk.hint_token", format!("is the same as appservice.{name}"), mend);
        }
    }
}

fn refuse_unreachable(config: &Config, reader: &Reader<'_>) {
    let appservice = &config.appservice;
    let Some(host) = appservice.address.host() else { return };
    if is_unspecified(&host) {
        let mend = "name a host that the homeserver can call, like 127.0.0.1 or this machine's name";
        reader.refuse("appservice.address", "is an address to listen on, not one to call", mend);
        return;
    }
    // With another port or with TLS there is something in between, and what it does is not ours to know.
    if appservice.address.scheme() != "http" || appservice.address.port_or_known_default() != Some(appservice.port) {
        return;
    }
    let listens_here_only = loopback_name(&appservice.hostname);
    match (is_loopback(&host), listens_here_only) {
        (false, true) => {
            let mend = "set appservice.hostname to 0.0.0.0 (or to the address that the homeserver calls)";
            reader.refuse(
                "appservice.hostname",
                "is reached from this machine only, but appservice.address names another",
                mend,
            );
        }
        (true, false) if !everywhere(&appservice.hostname) && appservice.hostname.parse::<IpAddr>().is_ok() => {
            let mend = "let both name the same address";
            reader.refuse(
                "appservice.address",
                "is this machine's inner address, but appservice.hostname listens elsewhere",
                mend,
            );
        }
        _ => {}
    }
}

fn everywhere(hostname: &str) -> bool {
    hostname.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified())
}

fn loopback_name(hostname: &str) -> bool {
    hostname == "localhost" || hostname.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_unspecified(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_unspecified(),
        Host::Ipv6(ip) => ip.is_unspecified(),
        Host::Domain(_) => false,
    }
}

pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

/// The address without the slash that the URL type adds, as it is written into a registration.
pub fn without_slash(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
