//! libFuzzer's entry: the target that FUZZ_TARGET names gets every input. `scripts/fuzz` builds and runs it.

#![no_main]
#![allow(clippy::expect_used, reason = "a fuzzer ends where it can't begin")]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use ticketroom_fuzz::{Check, TARGETS};

static CHECK: OnceLock<Check> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let check = CHECK.get_or_init(|| {
        // libFuzzer's own hook ends at every panic, also at one that the program catches. What nobody catches still ends it.
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture())));
        let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
        TARGETS.iter().find(|target| target.name == name).expect("FUZZ_TARGET names a target that there is").check
    });
    check(data);
});
