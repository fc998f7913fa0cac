//! What properties say of themselves: their numbers, who gets them, what a creator gives, how they are written.

use magicnet::prelude::*;
use magicnet::{AnyEvent, Node, NodeBuilder, Role};
use magicnet_tests::{Host, Net, RawLink, Recorder};
use serde_json::json;

use crate::number::{Seen, recorded};
use crate::talk::{heard, raw, refusals, tell};

#[network_object(name = "token", create = anyone, on_owner_left = keep)]
mod token {
    struct State {
        #[network_field(to = viewers, spread, init = creator, wire = "set_pos")]
        at: (f32, f32, u8),
        #[network_field(to = nobody, default = 7)]
        seed: u32,
        #[network_field(to = owner)]
        cards: List<u8, 5>,
        #[network_field(to = server)]
        odds: u8,
        #[network_field(to = viewers, init = creator)]
        colour: Ranged<u8, 0, 3>,
    }
    trait Server {
        #[network_field(from = anyone, index = 1)]
        fn deal(&mut self, card: u8);
        #[network_field(from = anyone)]
        fn shake(&mut self, seed: u32);
    }
    trait Client {
        #[network_field(index = 0)]
        fn greet(&mut self);
    }
}

#[derive(Default)]
struct Token;

#[network_object]
impl token::Server for Token {
    fn deal(&mut self, cx: &mut token::ServerCx<'_, Self>, card: u8) {
        cx.state_mut().odds += 1;
        if cx.state_mut().cards.push(card).is_err() {
            cx.reject("the hand is full");
        }
    }
    fn shake(&mut self, cx: &mut token::ServerCx<'_, Self>, seed: u32) {
        cx.state_mut().seed = seed;
        cx.clients().greet();
        if seed == 0 {
            cx.reject("no seed");
        }
    }
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl token::Client for Watcher {
    fn on_generate(&mut self, cx: &mut token::ClientCx<'_, Self>) {
        let token::State { at, seed, cards, odds, colour } = cx.state();
        let line = format!("generate {at:?} {seed} {:?} {odds} {}", &cards[..], **colour);
        cx.app::<Seen>().push(line);
    }
    fn at_changed(&mut self, cx: &mut token::ClientCx<'_, Self>, old: (f32, f32, u8)) {
        cx.app::<Seen>().push(format!("at {old:?} -> {:?}", cx.state().at));
    }
    fn cards_changed(&mut self, cx: &mut token::ClientCx<'_, Self>, old: List<u8, 5>) {
        cx.app::<Seen>().push(format!("cards {:?} -> {:?}", &old[..], &cx.state().cards[..]));
    }
    fn odds_changed(&mut self, cx: &mut token::ClientCx<'_, Self>, old: u8) {
        cx.app::<Seen>().push(format!("odds {old} -> {}", cx.state().odds));
    }
    fn greet(&mut self, cx: &mut token::ClientCx<'_, Self>) {
        cx.app::<Seen>().push("greet".to_owned());
    }
}

fn server() -> NodeBuilder {
    Node::server().view::<Token>()
}

fn client(net: &mut Net) -> (Host, Seen) {
    let seen = Seen::new();
    let node = Node::client().view::<Watcher>().with(seen.clone()).build().unwrap();
    (net.add(node), seen)
}

struct Table {
    net: Net,
    server: Host,
    events: Recorder<AnyEvent>,
    ada: RawLink,
    bob: RawLink,
}

/// A server with two raw clients, as repositories 128 and 129.
fn table(builder: NodeBuilder) -> Table {
    let mut net = Net::new();
    let (builder, events) = recorded(builder);
    let server = net.add(builder.build().unwrap());
    let (ada, bob) = (raw(&mut net, server), raw(&mut net, server));
    Table { net, server, events, ada, bob }
}

const ID: u64 = 128 << 32 | 1;

#[test]
fn fields_have_the_numbers_that_they_say_and_the_others_fill_the_rest() {
    let Table { mut net, ada, bob, .. } = table(server());
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]])]);
    // Number 0 is the call's; what no peer gets has none.
    assert_eq!(
        heard(&mut net, bob),
        [
            format!("[7,[{ID},0,128,0]]"),
            format!("[10,[{ID},0,1,[0.0,0.0,0]]]"),
            format!("[10,[{ID},0,4,[0]]]"),
            format!("[11,[{ID}]]"),
        ]
    );
    tell(&mut net, bob, &[json!([10, [ID, 1, 0, [9]]])]);
    assert_eq!(heard(&mut net, bob), [format!("[10,[{ID},0,0,[]]]")], "`shake` is number 0, `deal` said 1");
}

