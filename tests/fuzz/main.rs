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
//! - In the others nothing but faults of the scripts' own rules.
//!
//! `json` and `manifest` came last and have had a few minutes.
//!
//! A crash goes into `crashes/<target>` under a name that says what it was, together with what mends it.

#[allow(unreachable_pub, reason = "it is the library of the fuzz targets, too")]
mod session;

use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use magicnet_tests::fuzz::{
    fuzz_arguments, fuzz_datagram, fuzz_fingerprint, fuzz_frame, fuzz_json, fuzz_manifest,
};
use session::{ClientScript, ServerScript};

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

    use super::script;
    use crate::session::{ClientScript, ServerScript};

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
    }
}
