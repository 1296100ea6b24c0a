//! Every option with its default, section by section. `config.sample.yaml` says the same in words; a test compares them.

use secrecy::ExposeSecret;

use super::{
    section::Section,
    types::{Appservice, Database, Delivery, Helpdesk, Homeserver, Logging, Observe, RequestTracker, Rooms},
    values,
};
use crate::model::Quotas;

const MIB: u64 = 1024 * 1024;

pub fn homeserver(section: &Section<'_, '_>) -> Option<Homeserver> {
    let address = section.required("address", values::origin_url);
    let domain = section.required("domain", values::server_name);
    let room_version = section.optional("room_version", values::room_version);
    section.refuse_unknown();
    Some(Homeserver { address: address?, domain: domain?, room_version: room_version? })
}

pub fn appservice(section: &Section<'_, '_>) -> Option<Appservice> {
    let address = section.or("address", "http://127.0.0.1:29328", values::origin_url);
    let hostname = section.or("hostname", "127.0.0.1", values::hostname);
    let port = section.number("port", 29328, 1..=65535, "a TCP port");
    let id = section.or("id", "ticketroom", values::appservice_id);
    let as_token = section.secret("as_token", values::own_token);
    let hs_token = section.secret("hs_token", values::own_token);
    let bot_username = section.or("bot_username", "_desk_bot", values::localpart);
    let sender_localpart = section.or("sender_localpart", "_desk_appservice", values::localpart);
    let user_prefix = section.or("user_prefix", "_desk_", values::user_prefix);
    let max_transaction_bytes = section.number("max_transaction_bytes", 32 * MIB, 8 * MIB..=1024 * MIB, "bytes");
    section.refuse_unknown();

    if let (Some(ours), Some(theirs)) = (&as_token, &hs_token)
        && ours.expose_secret() == theirs.expose_secret()
    {
        let mend = "make a second one: who learns one of them must not have the other";
        section.refuse("hs_token", "is the same as as_token", mend);
    }
    if let (Some(bot), Some(prefix)) = (&bot_username, &user_prefix)
        && !bot.starts_with(prefix.as_str())
    {
        let mend = format!("begin it with {prefix}: the bot must be one of the users that the registration claims");
        section.refuse("bot_username", "is outside of user_prefix", mend);
    }
    if bot_username.is_some() && bot_username == sender_localpart {
        let mend = "name another one for either: the homeserver can't give the sender a /sync, which the bot needs";
        section.refuse("sender_localpart", "is the bot's name", mend);
    }
    Some(Appservice {
        address: address?,
        hostname: hostname?,
        port: u16::try_from(port?).ok()?,
        id: id?,
        as_token: as_token?,
        hs_token: hs_token?,
        bot_username: bot_username?,
        sender_localpart: sender_localpart?,
        user_prefix: user_prefix?,
        max_transaction_bytes: usize::try_from(max_transaction_bytes?).ok()?,
    })
}

pub fn database(section: &Section<'_, '_>) -> Option<Database> {
    let uri = section.secret_or("uri", "sqlite:ticketroom.db", values::database_uri);
    section.refuse_unknown();
    Some(Database { uri: uri? })
}

pub fn helpdesk(section: &Section<'_, '_>) -> Option<Helpdesk> {
    let kind = section.or("kind", "request_tracker", |kind| match kind {
        "request_tracker" => Ok(true),
        "memory" => Ok(false),
        _ => super::problem::wrong("is a helpdesk that Ticketroom does not know", "write request_tracker"),
    });
    if kind? {
        let helpdesk = request_tracker(&section.section("request_tracker"));
        section.refuse_unknown();
        helpdesk.map(Helpdesk::RequestTracker)
    } else {
        section.leave("request_tracker");
        let memory = section.section("memory");
        let poll_interval_ms = memory.number("poll_interval_ms", 50, 1..=60_000, "milliseconds");
        let control_port = memory.number("control_port", 0, 0..=65535, "a TCP port");
        memory.refuse_unknown();
        section.refuse_unknown();
        Some(Helpdesk::Memory {
            poll_interval_ms: poll_interval_ms?,
            control_port: u16::try_from(control_port?).ok().filter(|port| *port > 0),
        })
    }
}

