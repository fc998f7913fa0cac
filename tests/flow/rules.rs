//! Functions of the application's that say who may: `from = path`, `create = path`, `allow = path`.

use magicnet::prelude::*;
use magicnet::{AnyEvent, Connection, Node, NodeBuilder, Subject};
use magicnet_tests::{Host, Net, RawLink, Recorder};
use serde_json::json;

use crate::number::{Seen, recorded};
use crate::talk::{heard, raw, refusals, tell};

/// Who a connection belongs to.
struct Login {
    name: &'static str,
    is_teacher: bool,
}

#[network_object(name = "blackboard", create = may_create)]
mod board {
    struct State {
        #[network_field(to = viewers)]
        open: bool,
    }
    trait Server {
        #[network_field(from = is_teacher)]
        fn set_open(&mut self, open: bool);
        #[network_field(from = may_write, persist = ram)]
        fn write(&mut self, text: Str<16>);
        #[network_field(from = anyone)]
        fn look(&mut self);
    }
    trait Client {}
}

fn is_teacher(sender: &Connection) -> bool {
    sender.get::<Login>().is_some_and(|login| login.is_teacher)
}

fn may_write(sender: &Connection, board: &Subject<'_, board::Contract>) -> bool {
    let Some(login) = sender.get::<Login>() else { return false };
    assert_ne!(login.name, "mallory", "mallory breaks everything");
    board.state().open || board.is_owned_by(sender)
}

fn may_create(sender: &Connection) -> bool {
    sender.get::<Login>().is_some()
}

#[message(id = 170, from = client, allow = is_teacher)]
struct Ring {
    times: u8,
}

#[message(id = 171, from = client)]
struct Sit;

#[message_handler]
fn ring(cx: &mut MessageCx<'_>, message: Ring) {
    cx.app::<Seen>().push(format!("ring {}", message.times));
}

#[message_handler]
fn sit(cx: &mut MessageCx<'_>, _: Sit) {
    cx.app::<Seen>().push("sit".to_owned());
}

#[derive(Default)]
struct Board;

