//! A server over UDP whose packets are meddled with, as a list of what happens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use magicnet_fuzz::PacketScript;

fuzz_target!(|script: PacketScript| script.play());
