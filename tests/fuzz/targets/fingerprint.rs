//! What a peer announces of its contracts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_fingerprint;

fuzz_target!(|bytes: &[u8]| fuzz_fingerprint(bytes));