#[network_object]
impl board::Server for Board {
    fn set_open(&mut self, cx: &mut board::ServerCx<'_, Self>, open: bool) {
        cx.state_mut().open = open;
    }
    fn write(&mut self, cx: &mut board::ServerCx<'_, Self>, text: Str<16>) {
        cx.app::<Seen>().push(format!("write {text}"));
    }
    fn look(&mut self, _cx: &mut board::ServerCx<'_, Self>) {}
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl board::Client for Watcher {}

fn server(seen: &Seen) -> NodeBuilder {
    Node::server().view::<Board>().handler::<ring>().handler::<sit>().with(seen.clone())
}

struct School {
    net: Net,
    server: Host,
    seen: Seen,
    events: Recorder<AnyEvent>,
}

impl School {
    fn new() -> Self {
        let mut net = Net::new();
        let seen = Seen::new();
        let (builder, events) = recorded(server(&seen));
        let server = net.add(builder.build().unwrap());
        Self { net, server, seen, events }
    }

    /// A raw client; who has a name is logged in.
    fn peer(&mut self, name: Option<&'static str>) -> RawLink {
        let link = raw(&mut self.net, self.server);
        let connection = self.net.connection_of(link);
        if let Some(name) = name {
            self.net.run(self.server, |n| {
                let login = Login { name, is_teacher: name == "ada" };
                n.connection_mut(connection).unwrap().insert(login);
            });
        }
        link
    }

    fn tell(&mut self, link: RawLink, message: serde_json::Value) -> Vec<String> {
        tell(&mut self.net, link, &[message]);
        refusals(&self.events)
    }
}

const ID: u64 = 128 << 32 | 1;
const NOBODY: [&str; 0] = [];

#[test]
fn only_whom_the_function_accepts_creates() {
    let mut school = School::new();
    let (ada, stranger) = (school.peer(Some("ada")), school.peer(None));
    let create = json!([6, [1, 0, 0, 0, []]]);
    assert_eq!(school.tell(stranger, create.clone()), ["`may_create` does not accept the sender"]);
    assert_eq!(heard(&mut school.net, ada), NOBODY);
    assert_eq!(school.tell(ada, create), NOBODY);
    assert_eq!(heard(&mut school.net, stranger)[0], format!("[7,[{ID},0,128,0]]"));
}

#[test]
fn a_call_is_refused_before_its_arguments_are_looked_at() {
    let mut school = School::new();
    let (ada, bob) = (school.peer(Some("ada")), school.peer(Some("bob")));
    school.tell(ada, json!([6, [1, 0, 0, 0, []]]));
    let of = |field: u8, arguments| json!([10, [ID, 1, field, arguments]]);
    for arguments in [json!([true]), json!(["nonsense"])] {
        assert_eq!(school.tell(bob, of(0, arguments)), ["`is_teacher` does not accept the sender"]);
    }
    // The function looks at the object too.
    assert_eq!(school.tell(bob, of(1, json!(["hi"]))), ["`may_write` does not accept the sender"]);
    assert_eq!(school.tell(ada, of(1, json!(["owner"]))), NOBODY);
    assert_eq!(school.tell(ada, of(0, json!([true]))), NOBODY);
    assert_eq!(school.tell(bob, of(1, json!(["bob"]))), NOBODY);
    assert_eq!(school.seen.take(), ["write owner", "write bob"]);
    let wrong = school.tell(ada, of(0, json!(["yes"])));
    assert_eq!(wrong, ["parameter `open`: expected a bool, found text of 3 characters"]);
}

#[test]
fn what_is_refused_is_not_kept_and_a_creation_goes_on_without_it() {
    let mut school = School::new();
    let (bob, eve) = (school.peer(Some("bob")), school.peer(Some("eve")));
    let carried = json!([[1, 0, [true]], [1, 1, ["mine"]]]);
    assert_eq!(
        school.tell(bob, json!([6, [1, 0, 0, 0, carried]])),
        ["`is_teacher` does not accept the sender"]
    );
    assert_eq!(
        school.tell(eve, json!([10, [ID, 1, 1, ["eve"]]])),
        ["`may_write` does not accept the sender"]
    );
    heard(&mut school.net, eve);
    school.tell(eve, json!([12, []]));
    let told = heard(&mut school.net, eve);
    assert_eq!(told[1..3], [format!("[10,[{ID},0,0,[false]]]"), format!("[10,[{ID},1,1,[\"mine\"]]]")]);
}

#[test]
fn a_function_that_panics_accepts_nobody() {
    let mut school = School::new();
    let (ada, mallory) = (school.peer(Some("ada")), school.peer(Some("mallory")));
    school.tell(ada, json!([6, [1, 0, 0, 0, []]]));
    let refused = school.tell(mallory, json!([10, [ID, 1, 1, ["boom"]]]));
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("mallory breaks everything"), "{refused:?}");
    assert_eq!(school.tell(ada, json!([10, [ID, 1, 1, ["still here"]]])), NOBODY);
    assert_eq!(school.seen.take(), ["write still here"]);
}

#[test]
fn messages_ask_too_before_they_are_decoded() {
    let mut school = School::new();
    let (ada, stranger) = (school.peer(Some("ada")), school.peer(None));
    for parameters in [json!([1]), json!(["nonsense"])] {
        assert_eq!(
            school.tell(stranger, json!([170, parameters])),
            ["`is_teacher` does not accept the sender"]
        );
    }
    assert_eq!(school.tell(stranger, json!([171, []])), NOBODY);
    assert_eq!(school.tell(ada, json!([170, [3]])), NOBODY);
    assert_eq!(school.seen.take(), ["sit", "ring 3"]);
}

#[test]
fn callers_need_no_proof_and_the_server_itself_is_not_asked() {
    let mut net = Net::new();
    let seen = Seen::new();
    let (builder, events) = recorded(server(&seen));
    let server = net.add(builder.build().unwrap());
    let ada = net.add(Node::client().view::<Watcher>().message::<Ring>().message::<Sit>().build().unwrap());
    net.connect(ada, server);
    let board = net.run(server, |n| n.create::<board::Contract>().call(|s| s.set_open(true)).send()).unwrap();
    net.run(server, |n| n.object(board).server().write("server".try_into().unwrap()));
    net.run(ada, |n| n.request_visible_objects());
    assert!(net.run(ada, |n| n.state(board).unwrap().open));
    net.run(ada, |n| n.object(board).server().write("ada".try_into().unwrap()));
    assert_eq!(refusals(&events), ["`may_write` does not accept the sender"]);
    assert_eq!(seen.take(), ["write server"]);
}
