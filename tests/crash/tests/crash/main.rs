//! The promise under kills, lost answers and lost hints, small enough for each change; `./figures --full crash` is the long
//! run. The oracle itself is held to what it claims first.

mod oracle;
mod sweep;
