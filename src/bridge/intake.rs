//! Tickets by an intake code: what they are about, and the texts that their template prepares.

/// What a template's subject may hold.
pub const SUBJECT_VARIABLES: [&str; 3] = ["message", "device.name", "customer.name"];
/// What its first building block may hold.
pub const BLOCK_VARIABLES: [&str; 5] = ["device.name", "customer.name", "ticket.number", "ticket.title", "desk.name"];
