//! A file that claims to be a manifest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_manifest;

fuzz_target!(|bytes: &[u8]| fuzz_manifest(bytes));
