//! Abuse of TLS: what is no handshake, or never becomes one, ends the peer that sends it and nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use magicnet::{Limits, Tls};
use magicnet_tests::PATIENCE;

use crate::stage::{NOTHING, Stage};

/// A stage whose server listens behind TLS too.
fn stage() -> Stage {
    Stage::with(|node| {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_secs(1);
        limits.closing_timeout = Duration::from_secs(1);
        node.limits(limits).listen(Tls::bind("127.0.0.1:0"))
    })
}

fn stranger(stage: &Stage) -> TcpStream {
    let stream = TcpStream::connect(stage.addresses()[1]).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a connected socket takes options");
    stream
}

/// Says something, and hears all that the server answers, up to its end.
fn answer(stage: &Stage, said: &[u8]) -> Vec<u8> {
    let mut stream = stranger(stage);
    // The server may have ended it already.
    let _ = stream.write_all(said);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the end comes, and no reset before it");
    answer
}

/// What an alert begins with: its kind, and one of the versions that are written there.
fn is_alert(answer: &[u8]) -> bool {
    answer.starts_with(&[21, 3])
}

#[test]
fn plain_words_are_no_handshake() {
    let mut stage = stage();
    // `[2, [3, 12 34 56 78]]` in a frame; a request for a page; noise.
    let hello = [0, 10, 0x92, 2, 0x92, 3, 0xc4, 4, 0x12, 0x34, 0x56, 0x78];
    let noise: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for said in [&hello[..], b"GET / HTTP/1.1\r\n\r\n", &noise] {
        assert!(is_alert(&answer(&stage, said)), "{said:?}");
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
    assert_eq!(stage.connections(), 1);
}

#[test]
fn records_that_are_too_large_or_make_no_sense_are_refused() {
    let mut stage = stage();
    let large = [&[22, 3, 1, 0xff, 0xff][..], &[1; 65_535]].concat();
    // A handshake message of sixteen megabytes, in records.
    let endless = [&[22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff][..], &[0; 0x4000 - 4]].concat();
    let endless = [endless, [&[22, 3, 1, 0x40, 0][..], &[0; 0x4000]].concat().repeat(64)].concat();
    // The right kind of record, with a handshake message that is none.
    let wrong = [22, 3, 1, 0, 5, 1, 0, 0, 1, 9];
    // Records of the application before any handshake.
    let early = [23, 3, 3, 0, 1, 7];
    for said in [&large[..], &endless, &wrong, &early] {
        assert!(is_alert(&answer(&stage, said)), "{:?}", &said[..5]);
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
    assert_eq!(stage.connections(), 1);
}

#[test]
fn a_handshake_has_its_time() {
    let mut stage = stage();
    // The beginning of a record, and the beginning of its end.
    let cut = [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
    for said in [&cut[..], &cut[..3], &[]] {
        answer(&stage, said);
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

#[test]
fn an_end_in_the_middle_of_a_handshake_is_noticed() {
    let mut stage = stage();
    let mut stream = stranger(&stage);
    stream.write_all(&[22, 3, 1, 0, 200, 1, 0, 0]).expect("the server listens");
    drop(stream);
    stage.event(|event: &magicnet::Disconnected| !event.was_connected);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}
