//! Raw identifiers are names like others.

#![allow(non_camel_case_types)]
use magicnet::prelude::*;
#[network_object(name = "door", role = server, peer = r#match)]
#[derive(Default)]
struct r#mod {
    #[network_field(to = viewers, init = creator)]
    r#type: u8,
    #[network_field(to = owner, spread)]
    r#fn: (u8, u8),
}
#[network_object]
impl r#mod {
    #[network_field(from = anyone)]
    fn r#move(&mut self, cx: &mut modCx<'_>, r#in: u8, #[arg(default = 3)] r#for: u8) {
        self.r#type = r#in + r#for;
        cx.clients().r#loop(1);
    }
}
#[network_object(name = "door", role = client, peer = r#mod)]
#[derive(Default)]
struct r#match;
#[network_object]
impl r#match {
    #[network_field(to = viewers)]
    fn r#loop(&mut self, cx: &mut matchCx<'_>, r#in: u8) {
        let _ = cx.state().r#type + r#in;
    }
    fn type_changed(&mut self, cx: &mut matchCx<'_>, _old: u8) {
        cx.server().r#move(1, 2);
    }
    fn fn_changed(&mut self, cx: &mut matchCx<'_>, _old: (u8, u8)) {
        cx.server().r#move(1, 2);
    }
}
#[network_object(name = "r", role = both)]
#[derive(Default)]
struct r#try {
    #[network_field(to = nobody)]
    r#as: u8,
    #[network_field(to = viewers)]
    r#if: u8,
}
#[network_object]
impl r#try {
    #[network_field(from = anyone, to = viewers, persist = ram)]
    fn r#loop(&mut self, cx: &mut tryCx<'_>, r#in: u8) {
        let _ = r#in;
        let _ = cx.peers().r#loop(1);
    }
    fn if_changed(&mut self, _cx: &mut tryCx<'_>, _old: u8) {}
}
fn main() {}
