//! Maps stand wherever other network types do.

use std::collections::HashMap;

use magicnet::prelude::*;

#[derive(NetworkType, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Head,
    Hand,
}

#[derive(NetworkType, Debug, PartialEq)]
pub struct Bag {
    by_slot: Map<Slot, Str<8>, 2>,
    #[arg(default)]
    by_place: Map<Ranged<u8, 0, 9>, Option<List<bool, 2>>, 10>,
}

#[network_object(name = "bag", create = anyone)]
pub mod bag {
    pub struct State {
        #[network_field(to = viewers)]
        pub content: Map<Str<8>, u16, 16>,
    }
    pub trait Server {
        fn fill(
            &mut self,
            what: Map<Str<8>, u16, 16>,
            #[arg(default = [(Slot::Head, true)].into())] slots: Map<Slot, bool, 2>,
        );
        fn pour(&mut self, #[arg(rest)] bags: List<Map<bool, i64, 2>, 2>);
    }
}

#[derive(Default)]
struct Server;

#[network_object]
impl bag::Server for Server {
    fn fill(&mut self, cx: &mut bag::ServerCx<'_, Self>, what: Map<Str<8>, u16, 16>, _: Map<Slot, bool, 2>) {
        let content = &mut cx.state_mut().content;
        for (name, count) in &what {
            let sum = content.get(name).copied().unwrap_or_default() + count;
            if content.insert(name.clone(), sum).is_err() {
                return cx.reject("the bag is full");
            }
        }
    }
    fn pour(&mut self, cx: &mut bag::ServerCx<'_, Self>, _: List<Map<bool, i64, 2>, 2>) {
        cx.state_mut().content.clear();
    }
}

fn main() {
    let many: HashMap<u8, u8> = (0..9).map(|n| (n, n)).collect();
    assert_eq!(
        Map::<u8, u8, 8>::try_from(many).map_err(|error| error.to_string()),
        Err("9 entries are more than the 8 allowed".to_owned())
    );
    let bag = Bag { by_slot: [(Slot::Hand, "x".try_into().expect("it fits"))].into(), by_place: Map::new() };
    assert_eq!(format!("{:?}", bag.by_slot), r#"{Hand: Str("x")}"#);
}
