//! A text that may be an address.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_address;

fuzz_target!(|bytes: &[u8]| fuzz_address(bytes));
