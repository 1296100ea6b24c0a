//! Every metric by name, with what it means; and the recorder that keeps them.
//!
//! docs/operations.md has the same table; a test compares the two.

use anyhow::Context;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// As it is now.
    Gauge,
    /// How long, in buckets.
    Histogram,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

pub const INBOX_WAITING: &str = "ticketroom_inbox_waiting";
pub const INBOX_OLDEST: &str = "ticketroom_inbox_oldest_seconds";
pub const INBOX_IN_ORDER: &str = "ticketroom_inbox_in_order";
pub const UNREAD_ROOMS: &str = "ticketroom_unread_rooms";
pub const ROOMS_NOT_READ: &str = "ticketroom_rooms_not_read_total";
pub const OUTBOX_WAITING: &str = "ticketroom_outbox_waiting";
pub const OUTBOX_OLDEST: &str = "ticketroom_outbox_oldest_seconds";
pub const DEAD_LETTERS: &str = "ticketroom_dead_letters";
pub const DEAD_LETTERS_TOTAL: &str = "ticketroom_dead_letters_total";
pub const SENDS: &str = "ticketroom_sends_total";
pub const TRANSACTION: &str = "ticketroom_transaction_seconds";
pub const FEED_LAG: &str = "ticketroom_feed_lag_seconds";
pub const REFUSED: &str = "ticketroom_refused_requests_total";
pub const UNREADABLE: &str = "ticketroom_unreadable_total";
pub const HOMESERVER_REACHES_US: &str = "ticketroom_homeserver_reaches_us";
pub const LEADER: &str = "ticketroom_leader";
pub const FENCED_WRITES: &str = "ticketroom_fenced_writes_total";
pub const WITHHELD: &str = "ticketroom_withheld_calls_total";
pub const TAKEN_BESIDE: &str = "ticketroom_taken_beside_total";
pub const BUILD_INFO: &str = "ticketroom_build_info";

/// Values of the label `side`.
pub const SIDE_MATRIX: &str = "matrix";
pub const SIDE_HELPDESK: &str = "helpdesk";

pub const ALL: [Metric; 20] = [
    metric(INBOX_WAITING, Kind::Gauge, Unit::Count, &[], "Received events that are not yet decided on."),
    metric(INBOX_OLDEST, Kind::Gauge, Unit::Seconds, &[], "Age of the oldest of them; 0 if there is none."),
    metric(
        INBOX_IN_ORDER,
        Kind::Gauge,
        Unit::Count,
        &[],
        "0: the homeserver has just connected anew, and is asked for older events before what it brings is decided on; 1: otherwise.",
    ),
    metric(
        UNREAD_ROOMS,
        Kind::Gauge,
        Unit::Count,
        &[],
        "Rooms whose history the homeserver cannot give; each is tried again until `delivery.give_up_after_h` is over, and the others go on.",
    ),
    metric(
        ROOMS_NOT_READ,
        Kind::Counter,
        Unit::Count,
        &[],
        "Such rooms that were given up, or that held more than is read; what the homeserver never told of them is not in the helpdesk.",
    ),
    metric(OUTBOX_WAITING, Kind::Gauge, Unit::Count, &["side"], "Effects that are not yet carried out."),
    metric(OUTBOX_OLDEST, Kind::Gauge, Unit::Seconds, &["side"], "Age of the oldest of them; 0 if there is none."),
    metric(DEAD_LETTERS, Kind::Gauge, Unit::Count, &[], "Effects that were given up and still lie in the database."),
    metric(DEAD_LETTERS_TOTAL, Kind::Counter, Unit::Count, &["side"], "Effects given up since the start."),
    metric(
        SENDS,
        Kind::Counter,
        Unit::Count,
        &["side", "outcome"],
        "Attempts to carry out an effect; outcome is done, outdated (left out: a later notice says what is true now, or it came too late), retry, uncertain, aside (waits for another homeserver) or dead.",
    ),
    metric(TRANSACTION, Kind::Histogram, Unit::Seconds, &[], "Time until a delivery of the homeserver was answered."),
    metric(FEED_LAG, Kind::Gauge, Unit::Seconds, &[], "Time since the helpdesk last told completely what changed."),
    metric(REFUSED, Kind::Counter, Unit::Count, &[], "Requests with a wrong hs_token or hint_token."),
    metric(
        UNREADABLE,
        Kind::Counter,
        Unit::Count,
        &[],
        "Transactions and events that could not be read and were set aside.",
    ),
    metric(
        HOMESERVER_REACHES_US,
        Kind::Gauge,
        Unit::Count,
        &[],
        "1: the homeserver delivers to us, or could when it was last asked to; 0: it was asked to, and could not.",
    ),
    metric(LEADER, Kind::Gauge, Unit::Count, &[], "1: this instance delivers; 0: it stands by."),
    metric(
        FENCED_WRITES,
        Kind::Counter,
        Unit::Count,
        &[],
        "Writes that the database refused because another instance had taken over.",
    ),
    metric(
        WITHHELD,
        Kind::Counter,
        Unit::Count,
        &["side"],
        "Calls that were not made because another instance might have taken over.",
    ),
    metric(TAKEN_BESIDE, Kind::Counter, Unit::Count, &[], "Transactions that this instance took in while it stood by."),
    metric(BUILD_INFO, Kind::Gauge, Unit::Count, &["version"], "Always 1; the label tells the version."),
];

/// 1 ms to 10 s: the answer is due within 15 ms, and what takes longer than 10 s is an outage.
const TRANSACTION_BUCKETS: [f64; 13] = [0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

const fn metric(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind, unit, labels, help }
}

/// A recorder with our buckets that is nobody's yet: tests use it beside each other.
pub fn recorder() -> anyhow::Result<PrometheusRecorder> {
    let matcher = Matcher::Full(TRANSACTION.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &TRANSACTION_BUCKETS);
    Ok(builder.context("the buckets of the metrics are wrong")?.build_recorder())
}

/// Makes it the program's recorder; once per process.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("metrics were started already"))?;
    describe_all();
    Ok(handle)
}

/// Tells the recorder what each metric means.
pub fn describe_all() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.unit, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.unit, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, metric.unit, metric.help),
        }
    }
    // What begins with its first one would not have increased by then.
    for name in [REFUSED, UNREADABLE, FENCED_WRITES, TAKEN_BESIDE] {
        counter!(name).increment(0);
    }
    for side in [SIDE_MATRIX, SIDE_HELPDESK] {
        counter!(DEAD_LETTERS_TOTAL, "side" => side).increment(0);
        counter!(WITHHELD, "side" => side).increment(0);
    }
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
mod tests {
    use metrics::histogram;

    use super::*;

    #[test]
    fn what_is_recorded_is_rendered_with_its_meaning_and_buckets() {
        let recorder = recorder().unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            describe_all();
            histogram!(TRANSACTION).record(0.004);
            counter!(SENDS, "side" => SIDE_MATRIX, "outcome" => "done").increment(2);
        });
        let page = handle.render();
        for line in [
            "# TYPE ticketroom_transaction_seconds histogram",
            "ticketroom_transaction_seconds_bucket{le=\"0.005\"} 1",
            "ticketroom_transaction_seconds_bucket{le=\"0.002\"} 0",
            "ticketroom_sends_total{side=\"matrix\",outcome=\"done\"} 2",
            concat!("ticketroom_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(page.lines().any(|it| it == line), "no line `{line}` in\n{page}");
        }
    }
}
