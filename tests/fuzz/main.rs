//! What fuzzing has found worth keeping, played again on stable: every file under `corpus` and `crashes` through the
//! function of its target.
//!
//! # The targets
//!
//! | target | input | what must hold |
//! |---|---|---|
//! | `frame` | a stream, and how it is cut | the same datagrams however it comes |
//! | `datagram` | the bytes of a datagram | every message is found or refused; what is understood survives its own encoding |
//! | `arguments` | the bytes of arguments | as anything they are decoded as: bounds hold, what comes out survives a round trip |
//! | `fingerprint` | what a peer announces | it survives a round trip; reports on it are short and forge nothing |
//! | `json` | a text | what is read as JSON is whole messages within limits, and survives a round trip |
//! | `manifest` | a file that claims to be one | it is one or none; what is read is the same when it was written again |
//! | `address` | a text | an address or none; what is read is the same when it was written again |
//! | `websocket` | a side, a cut, and the bytes of a stream | the same datagrams however it comes, those that `tungstenite` finds; little is kept |
//! | `tls` | noise, or what somebody on the way does to a talk | nothing comes out but what went in, in order |
//! | `quic` | a script: packets are lost, changed, forged; a peer says anything inside of its connection | nobody is flooded, nothing is left, whoever comes then is served |
//! | `server` | a script: peers come, say, leave; a server does this and that | honest peers stay, all see the same, nobody does what is not theirs |
//! | `client` | a script: servers come, say, leave; a client does this and that | it holds no more than it wants to, and nothing of a server that is gone |
//!
//! # Fuzzing
//!
//! It wants a nightly compiler, a C++ compiler and `cargo install cargo-fuzz`; then, from the top of the repository:
//!
//! ```text
//! cargo +nightly fuzz run server --fuzz-dir tests/fuzz -- -max_total_time=600 -max_len=1024
//! cargo +nightly fuzz fmt server tests/fuzz/artifacts/server/crash-... --fuzz-dir tests/fuzz
//! cargo +nightly fuzz cmin server --fuzz-dir tests/fuzz
//! ```
//!
//! With `-s none` it is four times as fast: there is no `unsafe` here for the sanitizer to watch.
//!
//! # What it found
//!
//! Some 85 minutes in one process, at low priority on a busy machine, with most of that time on `server`, `client` and
//! the bytes below them:
//!
//! - `manifest`: arguments of `...`, `any` and `hashable` were read and not written, so that a file compared with what
//!   was made of it differed; and a default of NaN differed from itself.
//! - `quic`: who has a connection could seem to move to somebody else's address over and over, and each time a packet
//!   of full size went there; how often an address may change has a rate now.
//! - `websocket`: what came before a breach was lost if it was read together with it; TLS had the same fault.
//! - In the others nothing but faults of the scripts' own rules.
//!
//! `json` and `manifest` came late and have had a few minutes; `address`, `websocket`, `tls` and `quic` came last, and
//! have had one minute each.
//!
//! A crash goes into `crashes/<target>` under a name that says what it was, together with what mends it.

#[allow(unreachable_pub, reason = "it is the library of the fuzz targets, too")]
mod session;

use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use magicnet_tests::fuzz::{
    fuzz_address, fuzz_arguments, fuzz_datagram, fuzz_fingerprint, fuzz_frame, fuzz_json, fuzz_manifest,
    fuzz_tls, fuzz_websocket,
};
use session::{ClientScript, PacketScript, ServerScript};

/// What a target does with an input; it panics if something does not hold.
type Play = fn(&[u8]);

/// The targets and what they call: as many as there are `[[bin]]`s.
const TARGETS: &[(&str, Play)] = &[
    ("frame", fuzz_frame),
    ("datagram", fuzz_datagram),
    ("arguments", fuzz_arguments),
    ("fingerprint", fuzz_fingerprint),
    ("json", fuzz_json),
    ("manifest", fuzz_manifest),
    ("address", fuzz_address),
    ("websocket", fuzz_websocket),
    ("tls", fuzz_tls),
    ("quic", |bytes| script::<PacketScript>(bytes).iter().for_each(PacketScript::play)),
    ("server", |bytes| script::<ServerScript>(bytes).iter().for_each(ServerScript::play)),
    ("client", |bytes| script::<ClientScript>(bytes).iter().for_each(ClientScript::play)),
];

/// The script that libFuzzer makes of the same bytes; none if there are too few.
fn script<'a, S: Arbitrary<'a>>(bytes: &'a [u8]) -> Option<S> {
    S::arbitrary_take_rest(Unstructured::new(bytes)).ok()
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files of a target under `corpus` or `crashes`, in order.
fn files(kind: &str, target: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(here().join(kind).join(target)) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("the corpus can be read").path()).collect();
    files.sort();
    files
}