#[test]
fn a_manifest_has_what_is_on_the_wire_in_the_order_of_the_numbers() {
    let manifest = Node::client().view::<Watcher>().manifest().to_json();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let table = manifest["token"]["signatures"].as_array().unwrap();
    let fields: Vec<_> =
        table.iter().map(|it| json!([it["n"], it["a"], it["f"].as_array().unwrap().len()])).collect();
    assert_eq!(
        fields,
        [
            json!(["greet", 0, 0]),
            json!(["set_pos", 1, 3]),
            json!(["set_cards", 1, 1]),
            json!(["set_odds", 1, 1]),
            json!(["set_colour", 1, 1]),
        ]
    );
    let names: Vec<_> = table[1]["f"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["at_0", "at_1", "at_2"]);
}

#[test]
fn a_tuple_that_is_spread_is_several_arguments() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, seen) = client(&mut net);
    net.connect(ada, server);
    let token = net.run(ada, |n| n.create::<token::Contract>().init(|s| s.at((1.0, 2.0, 3))).send()).unwrap();
    assert_eq!(seen.take(), ["generate (1.0, 2.0, 3) 7 [] 0 0"]);
    let watcher = raw(&mut net, server);
    net.run(server, |n| {
        n.with(token, |_: &mut Token, cx: &mut token::ServerCx<'_, Token>| cx.state_mut().at.2 = 4).unwrap();
    });
    assert_eq!(heard(&mut net, watcher), [format!("[10,[{},0,1,[1.0,2.0,4]]]", token.id().to_u64())]);
    assert_eq!(seen.take(), ["at (1.0, 2.0, 3) -> (1.0, 2.0, 4)"]);
}

#[test]
fn the_owner_alone_gets_what_is_for_the_owner_live_and_when_it_asks() {
    let Table { mut net, ada, bob, server, .. } = table(server());
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, [[1, 1, [5]]]]])]);
    let own = format!("[10,[{ID},0,2,[[5]]]]");
    let told = heard(&mut net, ada);
    assert_eq!(told.iter().filter(|line| **line == own).count(), 1);
    assert_eq!(told.last(), Some(&format!("[11,[{ID}]]")), "it comes before the end of the snapshot");
    assert!(!heard(&mut net, bob).contains(&own));
    tell(&mut net, bob, &[json!([10, [ID, 1, 1, [6]]])]);
    assert_eq!(heard(&mut net, ada), [format!("[10,[{ID},0,2,[[5,6]]]]")]);
    assert_eq!(heard(&mut net, bob), [""; 0]);
    for (link, count) in [(ada, 5), (bob, 4)] {
        tell(&mut net, link, &[json!([12, []])]);
        assert_eq!(heard(&mut net, link).len(), count);
    }
    // Who comes later and is not the owner gets nothing of it either.
    let (eve, seen) = client(&mut net);
    net.connect(eve, server);
    net.run(eve, |n| n.request_visible_objects());
    assert_eq!(seen.take(), ["generate (0.0, 0.0, 0) 7 [] 0 0"]);
    net.raw(ada).hang_up();
    net.settle();
    tell(&mut net, bob, &[json!([10, [ID, 1, 1, [7]]])]);
    assert_eq!((heard(&mut net, bob), seen.take()), (vec![], vec![]));
}

#[test]
fn an_owner_that_does_not_see_its_object_gets_nothing_of_it() {
    let Table { mut net, ada, bob, server, .. } = table(server().zones(Zones::ClientChosen));
    for link in [ada, bob] {
        tell(&mut net, link, &[json!([5, ["vz", [3]]])]);
    }
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 3, []]])]);
    assert_eq!(heard(&mut net, ada).len(), 5);
    tell(&mut net, ada, &[json!([5, ["vz", [4]]])]);
    tell(&mut net, bob, &[json!([10, [ID, 1, 1, [6]]])]);
    assert_eq!(heard(&mut net, ada), [""; 0]);
    // The object follows: the whole of it is there, the owner's part included.
    let token = net.run(server, |n| n.objects::<token::Contract>())[0];
    heard(&mut net, bob);
    net.run(server, |n| n.set_zone(token, 4_u32));
    assert!(heard(&mut net, ada).contains(&format!("[10,[{ID},0,2,[[6]]]]")));
    assert_eq!(heard(&mut net, bob), [format!("[9,[{ID}]]")]);
}

