//! A whole session of a client with hostile servers, as a list of what happens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_fuzz::ClientScript;

fuzz_target!(|script: ClientScript| script.play());
