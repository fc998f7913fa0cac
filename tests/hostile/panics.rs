//! Handlers that panic: what they changed and sent is undone, an event says so, and the node serves on.

use magicnet::{CallRejected, MessageRejected, Rejection};
use serde_json::json;

use crate::contracts::trap;
use crate::stage::{NOTHING, Stage, datagram, fence};

#[test]
fn a_call_whose_handler_panics_is_undone() {
    let mut stage = Stage::new();
    let trap = stage.run(|n| n.create::<trap::Contract>().send());
    let trap = trap.expect("the server has authority");
    assert_eq!(stage.bystander_sees_an_update().len(), 3);
    let (mut peer, _) = stage.peer();
    for _ in 0..3 {
        peer.send_datagram(&datagram(&[json!([10, [trap.id().to_u64(), 1, 0, [666]]])]));
        assert_eq!(fence(&mut peer), NOTHING);
        let rejected = stage.event(|event: &CallRejected| event.object == trap.id());
        assert_eq!(rejected.reason, Rejection::Panicked("the trap has sprung".to_owned()));
        assert_eq!(rejected.field, Some("spring"));
        let sprung = stage.run(move |n| n.state(trap).map(|state| state.sprung));
        assert_eq!(sprung, Some(0));
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
}

#[test]
fn a_creation_whose_call_panics_comes_without_it() {
    let mut stage = Stage::new();
    let (mut peer, repository) = stage.peer();
    peer.send_datagram(&datagram(&[json!([6, [1, 3, 0, 0, [[1, 0, [666]]]]])]));
    assert_eq!(fence(&mut peer).len(), 3);
    let trap = (u64::from(repository) << 32) + 1;
    assert_eq!(
        stage.bystander_sees_an_update(),
        [
            format!("[7,[{trap},3,{repository},0]]"),
            format!("[10,[{trap},0,0,[0]]]"),
            format!("[11,[{trap}]]")
        ]
    );
}

#[test]
fn a_message_whose_handler_panics_is_undone() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&datagram(&[json!([67, [7]])]));
    assert_eq!(fence(&mut peer), NOTHING);
    let rejected = stage.event(|event: &MessageRejected| event.id.0 == 67);
    assert_eq!(rejected.reason, Rejection::Panicked("message 7 exploded".to_owned()));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn an_event_handler_that_panics_hurts_nobody() {
    let mut stage = Stage::with(|node| {
        node.on(|_, event: MessageRejected| {
            assert!(event.id.0 != 99, "an event handler panics");
        })
    });
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&datagram(&[json!([99, []])]));
    assert_eq!(fence(&mut peer), NOTHING);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}
