//! The direct form, where it is not the same as a contract module: the state is in the view, and compared at the end.

use magicnet::prelude::*;
use magicnet::wire::{Writer, encode_call};
use magicnet::{AnyEvent, CallRejected, Connection, Node, Rejection};
use magicnet_tests::{Host, Net, Recorder};

use crate::number::recorded;

type Lines = Recorder<String>;

#[network_object(name = "door", role = server, peer = DoorClient, create = anyone)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
    knocks: u64,
    #[network_field(to = viewers, default = 2.5)]
    height: f32,
    #[network_field(to = owner)]
    key: u16,
    #[network_field(to = nobody)]
    secret: u8,
    #[network_field(to = viewers, spread, init = creator)]
    at: (i8, i8),
}

#[network_object(factory = Door::new)]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>, #[arg(default = 1)] mut times: u8) {
        cx.clients().creak();
        times += 1;
        self.knocks += u64::from(times);
        self.open = true;
        self.secret += 1;
        cx.clients().creak();
    }

    /// Changes everything, and ends as it is told.
    #[network_field(from = anyone)]
    fn change(&mut self, cx: &mut DoorCx<'_>, how: Str<8>) {
        assert_eq!((cx.state().open, cx.state().key), (false, 9), "the state is what was compared last");
        self.knocks += 1;
        self.open = true;
        self.key = 5;
        self.secret = 6;
        cx.clients().creak();
        cx.defer(|n| n.app::<Lines>().push("deferred".to_owned()));
        match &*how {
            "reject" => cx.reject("not today"),
            "panic" => panic!("broken"),
            "nan" => self.height = f32::NAN,
            _ => {}
        }
    }

    #[network_field(from = knows_the_word)]
    fn hide(&mut self, cx: &mut DoorCx<'_>) {
        cx.owner().found(self.secret);
    }

    fn on_destroy(&mut self, cx: &mut DoorCx<'_>) {
        cx.app::<Lines>().push(format!("gone after {} knocks", self.knocks));
    }
}

/// Helpers, of which the macros know nothing.
impl Door {
    fn new() -> Self {
        Self { key: 9, ..Self::default() }
    }
}

struct Word;

fn knows_the_word(sender: &Connection) -> bool {
    sender.get::<Word>().is_some()
}

#[network_object(name = "door", role = client, peer = Door)]
#[derive(Default)]
struct DoorClient {
    creaks: u32,
}

#[network_object]
impl DoorClient {
    #[network_field(to = viewers)]
    fn creak(&mut self, cx: &mut DoorClientCx<'_>) {
        self.creaks += 1;
        cx.app::<Lines>().push(format!("creak {} open {}", self.creaks, cx.state().open));
    }

    #[network_field(to = owner)]
    fn found(&mut self, cx: &mut DoorClientCx<'_>, secret: u8) {
        cx.app::<Lines>().push(format!("found {secret}"));
    }

    fn open_changed(&mut self, cx: &mut DoorClientCx<'_>, old: bool) {
        cx.app::<Lines>().push(format!("{old} -> {}", cx.state().open));
    }

    fn on_generate(&mut self, cx: &mut DoorClientCx<'_>) {
        let state = cx.state();
        let line = format!("door {} {} {:?}", state.height, state.key, state.at);
        cx.app::<Lines>().push(line);
    }
}

struct House {
    net: Net,
    server: Host,
    /// The owner, and another.
    clients: [Host; 2],
    /// The server's, and the clients'.
    lines: [Lines; 3],
    door: Object<Door>,
    events: Recorder<AnyEvent>,
}

fn house() -> House {
    let mut net = Net::new();
    let lines = [(); 3].map(|()| Lines::new());
    let (server, events) = recorded(Node::server().view::<Door>().with(lines[0].clone()));
    let server = net.add(server.build().unwrap());
    let clients = [1, 2].map(|index: usize| {
        let client = Node::client().view::<DoorClient>().with(lines[index].clone());
        let client = net.add(client.build().unwrap());
        net.connect(client, server);
        client
    });
    let door = net.run(clients[0], |n| n.create::<Door>().init(|new| new.at((1, -1))).send()).unwrap();
    House { net, server, clients, lines, door, events }
}

impl House {
    fn lines(&self) -> [Vec<String>; 3] {
        self.lines.each_ref().map(Lines::take)
    }

    fn rejections(&self) -> Vec<Rejection> {
        let reason = |event: AnyEvent| Some(event.downcast::<CallRejected>()?.reason.clone());
        self.events.take().into_iter().filter_map(reason).collect()
    }
}

