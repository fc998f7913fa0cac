//! Before the handshake and after the end: who is not a member yet, and who is none any more.

use std::time::Duration;

use magicnet::{DisconnectReason, Disconnected, Ending, Limits};
use magicnet_tests::{HELLO, Socket};
use serde_json::json;

use crate::contracts::Said;
use crate::stage::{NOTHING, NUMBER, Stage, datagram, fence};

/// Limits whose delays pass within a test, and are far longer than a handshake takes.
fn impatient() -> Limits {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(2);
    limits.frame_timeout = Duration::from_secs(2);
    limits
}

fn timed_out(stage: &Stage, detail: &str) {
    stage.event(|event: &Disconnected| {
        event.ending == Ending::ByUs { reason: DisconnectReason::TIMED_OUT, detail: Some(detail.to_owned()) }
    });
}

#[test]
fn nothing_after_a_disconnect_is_executed() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    let add = json!([10, [NUMBER, 1, 1, [1000]]]);
    let create = json!([6, [1, 2, 0, 0, []]]);
    peer.send_datagram(&datagram(&[json!([3, [0, null]]), add.clone(), create, json!([65, ["?"]])]));
    peer.send_datagram(&datagram(&[add]));
    assert_eq!(peer.read_to_end(), NOTHING);
    stage.event(|event: &Disconnected| matches!(event.ending, Ending::ByPeer { .. }));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

#[test]
fn nothing_after_a_shutdown_is_executed() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&datagram(&[json!([4, []]), json!([10, [NUMBER, 1, 1, [1000]]])]));
    assert_eq!(peer.read_to_end(), NOTHING);
    stage.event(|event: &Disconnected| matches!(event.ending, Ending::PeerShutdown));
    // A client's SHUTDOWN ends its connection and not the server.
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn a_hello_after_a_disconnect_leaves_no_zombie() {
    let mut stage = Stage::new();
    let mut peer = stage.stranger();
    let mut bytes = datagram(&[json!([3, [0, null]])]);
    HELLO.encode(&mut bytes);
    peer.send_datagram(&bytes);
    assert_eq!(peer.read_to_end(), [r#"[1,["hello"]]"#]);
    let ended = stage.event(|event: &Disconnected| matches!(event.ending, Ending::ByPeer { .. }));
    assert!(!ended.was_connected);
    assert_eq!(stage.connections(), 1);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn nothing_after_our_own_disconnect_is_executed() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    let mut bytes = Vec::new();
    HELLO.encode(&mut bytes);
    bytes.extend(datagram(&[json!([10, [NUMBER, 1, 1, [1000]]])]));
    peer.send_datagram(&bytes);
    assert_eq!(peer.goodbye(), "[3,[1,null]]");
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn broadcasts_do_not_reach_those_who_never_said_hello() {
    let mut stage = Stage::new();
    let mut stranger = stage.stranger();
    assert_eq!(stranger.next_message().as_deref(), Some(r#"[1,["hello"]]"#));
    let (mut owner, _) = stage.peer();
    owner.send_datagram(&datagram(&[json!([6, [1, 2, 0, 0, [[1, 0, [5]]]]])]));
    assert_eq!(fence(&mut owner).len(), 3);
    let said = Said { text: "to all".try_into().expect("short") };
    stage.run(move |n| n.send_to_all(said));
    let heard = stage.bystander_sees_an_update();
    assert_eq!(heard.last().map(String::as_str), Some(r#"[66,["to all"]]"#));
    // All that waits for the stranger is the answer to its own HELLO.
    stranger.send(&[HELLO]);
    let first = stranger.next_message().expect("it is welcome");
    assert!(first.starts_with(r#"[5,["mn","#), "{first}");
    let second = stranger.next_message().expect("it is welcome");
    assert!(second.starts_with(r#"[5,["rp","#), "{second}");
}

#[test]
fn parameters_before_hello_are_bounded_in_number() {
    let mut stage = Stage::new();
    let mut hoarder = stage.stranger();
    let limit = Limits::default().parameters;
    let parameters: Vec<_> = (0..=limit).map(|i| json!([5, [format!("p{i}"), i]])).collect();
    hoarder.send_datagram(&datagram(&parameters));
    assert_eq!(hoarder.goodbye(), r#"[3,[38,"more than 32 shared parameters"]]"#);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);

    // As many as are allowed, each set again and again, are no hoard; nor do they become one after HELLO.
    let mut chatterer = stage.stranger();
    for _ in 0..100 {
        chatterer.send_datagram(&datagram(&parameters[..limit]));
    }
    chatterer.shake_hands();
    assert_eq!(fence(&mut chatterer), NOTHING);
    chatterer.send_datagram(&datagram(&parameters[limit..]));
    assert!(chatterer.goodbye().starts_with("[3,[38,"));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn parameters_before_hello_are_bounded_in_size() {
    let mut stage = Stage::new();
    let limit = Limits::default().parameter_size;
    for name in ["a", "mn", "vz"] {
        let mut hoarder = stage.stranger();
        hoarder.send_datagram(&datagram(&[json!([5, [name, "x".repeat(limit)]])]));
        assert_eq!(hoarder.goodbye(), r#"[3,[38,"a shared parameter of more than 32768 bytes"]]"#);
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
}

#[test]
fn a_handshake_has_its_time() {
    let mut stage = Stage::with(|node| node.limits(impatient()));
    let mut silent = stage.stranger();
    let mut hesitant = stage.stranger();
    hesitant.send_datagram(&datagram(&[json!([5, ["a", 1]])]));
    for peer in [&mut silent, &mut hesitant] {
        assert_eq!(peer.goodbye(), r#"[3,[34,"no handshake in time"]]"#);
        timed_out(&stage, "no handshake in time");
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

#[test]
fn half_a_frame_has_its_time() {
    let mut stage = Stage::with(|node| node.limits(impatient()));
    let halves: [fn(&mut Socket); 3] = [
        |peer| peer.send_bytes(&[0xff]),
        |peer| peer.send_bytes(&[0xff, 0xff]),
        |peer| peer.send_bytes(&[0, 4, 0x92, 13]),
    ];
    let mut peers: Vec<Socket> = halves
        .into_iter()
        .map(|half| {
            let (mut peer, _) = stage.peer();
            half(&mut peer);
            peer
        })
        .collect();
    for peer in &mut peers {
        assert_eq!(peer.goodbye(), r#"[3,[34,"no end of a frame in time"]]"#);
        timed_out(&stage, "no end of a frame in time");
    }
    // Who was idle all the while, with nothing half said, is still there.
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn strangers_in_numbers_hold_up_nobody() {
    let mut stage = Stage::new();
    let strangers: Vec<Socket> = (0..200).map(|_| stage.stranger()).collect();
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    let (mut peer, _) = stage.peer();
    assert_eq!(fence(&mut peer), NOTHING);
    drop(strangers);
    for _ in 0..200 {
        stage.event(|event: &Disconnected| !event.was_connected);
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 2);
}
