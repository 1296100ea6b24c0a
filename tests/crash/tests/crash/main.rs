//! The promise under kills, lost answers and a slow helpdesk, small enough for each change; `ticketroom-crash` runs the same
//! for long. The oracle itself is held to what it claims first.

mod hints;
mod kills;
mod lost;
mod oracle;
mod outage;
mod replicas;
mod slow;
mod storms;
mod sweep;
