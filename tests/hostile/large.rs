//! Answers above one frame: they come split between messages, whole and in order.

use magicnet_tests::Socket;
use serde_json::json;

use crate::contracts::{blob, one_number};
use crate::stage::{NOTHING, NUMBER, Stage, datagram};

const OBJECTS: u32 = 2_000;
const CONTENT: u16 = 60 * 1024;

/// Asks for all objects and reads on until the last of them is complete.
fn show_all(peer: &mut Socket, last: u64) -> Vec<String> {
    peer.send_datagram(&datagram(&[json!([12, []])]));
    let mut shown = Vec::new();
    while shown.last() != Some(&format!("[11,[{last}]]")) {
        shown.push(peer.next_message().expect("the peer stays connected"));
    }
    shown
}

#[test]
fn two_thousand_objects_arrive_split_and_whole() {
    let mut stage = Stage::new();
    stage.run(|n| {
        for value in 1..=2_000 {
            n.create::<one_number::Contract>()
                .call(|s| s.set_init_value(value))
                .send()
                .expect("the server has authority");
        }
    });
    let (mut late, _) = stage.peer();
    let before = late.datagrams();
    let shown = show_all(&mut late, NUMBER + u64::from(OBJECTS));
    let expected = (0..=u64::from(OBJECTS)).flat_map(|index| {
        let object = NUMBER + index;
        let value = if index == 0 { 1 } else { index };
        [
            format!("[7,[{object},2,1,0]]"),
            format!("[10,[{object},0,0,[{value}]]]"),
            format!("[11,[{object}]]"),
        ]
    });
    assert!(shown.into_iter().eq(expected), "all objects come, in order");
    assert!(late.datagrams() - before > 1, "one frame cannot hold them");
    // The bystander was told of each when it was made.
    assert_eq!(stage.bystander_sees_an_update().len(), 3 * OBJECTS as usize);
}

#[test]
fn objects_of_60_kilobytes_arrive_split_and_whole() {
    let mut stage = Stage::new();
    stage.run(|n| {
        for _ in 0..3 {
            n.create::<blob::Contract>().call(|s| s.fill(CONTENT)).send().expect("the server has authority");
        }
    });
    let content = format!("h'{}'", "ab".repeat(CONTENT.into()));
    let mut expected =
        vec![format!("[7,[{NUMBER},2,1,0]]"), format!("[10,[{NUMBER},0,0,[1]]]"), format!("[11,[{NUMBER}]]")];
    for object in NUMBER + 1..=NUMBER + 3 {
        expected.push(format!("[7,[{object},0,1,0]]"));
        expected.push(format!("[10,[{object},0,0,[{content}]]]"));
        expected.push(format!("[11,[{object}]]"));
    }
    let (mut late, _) = stage.peer();
    let before = late.datagrams();
    assert_eq!(show_all(&mut late, NUMBER + 3), expected);
    assert_eq!(late.datagrams() - before, 3, "no two of them fit into a frame");
    assert_eq!(stage.bystander_sees_an_update(), expected[3..]);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}