#[test]
fn a_view_begins_as_its_factory_its_fields_and_its_creator_say() {
    let house = house();
    let [_, owner, other] = house.lines();
    assert_eq!(owner, ["door 2.5 9 (1, -1)"]);
    assert_eq!(other, ["door 2.5 0 (1, -1)"], "the key is the owner's");
}

#[test]
fn the_state_goes_first_and_then_the_calls_in_order() {
    let mut house = house();
    house.lines();
    let door = house.door;
    house.net.run(house.clients[1], |n| n.object(door).server().knock(2));
    let told = || ["false -> true", "creak 1 open true", "creak 2 open true"].map(str::to_owned).to_vec();
    assert_eq!(house.lines(), [Vec::new(), told(), told()]);
    // Nothing changes the second time, so only the calls go.
    house.net.run(house.clients[1], |n| n.object(door).server().knock(2));
    let [_, owner, _] = house.lines();
    assert_eq!(owner, ["creak 3 open true", "creak 4 open true"]);
    house.net.run(house.server, |n| {
        let state = n.state(door).unwrap();
        assert_eq!((state.open, state.secret, state.at), (true, 2, (1, -1)));
        assert_eq!(n.view::<Door>(door.id()).unwrap().knocks, 6);
    });
}

#[test]
fn what_rejects_or_panics_leaves_the_annotated_fields_as_they_were() {
    for how in ["reject", "panic", "nan"] {
        let mut house = house();
        house.lines();
        let door = house.door;
        house.net.run(house.clients[1], |n| n.object(door).server().change(how.try_into().unwrap()));
        assert_eq!(house.lines(), [[""; 0]; 3], "{how}");
        let rejections = house.rejections();
        let expected = match how {
            "reject" => matches!(rejections[..], [Rejection::ByHandler(_)]),
            "panic" => matches!(rejections[..], [Rejection::Panicked(_)]),
            _ => matches!(rejections[..], [Rejection::NotSendable(_)]),
        };
        assert!(expected, "{how}: {rejections:?}");
        house.net.run(house.server, |n| {
            let view = n.view::<Door>(door.id()).unwrap();
            let state = (view.open, view.height, view.key, view.secret, view.at);
            assert_eq!(state, (false, 2.5, 9, 0, (1, -1)), "{how}");
            assert_eq!(view.knocks, 1, "what is private to the view is not rolled back");
        });
        // It goes on as if nothing had been.
        house.net.run(house.clients[1], |n| n.object(door).server().change("pass".try_into().unwrap()));
        let [server, owner, other] = house.lines();
        assert_eq!(server, ["deferred"]);
        assert_eq!(owner, ["false -> true", "creak 1 open true"]);
        assert_eq!(other, owner);
        assert_eq!(house.net.run(house.clients[0], |n| n.state(door).unwrap().key), 5);
        assert_eq!(house.net.run(house.clients[1], |n| n.state(door).unwrap().key), 0);
    }
}

#[test]
fn the_tables_are_those_of_a_contract_module() {
    let mut house = house();
    house.lines();
    let raw = house.net.raw_client(house.server);
    house.net.raw(raw).hello();
    house.net.settle();
    let call = |role, field, arguments: &[u64]| {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), house.door.id().to_u64(), role, field, |w| {
            w.array(arguments.len());
            arguments.iter().for_each(|argument| w.unsigned(*argument));
        });
        datagram
    };
    // A wrong argument never reaches the handler, and a default stands in for what was left out.
    for refused in [call(1, 0, &[256]), call(1, 3, &[]), call(0, 0, &[1]), call(1, 2, &[])] {
        house.net.raw(raw).send_datagram(&refused);
    }
    house.net.settle();
    let reasons: Vec<String> = house.rejections().iter().map(ToString::to_string).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    assert!(reasons[0].contains("parameter `times`"), "{reasons:?}");
    assert_eq!(reasons[1], "role 1 has no field 3");
    house.net.raw(raw).messages();
    house.net.raw(raw).send_datagram(&call(1, 0, &[]));
    house.net.settle();
    let sent: Vec<Vec<u8>> = house.net.raw(raw).messages().into_iter().map(|(_, bytes)| bytes).collect();
    let mut open = Vec::new();
    encode_call(&mut Writer::new(&mut open), house.door.id().to_u64(), 0, 0, |w| {
        w.array(1);
        w.bool(true);
    });
    // The state has 0 to 3, its hidden property none.
    assert_eq!(sent, [open, call(0, 4, &[]), call(0, 4, &[])]);
}

