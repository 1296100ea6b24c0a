//! Named points at which a debug build dies when it is told to, to prove what survives (`tests/crash`). They stand in the
//! order in which a message meets them.

/// All points; `TICKETROOM_CRASH_AT=name` dies at it the first time, `name:3` the third time.
pub const POINTS: &[&str] = &[
    "authenticated",
    "transaction-parsed",
    "before-placing",
    "before-inbox",
    "before-group-commit",
    "after-group-commit",
    "after-inbox",
    "before-answer",
    "before-deciding",
    "before-move-commit",
    "after-move-commit",
    "before-rules",
    "before-decision-commit",
    "after-decision-commit",
    "before-send",
    "before-attempting-commit",
    "after-attempting-commit",
    "before-helpdesk-write",
    "after-helpdesk-write",
    "after-send",
    "before-later-commit",
    "after-later-commit",
    "before-uncertain-wait",
    "before-look-up",
    "looked-up-and-found",
    "looked-up-and-missing",
    "before-plain-settle-commit",
    "after-plain-settle-commit",
    "before-held-outcome",
    "before-card-noted",
    "before-dead-letter",
    "before-settle-commit",
    "after-settle-commit",
    "before-ticket",
    "ticket-made",
    "before-room",
    "room-made",
    "room-half-adopted",
    "desk-room-made",
    "space-made",
    "ghost-registered",
    "ghost-made",
    "ghost-invited",
    "part-sent",
    "before-redaction",
    "redacted",
    "before-powers",
    "powers-set",
    "before-download",
    "file-spooled",
    "file-checked",
    "before-upload",
    "file-uploaded",
    "before-feed-read",
    "before-feed-commit",
    "after-feed-commit",
    "before-catching-up",
    "before-catch-up-commit",
    "after-catch-up-commit",
    "before-ping",
    "before-overdue-commit",
    "before-receipt",
    "queues-looked-after",
    "before-forgetting",
    "database-opened",
    "fence-raised",
    "before-start",
];

#[cfg(debug_assertions)]
pub fn point(name: &'static str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static PLAN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static REACHED: AtomicU64 = AtomicU64::new(0);

    debug_assert!(POINTS.contains(&name), "a crash point that is not listed");
    let plan = PLAN.get_or_init(|| {
        let plan = std::env::var("TICKETROOM_CRASH_AT").ok()?;
        let (name, times) = plan.split_once(':').unwrap_or((&plan, "1"));
        Some((name.to_owned(), times.parse().unwrap_or(1)))
    });
    if let Some((planned, times)) = plan
        && planned == name
        && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *times
    {
        // As hard as kill -9: nothing is flushed, nothing is dropped.
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub fn point(_name: &'static str) {}
