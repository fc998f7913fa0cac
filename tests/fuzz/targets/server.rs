//! A whole session of a server among hostile peers, as a list of what happens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_fuzz::ServerScript;

fuzz_target!(|script: ServerScript| script.play());
