//! What peers are not allowed to do: it is refused with an event, it changes nothing, and nobody else hears of it.

use magicnet::{
    CallRejected, ConnectionId, Disconnected, MessageRejected, ObjectId, Rejection, Request, RequestRejected,
    Warning, ZoneId, Zones,
};
use magicnet_tests::{HELLO, Socket};
use serde_json::{Value as Json, json};

use crate::contracts::{blob, one_number};
use crate::stage::{NOTHING, NUMBER, Stage, datagram, fence};

/// The numbers of the types, in the order of their names.
const BLOB: u16 = 0;
const LIST: u16 = 1;
const NUMBER_TYPE: u16 = 2;

impl Stage {
    /// Sends a message and waits until it has been handled; returns what the peer heard in answer.
    fn after(&self, peer: &mut Socket, message: Json) -> Vec<String> {
        peer.send_datagram(&datagram(&[message]));
        fence(peer)
    }

    fn refused_call(&self, reason: &Rejection) {
        self.event(|event: &CallRejected| event.reason == *reason);
    }

    fn refused_request(&self, request: Request, reason: &Rejection) {
        self.event(|event: &RequestRejected| event.request == request && event.reason == *reason);
    }

    /// What a peer that comes now is shown of all objects, as a list of messages.
    fn late_joiner_sees(&self) -> Vec<String> {
        let (mut late, _) = self.peer();
        self.after(&mut late, json!([12, []]))
    }

    fn value_of(&self, object: u64) -> Option<i32> {
        self.run(move |n| {
            let numbers = n.objects::<one_number::Contract>();
            let number = numbers.into_iter().find(|known| known.id().to_u64() == object)?;
            n.state(number).map(|state| state.value)
        })
    }
}

fn object(repository: u32, local: u32) -> u64 {
    (u64::from(repository) << 32) + u64::from(local)
}

/// A peer with a number of its own, with local id 1 and value 10; the bystander has seen it come.
fn owner(stage: &mut Stage) -> (Socket, u32, u64) {
    let (mut owner, repository) = stage.peer();
    stage.after(&mut owner, json!([6, [1, NUMBER_TYPE, 0, 0, [[1, 0, [10]]]]]));
    let number = object(repository, 1);
    assert_eq!(
        stage.bystander_sees_an_update(),
        [
            format!("[7,[{number},{NUMBER_TYPE},{repository},0]]"),
            format!("[10,[{number},0,0,[10]]]"),
            format!("[11,[{number}]]")
        ]
    );
    (owner, repository, number)
}

#[test]
fn a_client_cannot_rewrite_its_repository() {
    let mut stage = Stage::new();
    let (_owner, victim, number) = owner(&mut stage);
    let mut thief = stage.stranger();
    thief.send_datagram(&datagram(&[json!([5, ["rp", victim]])]));
    let own = thief.shake_hands();
    assert_ne!(own, victim);
    stage.after(&mut thief, json!([5, ["rp", victim]]));
    stage.event(|event: &Warning| event.text == "the shared parameter rp, which is the server's to set");

    // It is still who it was: it can neither delete, nor replace, nor command what is the victim's.
    stage.after(&mut thief, json!([8, [number]]));
    let id = ObjectId::from_u64(number);
    stage.refused_request(Request::Delete { object: id }, &Rejection::NotOwner);
    stage.after(&mut thief, json!([10, [number, 1, 0, [666]]]));
    stage.refused_call(&Rejection::NotOwner);
    assert_eq!(stage.value_of(number), Some(10));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    stage.after(&mut thief, json!([6, [1, NUMBER_TYPE, 0, 0, []]]));
    let heard = stage.bystander_sees_an_update();
    assert_eq!(heard[0], format!("[7,[{},{NUMBER_TYPE},{own},0]]", object(own, 1)));
}

