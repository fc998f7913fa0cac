//! A text that may be JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_json;

fuzz_target!(|bytes: &[u8]| fuzz_json(bytes));
