//! Noise for TLS, or what somebody on the way does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_tls;

fuzz_target!(|bytes: &[u8]| fuzz_tls(bytes));
