//! The oracle is held to what it claims, and the sweep to all points. The long runs are commands of `ticketroom-crash`: not
//! part of each change yet, because two of them still find something on a busy machine (docs/promise.md).

mod oracle;
mod replicas;
mod slow;
mod sweep;
