//! Ports for the servers of one test, outside the range from which the kernel takes ports for outgoing connections:
//! a server that is started again must find its port free.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u32 = 12_000;
const PER_TEST: u32 = 20;
const TESTS: u32 = 1_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

pub fn free() -> u16 {
    let base = FIRST + std::process::id() % TESTS * PER_TEST;
    loop {
        let port = (base + u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
