//! Properties are written and read by number, each as an array of one.

use magicnet::__private::{Arguments, ObjectState, Reader, Writer};
use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
        #[network_field(to = viewers)]
        pub name: Str<4>,
        #[network_field(to = viewers)]
        #[arg(any_float)]
        pub height: f32,
    }
}

fn encoded(state: &door::State, property: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes);
    state.encode(property, &mut writer);
    assert_eq!(writer.fault(), None);
    bytes
}

fn main() {
    let mut state = door::State { open: true, name: "oak".try_into().expect("it is short"), height: f32::NAN };
    assert_eq!(encoded(&state, 0), [0x91, 0xc3]);
    assert_eq!(encoded(&state, 1), [0x91, 0xa3, b'o', b'a', b'k']);
    let height = encoded(&state, 2);
    let mut decode = |property, bytes: &[u8]| {
        state.decode(property, &mut Arguments::open(Reader::new(bytes)).expect("it is an array"))
    };
    assert!(decode(0, &[0x91, 0xc2]).is_ok());
    assert!(decode(0, &[0x92, 0xc3, 0xc3]).is_err());
    assert!(decode(0, &[0x90]).is_err());
    assert!(decode(1, &[0x91, 0xa5, b'm', b'a', b'p', b'l', b'e']).is_err());
    assert!(decode(2, &height).is_ok());
    assert_eq!((state.open, &*state.name), (false, "oak"));
}