#[test]
fn clients_get_nothing_of_what_is_for_servers() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, seen) = client(&mut net);
    net.connect(ada, server);
    let token = net.run(ada, |n| n.create::<token::Contract>().send()).unwrap();
    net.run(ada, |n| n.object(token).server().deal(1));
    assert_eq!(seen.take(), ["generate (0.0, 0.0, 0) 7 [] 0 0", "cards [] -> [1]"]);
    assert_eq!(net.run(server, |n| n.state(token).unwrap().odds), 1);
    assert_eq!(net.run(ada, |n| n.state(token).unwrap().odds), 0, "it is what it was at first");
}

#[test]
fn other_servers_get_what_is_for_servers_live_and_when_they_ask() {
    let Table { mut net, server, ada, .. } = table(server());
    let other = net.raw_client_as(Role::SERVER, server);
    net.raw(other).hello();
    net.settle();
    net.raw(other).messages();
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]])]);
    let odds = |value: u8| format!("[10,[{ID},0,3,[{value}]]]");
    assert!(heard(&mut net, other).contains(&odds(0)));
    tell(&mut net, ada, &[json!([10, [ID, 1, 1, [6]]])]);
    assert_eq!(heard(&mut net, other), [odds(1)], "and nothing of what is for the owner");
    tell(&mut net, other, &[json!([12, []])]);
    assert!(heard(&mut net, other).contains(&odds(1)));
    net.raw(other).hang_up();
    net.settle();
    tell(&mut net, ada, &[json!([10, [ID, 1, 1, [6]]])]);
    assert!(heard(&mut net, ada).iter().all(|line| !line.starts_with(&format!("[10,[{ID},0,3"))));
}

#[test]
fn what_no_peer_gets_is_kept_and_undone_like_all_state() {
    let Table { mut net, ada, bob, server, events } = table(server());
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]])]);
    let token = net.run(server, |n| n.objects::<token::Contract>())[0];
    heard(&mut net, bob);
    tell(&mut net, bob, &[json!([10, [ID, 1, 0, [99]]])]);
    assert_eq!(heard(&mut net, bob), [format!("[10,[{ID},0,0,[]]]")], "the call alone");
    assert_eq!(net.run(server, |n| n.state(token).unwrap().seed), 99);
    tell(&mut net, bob, &[json!([10, [ID, 1, 0, [0]]])]);
    assert_eq!(refusals(&events), ["rejected: no seed"]);
    assert_eq!(net.run(server, |n| n.state(token).unwrap().seed), 99);
}

#[test]
fn a_creator_gives_what_is_left_to_it_and_nothing_else() {
    let Table { mut net, ada, bob, events, .. } = table(server());
    let carried = json!([
        [0, 1, [1.5, 2.5, 3]],
        [0, 4, [2]],
        // Out of range, of another type, with too few values, the owner's, the server's, a call of clients.
        [0, 4, [4]],
        [0, 1, ["x", 0.0, 0]],
        [0, 1, [9.5]],
        [0, 2, [[1]]],
        [0, 3, [1]],
        [0, 0, []],
        [0, 5, [1]],
    ]);
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, carried]])]);
    assert_eq!(
        refusals(&events),
        [
            "parameter `colour`: expected an integer from 0 to 3, found 4",
            "parameter `at_0`: expected a float, found text of 1 character",
            "parameter `at_1`: expected a value, found nothing",
            "fields of role 0 cannot be set by a peer",
            "fields of role 0 cannot be set by a peer",
            "fields of role 0 cannot be set by a peer",
            "role 0 has no field 5",
        ]
    );
    let told = heard(&mut net, bob);
    assert_eq!(told[1..3], [format!("[10,[{ID},0,1,[1.5,2.5,3]]]"), format!("[10,[{ID},0,4,[2]]]")]);
    // Once the object is there, its state is the server's.
    tell(&mut net, ada, &[json!([10, [ID, 0, 4, [1]]])]);
    assert_eq!(refusals(&events), ["fields of role 0 cannot be set by a peer"]);
    assert_eq!(heard(&mut net, bob), [""; 0]);
}

#[test]
fn what_creators_say_is_done_in_the_order_in_which_they_say_it() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, seen) = client(&mut net);
    net.connect(ada, server);
    for maker in [ada, server] {
        let made = net.run(maker, |n| {
            let token = n.create::<token::Contract>().init(|s| s.colour(1.try_into().unwrap()));
            token.call(|s| s.deal(4)).init(|s| s.colour(2.try_into().unwrap())).send()
        });
        let cards = if maker == ada { "[4]" } else { "[]" };
        assert_eq!(seen.take(), [format!("generate (0.0, 0.0, 0) 7 {cards} 0 2")]);
        assert_eq!(net.run(server, |n| n.state(made.unwrap()).unwrap().cards.len()), 1);
    }
}
