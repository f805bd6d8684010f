#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: cargo_pinned_fuzz::init(), |data: &[u8]| cargo_pinned_fuzz::targets::dockerfile(data));
