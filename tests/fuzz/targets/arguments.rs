//! Arguments, decoded as anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_arguments;

fuzz_target!(|bytes: &[u8]| fuzz_arguments(bytes));
