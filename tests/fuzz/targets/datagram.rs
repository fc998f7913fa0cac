//! The messages of one datagram.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_datagram;

fuzz_target!(|bytes: &[u8]| fuzz_datagram(bytes));
