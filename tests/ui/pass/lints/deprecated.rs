//! Attributes that users put on calls and items stay there; a deprecated call is deprecated on stubs too.

#![deny(warnings)]
#![allow(clippy::mixed_attributes_style, clippy::non_minimal_cfg, reason = "they are what is tried")]

use magicnet::prelude::*;

#[network_object(name = "door")]
#[allow(dead_code)]
pub mod door {
    #![allow(unused_imports)]

    #[derive(Clone, Debug, PartialEq)]
    #[cfg_attr(all(), derive(Eq))]
    pub struct State {
        #[network_field(to = viewers)]
        #[allow(dead_code)]
        pub open: bool,
    }
    #[must_use = "a view that does nothing is of no use"]
    pub trait Server: std::fmt::Debug {
        #[deprecated = "use `rap`"]
        #[network_field(from = anyone)]
        fn knock(&mut self, #[allow(unused)] times: u8);
        #[allow(clippy::too_many_arguments)]
        #[network_field(from = anyone)]
        fn rap(&mut self);
    }
}

#[deprecated]
#[derive(NetworkType)]
pub struct Hinge {
    #[deprecated]
    pub height: u8,
}

#[deprecated]
#[message(id = 64, from = client)]
pub struct Say {
    #[deprecated]
    pub text: Str<16>,
}

#[message_handler]
#[deprecated]
#[allow(deprecated)]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    cx.reply(message);
}

#[derive(Debug, Default)]
#[deprecated]
pub struct Door;

#[network_object]
#[allow(deprecated)]
impl door::Server for Door {
    #[cfg(all())]
    fn knock(&mut self, _cx: &mut door::ServerCx<'_, Self>, _times: u8) {}
    fn rap(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
}

fn main() {}
