//! The bytes of a WebSocket, of either side.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_tests::fuzz::fuzz_websocket;

fuzz_target!(|bytes: &[u8]| fuzz_websocket(bytes));