#[test]
fn a_client_cannot_rewrite_its_fingerprint_after_the_handshake() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    assert_eq!(stage.after(&mut peer, json!([5, ["mn", "anything"]])), NOTHING);
    stage.event(|event: &Warning| event.text == "the shared parameter mn, which is the server's to set");
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn messages_of_the_servers_end_the_client_that_sends_them() {
    let mut stage = Stage::new();
    let (_owner, repository, number) = owner(&mut stage);
    let messages = [
        json!([9, [number]]),
        json!([9, [NUMBER]]),
        json!([7, [number, NUMBER_TYPE, 1, 0]]),
        json!([7, [object(1, 77), NUMBER_TYPE, repository, 0]]),
        json!([11, [NUMBER]]),
    ];
    for message in messages {
        for handshaken in [true, false] {
            let mut liar = stage.stranger();
            if handshaken {
                liar.shake_hands();
            }
            liar.send_datagram(&datagram(std::slice::from_ref(&message)));
            assert!(liar.goodbye().starts_with("[3,[37,\""), "{message}");
            assert_eq!(stage.bystander_sees_an_update(), NOTHING, "{message}");
        }
    }
    assert_eq!(stage.value_of(number), Some(10));
}

#[test]
fn a_custom_message_of_the_servers_is_refused_from_a_client() {
    let mut stage = Stage::new();
    let (mut liar, _) = stage.peer();
    assert_eq!(stage.after(&mut liar, json!([66, ["I am the server"]])), NOTHING);
    let refused = stage.event(|event: &MessageRejected| event.id.0 == 66);
    assert_eq!(refused.reason, Rejection::WrongDirection);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn what_was_denied_does_not_reach_late_joiners() {
    let mut stage = Stage::new();
    let (_owner, _, number) = owner(&mut stage);
    let shown = stage.late_joiner_sees();
    let (mut attacker, _) = stage.peer();
    let denied = [
        (json!([10, [number, 1, 0, [666]]]), Rejection::NotOwner),
        (json!([10, [number, 0, 0, [666]]]), Rejection::WrongRole { role: 0 }),
        (json!([10, [NUMBER, 0, 0, [666]]]), Rejection::WrongRole { role: 0 }),
        (json!([10, [number, 0, 9, [666]]]), Rejection::UnknownField { role: 0, field: 9 }),
        (json!([10, [number, 2, 0, [666]]]), Rejection::UnknownField { role: 2, field: 0 }),
        (json!([10, [number, 1, 1, [i32::MAX]]]), Rejection::ByHandler("integer overflow".into())),
    ];
    for (call, reason) in denied {
        assert_eq!(stage.after(&mut attacker, call.clone()), NOTHING, "{call}");
        stage.refused_call(&reason);
    }
    let bad_arguments = [
        json!([10, [number, 1, 1, ["666"]]]),
        json!([10, [number, 1, 1, [2147483648_u64]]]),
        json!([10, [number, 1, 1, []]]),
        json!([10, [number, 1, 1, [1, 2]]]),
    ];
    for call in bad_arguments {
        assert_eq!(stage.after(&mut attacker, call.clone()), NOTHING, "{call}");
        stage.event(|event: &CallRejected| matches!(event.reason, Rejection::Arguments(_)));
    }
    assert_eq!(stage.late_joiner_sees(), shown);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn calls_are_not_replayed_to_late_joiners() {
    let mut stage = Stage::new();
    let (mut owner, repository, number) = owner(&mut stage);
    stage.after(&mut owner, json!([10, [number, 1, 1, [5]]]));
    let shown = stage.late_joiner_sees();
    let own: Vec<&String> = shown.iter().filter(|message| message.contains(&number.to_string())).collect();
    assert_eq!(
        own,
        [
            &format!("[7,[{number},{NUMBER_TYPE},{repository},0]]"),
            &format!("[10,[{number},0,0,[15]]]"),
            &format!("[11,[{number}]]")
        ]
    );
    assert_eq!(stage.bystander_sees_an_update(), [format!("[10,[{number},0,0,[15]]]")]);
}

/// State and calls of other roles, calls that are malformed or refused: the object comes without them.
#[test]
fn what_a_creation_may_not_carry_is_dropped() {
    let mut stage = Stage::new();
    let (mut peer, repository) = stage.peer();
    let carried = [
        json!([0, 0, [666]]),
        json!([1, -1, [666]]),
        json!([1, 7, [666]]),
        json!([5, 0, [666]]),
        json!([1, 0, ["666"]]),
        json!([1, 0]),
        json!(7),
        json!([[]]),
    ];
    for (local, call) in (1..).zip(carried) {
        let number = object(repository, local);
        stage.after(&mut peer, json!([6, [local, NUMBER_TYPE, 0, 0, [call]]]));
        let of_it = |event: &RequestRejected| match event.request {
            Request::CallInCreation { object, .. } => object.to_u64() == number,
            _ => false,
        };
        stage.event(of_it);
        assert_eq!(stage.value_of(number), Some(0), "{call}");
        let heard = stage.bystander_sees_an_update();
        assert_eq!(heard[1], format!("[10,[{number},0,0,[0]]]"), "{call}");
    }
}

#[test]
fn field_minus_one_is_no_field() {
    let mut stage = Stage::new();
    let (mut owner, _, number) = owner(&mut stage);
    owner.send_datagram(&datagram(&[json!([10, [number, 1, -1, [666]]])]));
    assert!(owner.goodbye().starts_with("[3,[32,\""));
    // It goes with its owner, unchanged to the end.
    assert_eq!(stage.bystander_sees_an_update(), [format!("[9,[{number}]]")]);
}

#[test]
fn equal_small_numbers_are_no_recursion() {
    let mut stage = Stage::new();
    let (mut peer, repository) = stage.peer();
    let list = object(repository, 5);
    // 5 is the local id, the zone, and each member of the argument.
    stage.after(&mut peer, json!([6, [5, LIST, 0, 5, [[1, 0, [[5, 5, 5]]]]]]));
    stage.after(&mut peer, json!([5, ["five", [5, 5, [5, 5]]]]));
    stage.after(&mut peer, json!([10, [list, 1, 0, [[1, 1]]]]));
    assert_eq!(
        stage.bystander_sees_an_update(),
        [
            format!("[7,[{list},{LIST},{repository},5]]"),
            format!("[10,[{list},0,0,[[5,5,5]]]]"),
            format!("[11,[{list}]]"),
            format!("[10,[{list},0,0,[[1,1]]]]"),
        ]
    );
}

#[test]
fn a_contract_of_the_servers_is_not_for_clients_to_create() {
    let mut stage = Stage::new();
    let (mut peer, repository) = stage.peer();
    assert_eq!(stage.after(&mut peer, json!([6, [1, BLOB, 0, 0, [[1, 0, [9]]]]])), NOTHING);
    stage.refused_request(Request::Create { local_id: 1 }, &Rejection::NotServer);
    assert!(stage.run(|n| n.objects::<blob::Contract>().is_empty()));
    // The local id is still free.
    stage.after(&mut peer, json!([6, [1, NUMBER_TYPE, 0, 0, []]]));
    let heard = stage.bystander_sees_an_update();
    assert_eq!(heard[0], format!("[7,[{},{NUMBER_TYPE},{repository},0]]", object(repository, 1)));
}

#[test]
fn an_unknown_type_ends_the_connection_with_reason_6() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&datagram(&[json!([6, [77, 4, 0, 0, []]])]));
    assert_eq!(peer.goodbye(), r#"[3,[6,"Unknown object: 77"]]"#);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn nobody_creates_in_anothers_name() {
    let mut stage = Stage::new();
    let (_owner, victim, _) = owner(&mut stage);
    let (mut spoofer, own) = stage.peer();
    for name in [victim, 1, own + 1, u32::MAX] {
        assert_eq!(stage.after(&mut spoofer, json!([6, [9, NUMBER_TYPE, name, 0, []]])), NOTHING);
        stage.refused_request(Request::Create { local_id: 9 }, &Rejection::NotOwner);
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
    // Its own name is as good as none.
    stage.after(&mut spoofer, json!([6, [9, NUMBER_TYPE, own, 0, []]]));
    assert_eq!(stage.bystander_sees_an_update().len(), 3);
}

#[test]
fn nobody_deletes_what_is_anothers() {
    let mut stage = Stage::new();
    let (mut owner, _, number) = owner(&mut stage);
    let (mut other, _) = stage.peer();
    for victim in [number, NUMBER] {
        assert_eq!(stage.after(&mut other, json!([8, [victim]])), NOTHING);
        let object = ObjectId::from_u64(victim);
        stage.refused_request(Request::Delete { object }, &Rejection::NotOwner);
    }
    stage.after(&mut other, json!([8, [123_456]]));
    let object = ObjectId::from_u64(123_456);
    stage.refused_request(Request::Delete { object }, &Rejection::UnknownObject);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    stage.after(&mut owner, json!([8, [number]]));
    assert_eq!(stage.bystander_sees_an_update(), [format!("[9,[{number}]]")]);
}

#[test]
fn a_local_id_counts_once() {
    let mut stage = Stage::new();
    let (mut owner, repository, number) = owner(&mut stage);
    assert_eq!(stage.after(&mut owner, json!([6, [1, NUMBER_TYPE, 0, 0, [[1, 0, [666]]]]])), NOTHING);
    stage.refused_request(Request::Create { local_id: 1 }, &Rejection::LocalIdInUse);
    assert_eq!(stage.after(&mut owner, json!([6, [1, LIST, 0, 0, []]])), NOTHING);
    stage.refused_request(Request::Create { local_id: 1 }, &Rejection::LocalIdInUse);
    assert_eq!(stage.value_of(number), Some(10));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    // Once the object is gone, its name is free.
    stage.after(&mut owner, json!([8, [number]]));
    stage.after(&mut owner, json!([6, [1, LIST, 0, 0, []]]));
    let heard = stage.bystander_sees_an_update();
    assert_eq!(heard[..2], [format!("[9,[{number}]]"), format!("[7,[{number},{LIST},{repository},0]]")]);
}

#[test]
fn objects_go_with_their_owner() {
    let mut stage = Stage::new();
    let (mut owner, _, number) = owner(&mut stage);
    owner.finish();
    stage.event(|event: &Disconnected| event.was_connected);
    assert_eq!(stage.bystander_sees_an_update(), [format!("[9,[{number}]]")]);
    assert!(stage.late_joiner_sees().iter().all(|message| !message.contains(&number.to_string())));
}

/// Whose objects went with it: a repository that is free again must not make them somebody else's.
#[test]
fn repositories_are_not_handed_on() {
    let mut stage = Stage::new();
    let mut known = Vec::new();
    for _ in 0..50 {
        let (mut peer, repository) = stage.peer();
        assert!(!known.contains(&repository));
        known.push(repository);
        peer.finish();
        assert_eq!(peer.read_to_end(), NOTHING);
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn zones_that_the_server_grants_are_not_for_clients_to_choose() {
    let mut stage = Stage::with(|node| {
        node.zones(Zones::Granted).on(|cx, event: magicnet::Connected| cx.grant_zones(event.connection, [0]))
    });
    let (mut peer, repository) = stage.peer();
    let hidden =
        stage.run(|n| n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(42)).send());
    let hidden = hidden.expect("the server has authority");
    let before = fence(&mut peer);
    assert_eq!(before, [r#"[5,["vz",[0]]]"#]);

    assert_eq!(stage.after(&mut peer, json!([5, ["vz", [7]]])), NOTHING);
    stage.refused_request(Request::Zones, &Rejection::NotServer);
    let seen = stage.after(&mut peer, json!([12, []]));
    assert_eq!(seen[0], format!("[7,[{NUMBER},{NUMBER_TYPE},1,0]]"));
    assert_eq!(seen.len(), 2);
    assert_eq!(stage.after(&mut peer, json!([10, [hidden.id().to_u64(), 1, 1, [1]]])), NOTHING);
    stage.refused_call(&Rejection::NotVisible);
    assert_eq!(stage.after(&mut peer, json!([6, [1, NUMBER_TYPE, 0, 7, []]])), NOTHING);
    let refused = Rejection::ZoneNotAllowed(ZoneId(7));
    stage.refused_request(Request::Create { local_id: 1 }, &refused);
    stage.after(&mut peer, json!([6, [1, NUMBER_TYPE, 0, 0, []]]));
    let heard = stage.bystander_sees_an_update();
    assert_eq!(heard.len(), 3, "{heard:?}");
    assert_eq!(heard[0], format!("[7,[{},{NUMBER_TYPE},{repository},0]]", object(repository, 1)));
}

#[test]
fn zones_that_clients_choose_are_bounded_and_well_formed() {
    let mut stage = Stage::with(|node| {
        node.zones(Zones::ClientChosen)
            .on(|cx, event: magicnet::Connected| cx.grant_zones(event.connection, [0]))
    });
    let (mut peer, _) = stage.peer();
    let bad = [
        json!((0..1025).collect::<Vec<u32>>()),
        json!("all"),
        json!(["0"]),
        json!([-1]),
        json!([4294967296_u64]),
        json!([[0]]),
        json!(null),
        json!(0),
        json!({"0": 0}),
    ];
    for zones in bad {
        stage.after(&mut peer, json!([5, ["vz", [0]]]));
        stage.after(&mut peer, json!([5, ["vz", zones]]));
        stage.event(|event: &RequestRejected| event.request == Request::Zones);
        // Without valid zones it sees nothing.
        assert_eq!(stage.after(&mut peer, json!([12, []])), NOTHING, "{zones}");
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
    stage.after(&mut peer, json!([5, ["vz", [0, 0, 0]]]));
    assert_eq!(stage.after(&mut peer, json!([12, []])).len(), 2);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn messages_before_hello_end_the_connection_with_reason_4() {
    let mut stage = Stage::new();
    let early = [
        json!([6, [1, NUMBER_TYPE, 0, 0, []]]),
        json!([8, [NUMBER]]),
        json!([10, [NUMBER, 1, 1, [1]]]),
        json!([12, []]),
        json!([65, ["hello?"]]),
        json!([99, []]),
    ];
    for message in early {
        let mut stranger = stage.stranger();
        stranger.send_datagram(&datagram(std::slice::from_ref(&message)));
        assert_eq!(stranger.goodbye(), "[3,[4,null]]", "{message}");
        assert_eq!(stage.bystander_sees_an_update(), NOTHING, "{message}");
    }
}

#[test]
fn handshakes_of_the_wrong_kind_get_pythons_reasons() {
    let mut stage = Stage::new();
    let (mut twice, _) = stage.peer();
    twice.send(&[HELLO]);
    assert_eq!(twice.goodbye(), "[3,[1,null]]");
    let mut both = stage.stranger();
    both.send(&[HELLO, HELLO]);
    assert_eq!(both.goodbye(), "[3,[1,null]]");
    let mut old = stage.stranger();
    old.send(&[magicnet::wire::ProtocolMessage::Hello { version: 2, hash: &[0x12, 0x34, 0x56, 0x78] }]);
    assert_eq!(old.goodbye(), "[3,[2,null]]");
    for hash in [&[][..], &[0x12, 0x34, 0x56], &[0; 64]] {
        let mut other = stage.stranger();
        other.send(&[magicnet::wire::ProtocolMessage::Hello { version: 3, hash }]);
        assert_eq!(other.goodbye(), "[3,[3,null]]");
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

/// A name of a connection on the server is not one that a peer can guess its way into.
#[test]
fn a_disconnected_peer_is_gone_for_good() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    let connection: Vec<ConnectionId> =
        stage.run(|n| n.connections().map(magicnet::Connection::id).collect());
    peer.finish();
    stage.event(|event: &Disconnected| event.was_connected);
    let (_next, _) = stage.peer();
    let after: Vec<ConnectionId> = stage.run(|n| n.connections().map(magicnet::Connection::id).collect());
    let kept = after.iter().filter(|id| connection.contains(id)).count();
    assert_eq!((after.len(), kept), (2, 1));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}
