//! A stream of frames, cut anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_frame;

fuzz_target!(|bytes: &[u8]| fuzz_frame(bytes));
