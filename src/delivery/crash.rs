//! Named points at which a debug build dies when it is told to, to prove what survives.

/// All points; `TICKETROOM_CRASH_AT=name` dies at it the first time, `name:3` the third time.
pub const POINTS: &[&str] = &[
    "before-inbox",
    "after-inbox",
    "before-decision-commit",
    "after-decision-commit",
    "before-send",
    "after-send",
    "before-settle-commit",
    "after-settle-commit",
    "before-plain-settle-commit",
    "after-plain-settle-commit",
    "before-feed-commit",
    "after-feed-commit",
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