#[test]
fn what_was_found_is_played_again() {
    for (target, play) in TARGETS {
        let corpus = files("corpus", target);
        assert!(!corpus.is_empty(), "the target {target} has a corpus");
        for file in corpus.into_iter().chain(files("crashes", target)) {
            let bytes = fs::read(&file).expect("the corpus can be read");
            let outcome = std::panic::catch_unwind(|| play(&bytes));
            assert!(outcome.is_ok(), "{} does not pass any more", file.display());
        }
    }
}

#[test]
fn every_target_is_played_again() {
    let manifest = fs::read_to_string(here().join("Cargo.toml")).expect("it lies there");
    let binaries = manifest.split("[[bin]]\nname = \"").skip(1);
    let binaries: Vec<_> = binaries.map(|bin| bin.split('"').next().expect("a name ends")).collect();
    assert_eq!(binaries, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

mod random {
    //! Scripts by chance, so that a plain test run plays some that nobody has seen.

    use proptest::collection::vec;
    use proptest::prelude::*;

    use magicnet_tests::fuzz::{fuzz_address, fuzz_tls, fuzz_websocket};

    use super::script;
    use crate::session::{ClientScript, PacketScript, ServerScript};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn a_server_bears_any_script(bytes in vec(any::<u8>(), 0..2_000)) {
            script::<ServerScript>(&bytes).iter().for_each(ServerScript::play);
        }

        #[test]
        fn a_client_bears_any_script(bytes in vec(any::<u8>(), 0..2_000)) {
            script::<ClientScript>(&bytes).iter().for_each(ClientScript::play);
        }

        #[test]
        fn a_server_over_udp_bears_any_script(bytes in vec(any::<u8>(), 0..500)) {
            script::<PacketScript>(&bytes).iter().for_each(PacketScript::play);
        }

        #[test]
        fn tls_bears_anybody_on_the_way(bytes in vec(any::<u8>(), 0..200)) {
            fuzz_tls(&bytes);
        }

        #[test]
        fn addresses_are_read_or_refused(
            scheme in "(tcp|unix|tls|udp|ws|wss|[a-z]{0,3})(://|:|)",
            place in "[\\[:a-z0-9.]{0,6}.{0,8}[:0-9]{0,6}[/#?]?.{0,6}",
        ) {
            fuzz_address(format!("{scheme}{place}").as_bytes());
        }

        #[test]
        fn a_websocket_bears_any_frames(first in any::<u8>(), cut in any::<u8>(), frames in vec(frame(), 0..12)) {
            // Frames are unmasked for a client, masked for a server, and one in many is not as it should be.
            let mut bytes = vec![first | 4, cut];
            frames.iter().for_each(|frame| frame.write(first & 1 == 0, &mut bytes));
            fuzz_websocket(&bytes);
        }

        #[test]
        fn a_websocket_bears_any_bytes(bytes in vec(any::<u8>(), 0..500)) {
            fuzz_websocket(&bytes);
        }
    }

    /// A frame that is more often right than chance has it.
    #[derive(Clone, Debug)]
    struct Frame {
        first: u8,
        mask: [u8; 4],
        content: Vec<u8>,
        is_strange: bool,
    }

    fn frame() -> impl Strategy<Value = Frame> {
        let first = prop_oneof![
            8 => prop_oneof![Just(0x82_u8), Just(0x81), Just(0x02), Just(0x00), Just(0x80)],
            3 => prop_oneof![Just(0x89_u8), Just(0x8a), Just(0x88)],
            1 => any::<u8>(),
        ];
        let content = prop_oneof![
            6 => vec(any::<u8>(), 0..10),
            3 => vec(Just(b'['), 0..300),
            1 => vec(Just(7), 40_000..70_000),
        ];
        (first, any::<[u8; 4]>(), content, prop::bool::weighted(0.03))
            .prop_map(|(first, mask, content, is_strange)| Frame { first, mask, content, is_strange })
    }

    impl Frame {
        fn write(&self, is_masked: bool, out: &mut Vec<u8>) {
            let is_masked = is_masked != self.is_strange;
            let flag = if is_masked { 0x80 } else { 0 };
            out.push(self.first);
            match u16::try_from(self.content.len()) {
                Ok(len @ 0..126) => out.push(flag | u8::try_from(len).expect("it is small")),
                Ok(len) => {
                    out.push(flag | 126);
                    out.extend(len.to_be_bytes());
                }
                Err(_) => {
                    out.push(flag | 127);
                    out.extend((self.content.len() as u64).to_be_bytes());
                }
            }
            let mask = if is_masked { self.mask } else { [0; 4] };
            if is_masked {
                out.extend(mask);
            }
            out.extend(self.content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        }
    }
}