#[test]
fn functions_that_accept_senders_are_asked_here_too() {
    let mut house = house();
    house.lines();
    let door = house.door;
    house.net.run(house.clients[1], |n| n.object(door).server().hide());
    assert!(matches!(house.rejections()[..], [Rejection::NotAccepted { by: "knows_the_word" }]));
    house.net.run(house.server, |n| {
        let all: Vec<ConnectionId> = n.connections().map(Connection::id).collect();
        for id in all {
            assert!(n.connection_mut(id).unwrap().insert(Word).is_none());
        }
    });
    house.net.run(house.clients[1], |n| n.object(door).server().hide());
    assert_eq!(house.lines()[1], ["found 0"]);
    house.net.run(house.clients[0], |n| n.destroy(door));
    assert_eq!(house.lines()[0], ["gone after 0 knocks"]);
}

/// Nodes tell each other how they were built: a difference would end the connection.
#[test]
fn both_forms_make_the_same_contract() {
    let mut net = Net::new();
    let server = net.add(crate::direct::number::server().build().unwrap());
    let (ada, ada_saw) = crate::number::client(&mut net);
    net.connect(ada, server);
    let number = crate::number::create(&mut net, ada, 10);
    net.run(ada, |n| n.object(number).server().add_value(6));
    assert_eq!(ada_saw.take(), ["generate 10", "10 -> 16", "sparkle 0 1 added"]);
}

/// The view of a contract whose server is written in Python, say: it has the state itself.
#[network_object(name = "one-number", role = client)]
#[derive(Default)]
struct Alone {
    #[network_field(to = viewers, wire = "set_current_value")]
    value: i32,
    changes: u32,
}

#[network_object]
impl Alone {
    #[network_field(to = viewers)]
    fn sparkle(&mut self, cx: &mut AloneCx<'_>, at: crate::number::Point, _tags: List<Str<16>, 8>) {
        cx.app::<Lines>().push(format!("sparkle {} {}", at.x, self.value));
    }

    fn value_changed(&mut self, cx: &mut AloneCx<'_>, old: i32) {
        self.changes += 1;
        assert_eq!(cx.state().value, self.value);
        cx.app::<Lines>().push(format!("{old} -> {} as change {}", self.value, self.changes));
    }

    fn on_generate(&mut self, cx: &mut AloneCx<'_>) {
        cx.app::<Lines>().push(format!("generate {}", self.value));
    }
}

#[test]
fn a_client_without_a_peer_here_has_the_state_in_its_own_fields() {
    let mut net = Net::new();
    let server = net.add(crate::number::server().build().unwrap());
    let lines = Lines::new();
    // It knows nothing of the server's calls, so it was built differently.
    let alone = Node::client().view::<Alone>().with(lines.clone()).announce(false);
    let alone = net.add(alone.build().unwrap());
    net.connect(alone, server);
    let create = |n: &mut magicnet::NodeCx<'_>| {
        n.create::<crate::number::one_number::Contract>().call(|s| s.set_init_value(3)).send()
    };
    let number = net.run(server, create).unwrap();
    net.run(server, |n| n.object(number).server().add_value(4));
    assert_eq!(lines.take(), ["generate 3", "3 -> 7 as change 1", "sparkle 0 7"]);
}

/// One view for all nodes, with the state in it.
#[network_object(name = "lamp", role = both, roles(both = 4))]
#[derive(Default)]
struct Lamp {
    #[network_field(to = viewers)]
    lit: bool,
}

#[network_object]
impl Lamp {
    #[network_field(from = anyone, to = viewers)]
    fn switch(&mut self, cx: &mut LampCx<'_>, by: u8) {
        match cx.authority() {
            Some(server) => {
                server.clients().switch(by + 1);
                self.lit = !self.lit;
            }
            None => cx.app::<Lines>().push(format!("switched by {by}, lit {}", self.lit)),
        }
        if by == 9 {
            cx.reject("not by nine");
        }
    }

    fn lit_changed(&mut self, cx: &mut LampCx<'_>, old: bool) {
        cx.app::<Lines>().push(format!("{old} -> {}", self.lit));
    }
}

#[test]
fn one_view_for_all_nodes_has_the_state_in_its_fields_everywhere() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<Lamp>().build().unwrap());
    let lines = Lines::new();
    let client = net.add(Node::client().view::<Lamp>().with(lines.clone()).build().unwrap());
    net.connect(client, server);
    let lamp = net.run(server, |n| n.create::<Lamp>().send()).unwrap();
    net.run(client, |n| n.object(lamp).peers().switch(1));
    assert_eq!(lines.take(), ["false -> true", "switched by 2, lit true"]);
    net.run(client, |n| n.object(lamp).peers().switch(9));
    assert_eq!(lines.take(), [""; 0]);
    assert!(net.run(server, |n| n.view::<Lamp>(lamp.id()).unwrap().lit), "rolled back to what it was");
}
