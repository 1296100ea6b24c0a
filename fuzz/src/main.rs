//! libFuzzer's entry: the target that FUZZ_TARGET names gets every input. `scripts/fuzz` builds and runs it.

#![no_main]
#![allow(clippy::expect_used, reason = "a fuzzer ends where it can't begin")]

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, set_hook};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use ticketroom_fuzz::{Check, TARGETS};

static CHECK: OnceLock<Check> = OnceLock::new();

thread_local! {
    /// Where it panicked last. Found out in words only if nobody catches it: that takes a hundred times as long.
    static LAST: Cell<Option<(String, Backtrace)>> = const { Cell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    let check = CHECK.get_or_init(|| {
        // libFuzzer's own hook ends at every panic, also at one that the program catches. What nobody catches still ends it.
        set_hook(Box::new(|panic| LAST.set(Some((panic.to_string(), Backtrace::force_capture())))));
        let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
        TARGETS.iter().find(|target| target.name == name).expect("FUZZ_TARGET names a target that there is").check
    });
    if let Err(panic) = catch_unwind(|| check(data)) {
        if let Some((what, at)) = LAST.take() {
            eprintln!("{what}\n{at}");
        }
        resume_unwind(panic);
    }
});
