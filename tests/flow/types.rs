//! Enums, maps and checks between two nodes: in state, in calls, and refused before the handler.

use magicnet::prelude::*;
use magicnet::{AnyEvent, CallRejected, Node};
use magicnet_tests::{Net, Recorder};

use crate::number::recorded;

#[derive(NetworkType, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    #[default]
    Head,
    Hand,
}

#[derive(NetworkType, Clone, Debug, PartialEq)]
pub(crate) enum Act {
    Drop,
    Wear { what: Str<8>, at: Slot },
}

fn is_tidy(act: &Act) -> bool {
    *act != Act::Drop
}

#[network_object(name = "hero", create = anyone)]
mod hero {
    struct State {
        #[network_field(to = viewers, default = Act::Drop)]
        pub last: Act,
        #[network_field(to = viewers)]
        pub worn: Map<Slot, Str<8>, 2>,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn act(&mut self, #[arg(check = is_tidy)] act: Act);
    }
}

#[derive(Default)]
struct HeroServer;

#[network_object]
impl hero::Server for HeroServer {
    fn act(&mut self, cx: &mut hero::ServerCx<'_, Self>, act: Act) {
        let state = cx.state_mut();
        if let Act::Wear { what, at } = &act {
            state.worn.insert(*at, what.clone()).expect("there is room for every slot");
        }
        state.last = act;
    }
}

type Lines = Recorder<String>;

#[derive(Default)]
struct HeroClient;

#[network_object]
impl hero::Client for HeroClient {
    fn on_generate(&mut self, cx: &mut hero::ClientCx<'_, Self>) {
        let line = format!("{:?} {:?}", cx.state().last, cx.state().worn);
        cx.app::<Lines>().push(line);
    }
    fn worn_changed(&mut self, cx: &mut hero::ClientCx<'_, Self>, old: Map<Slot, Str<8>, 2>) {
        let line = format!("{} -> {}", old.len(), cx.state().worn.len());
        cx.app::<Lines>().push(line);
    }
}

#[test]
fn enums_and_maps_are_state_and_what_a_check_refuses_reaches_no_handler() {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::server().view::<HeroServer>());
    let server = net.add(builder.build().unwrap());
    let [(early, seen_early), (late, seen_late)] = [(); 2].map(|()| {
        let lines = Lines::new();
        (net.add(Node::client().view::<HeroClient>().with(lines.clone()).build().unwrap()), lines)
    });
    net.connect(early, server);
    let hero = net.run(early, |n| n.create::<hero::Contract>().send()).unwrap();
    let wear = |at| Act::Wear { what: "hat".try_into().unwrap(), at };
    net.run(early, |n| n.object(hero).server().act(wear(Slot::Hand)));
    net.run(early, |n| n.object(hero).server().act(wear(Slot::Head)));
    assert_eq!(seen_early.take(), ["Drop {}", "0 -> 1", "1 -> 2"]);

    events.take();
    net.run(early, |n| n.object(hero).server().act(Act::Drop));
    let reason = |event: AnyEvent| Some(event.downcast::<CallRejected>()?.reason.to_string());
    assert_eq!(
        events.take().into_iter().filter_map(reason).collect::<Vec<_>>(),
        ["parameter `act`: expected a value that `is_tidy` accepts, found an array of 1 member"]
    );

    net.connect(late, server);
    net.run(late, |n| n.request_visible_objects());
    let state = r#"Wear { what: Str("hat"), at: Head } {Head: Str("hat"), Hand: Str("hat")}"#;
    assert_eq!(seen_late.take(), [state]);
}