fn request_tracker(section: &Section<'_, '_>) -> Option<RequestTracker> {
    let url = section.required("url", values::tracker_url);
    let token = section.secret("token", values::token);
    let web_url = section.optional("web_url", values::tracker_url);
    let default_queue = section.or("default_queue", "General", values::word);
    let closed_status = section.or("closed_status", "resolved", values::word);
    let cancelled_status = section.or("cancelled_status", "rejected", values::word);
    let open_status = section.or("open_status", "open", values::word);
    let internal_field = section.optional("internal_field", values::word);
    let internal_value = section.or("internal_value", "yes", values::word);
    let article_class = section.optional("article_class", values::word);
    let block_class = section.optional("block_class", values::word);
    let article_url = section.optional("article_url", values::article_url);
    let poll_interval_ms = section.number("poll_interval_ms", 2000, 100..=600_000, "milliseconds");
    let request_timeout_s = section.number("request_timeout_s", 30, 1..=600, "seconds");
    section.refuse_unknown();
    if closed_status.is_some() && closed_status == open_status {
        section.refuse("open_status", "is closed_status too", "name the status that a reopened ticket gets");
    }
    Some(RequestTracker {
        url: url?,
        token: token?,
        web_url: web_url?,
        default_queue: default_queue?,
        closed_status: closed_status?,
        cancelled_status: cancelled_status?,
        open_status: open_status?,
        internal_field: internal_field?,
        internal_value: internal_value?,
        article_class: article_class?,
        block_class: block_class?,
        article_url: article_url?,
        poll_interval_ms: poll_interval_ms?,
        request_timeout_s: request_timeout_s?,
    })
}

pub fn rooms(section: &Section<'_, '_>) -> Option<Rooms> {
    let spaces = section.switch("spaces", true);
    let low_priority = section.switch("low_priority", true);
    section.refuse_unknown();
    Some(Rooms { spaces: spaces?, low_priority: low_priority? })
}

pub fn delivery(section: &Section<'_, '_>) -> Option<Delivery> {
    let matrix_parallel = section.number("matrix_parallel", 32, 1..=512, "requests at once");
    let helpdesk_parallel = section.number("helpdesk_parallel", 4, 1..=64, "requests at once");
    let give_up_after_h = section.number("give_up_after_h", 24, 1..=720, "hours");
    let reconcile_interval_s = section.number("reconcile_interval_s", 300, 10..=86_400, "seconds");
    let retry_first_ms = section.number("retry_first_ms", 500, 10..=60_000, "milliseconds");
    let tell_waiting_after_s = section.number("tell_waiting_after_s", 60, 1..=86_400, "seconds");
    let retry_max_s = section.number("retry_max_s", 300, 1..=3600, "seconds");
    section.refuse_unknown();
    if let (Some(first), Some(max)) = (retry_first_ms, retry_max_s)
        && first > max * 1000
    {
        section.refuse("retry_max_s", "is shorter than retry_first_ms", "make it longer: waits only grow");
    }
    Some(Delivery {
        matrix_parallel: usize::try_from(matrix_parallel?).ok()?,
        helpdesk_parallel: usize::try_from(helpdesk_parallel?).ok()?,
        give_up_after_h: give_up_after_h?,
        reconcile_interval_s: reconcile_interval_s?,
        retry_first_ms: retry_first_ms?,
        retry_max_s: retry_max_s?,
        tell_waiting_after_s: tell_waiting_after_s?,
    })
}

/// 0 switches a limit off.
pub fn quotas(section: &Section<'_, '_>) -> Option<Quotas> {
    let limit = |key: &str, default: u64, unit: &str| {
        section.number(key, default, 0..=1_000_000, unit).map(|limit| (limit > 0).then_some(limit))
    };
    let tickets_per_customer_per_hour = limit("tickets_per_customer_per_hour", 10, "tickets");
    let open_tickets_per_customer = limit("open_tickets_per_customer", 30, "tickets");
    let tickets_per_server_per_hour = limit("tickets_per_server_per_hour", 300, "tickets");
    let rooms_per_customer_per_hour = limit("rooms_per_customer_per_hour", 20, "rooms");
    let rooms_per_server_per_hour = limit("rooms_per_server_per_hour", 600, "rooms");
    section.refuse_unknown();
    Some(Quotas {
        tickets_per_customer_per_hour: tickets_per_customer_per_hour?,
        open_tickets_per_customer: open_tickets_per_customer?,
        tickets_per_server_per_hour: tickets_per_server_per_hour?,
        rooms_per_customer_per_hour: rooms_per_customer_per_hour?,
        rooms_per_server_per_hour: rooms_per_server_per_hour?,
    })
}

pub fn logging(section: &Section<'_, '_>) -> Option<Logging> {
    let level = section.or("level", "info", values::level);
    let format = section.or("format", "text", values::log_format);
    section.refuse_unknown();
    Some(Logging { level: level?, format: format? })
}

pub fn observe(section: &Section<'_, '_>) -> Option<Observe> {
    let hostname = section.or("hostname", "127.0.0.1", values::hostname);
    let port = section.number("port", 29329, 1..=65535, "a TCP port");
    section.refuse_unknown();
    Some(Observe { hostname: hostname?, port: u16::try_from(port?).ok()? })
}
