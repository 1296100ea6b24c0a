//! Whether the homeserver reaches us, with the right hs_token: it is asked to call us, and we listen.

use std::io::ErrorKind;

use super::{
    homeserver::{self, Caller, Reply},
    listener::Listener,
    right, wrong,
};
use crate::{config::Config, helpdesk::Finding, matrix::repeats_already};

pub async fn check(caller: &Caller<'_>) -> Vec<Finding> {
    let appservice = &caller.config.appservice;
    let place = format!("{}:{}", appservice.hostname, appservice.port);
    let (listener, port) = match Listener::start(appservice).await {
        Ok(listener) => (Some(listener), right(format!("{place} is free to listen on"))),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            (None, right(format!("{place} is in use: the bridge is taken to be running, and asked itself")))
        }
        Err(error) => {
            let mend =
                format!("{error}: set appservice.hostname to an address of this machine, and a port that may be used");
            return vec![wrong(format!("{place} is free to listen on"), mend)];
        }
    };
    let reply = homeserver::ping(caller).await;
    let token = listener.as_ref().map(|listener| listener.token_was_right());
    vec![port, finding(caller.config, reply, token)]
}

/// `token`: what our stand-in saw; the outer `None` means that the bridge itself was asked.
fn finding(config: &Config, reply: Result<Reply, String>, token: Option<Option<bool>>) -> Finding {
    let name = "homeserver reaches us";
    let reply = match reply {
        Ok(reply) => reply,
        Err(why) => {
            let place = &config.appservice.address;
            let mend =
                format!("{why}: see that what listens at {place} is Ticketroom, and look into the homeserver's log");
            return wrong(name, mend);
        }
    };
    if token == Some(Some(false)) {
        let mend = "it comes with another hs_token: correct the registration that it has loaded and restart it";
        return wrong(name, mend);
    }
    let address = &config.appservice.address;
    let status = reply.status.as_u16();
    match (status, reply.text("errcode")) {
        (200, _) if token == Some(None) => {
            let mend = format!("somebody else answers at {address}: correct appservice.address, or the port in it");
            wrong(name, mend)
        }
        (502, _) if token != Some(None) && repeats_already(reply.text("error")) => {
            right(format!("{name} at {address}: it delivers what waited"))
        }
        (200, _) => right(format!("{name} at {address}, with the right hs_token")),
        (_, "M_CONNECTION_FAILED" | "M_CONNECTION_TIMEOUT") => {
            let mend = format!(
                "it gets no connection to {address}: correct appservice.address (and url in the registration), and see what is between the two"
            );
            wrong(name, mend)
        }
        (_, "M_BAD_STATUS") if token.is_none() => {
            let mend = format!(
                "what answers at {address} refuses it: end what uses appservice.port, or give both sides the same hs_token"
            );
            wrong(name, mend)
        }
        (_, "M_BAD_STATUS") => {
            wrong(name, format!("something else than Ticketroom answers at {address}: correct appservice.address"))
        }
        (_, "M_URL_NOT_SET") => wrong(name, format!("its registration has no url: set it to {address} and restart it")),
        (403, _) => {
            wrong(name, format!("it knows us by another id than {}: correct the registration", config.appservice.id))
        }
        _ => wrong(name, format!("it answers HTTP {status}: look into its log")),
    }
}
