//! All of it may come out of a user's macro, and all that is named may come into one.

#![allow(dead_code)]

use magicnet::prelude::*;
macro_rules! direct {
    ($name:literal, $door:ident, $cx:ident, $prop:ident, $ty:ty, $default:expr, $call:ident, $who:path, $fac:path) => {
        #[network_object(name = $name, role = server, create = $who)]
        struct $door {
            #[network_field(to = viewers, default = $default)]
            $prop: $ty,
            #[network_field(to = owner, spread)]
            both: ($ty, u8),
        }
        #[network_object(factory = $fac)]
        impl $door {
            #[network_field(from = $who)]
            fn $call(&mut self, cx: &mut $cx<'_>, value: $ty, #[arg(default = $default)] other: $ty) {
                self.$prop = value;
                let _ = cx.id();
                self.both.0 = other;
            }
        }
    };
}
fn may(_: &magicnet::Connection) -> bool {
    true
}
impl One {
    fn new() -> Self {
        Self { x: 3, both: (0, 0) }
    }
}
direct!("one", One, OneCx, x, i32, 3 + 4, set, may, One::new);
macro_rules! whole {
    ($a:ident $acx:ident $b:ident $bcx:ident) => {
        #[network_object(name = "pair", role = server, peer = $b)]
        #[derive(Default)]
        struct $a {
            #[network_field(to = viewers)]
            open: bool,
        }
        #[network_object]
        impl $a {
            #[network_field(from = anyone)]
            fn knock(&mut self, cx: &mut $acx<'_>, n: u8) {
                self.open = n > 2;
                cx.clients().creak(n);
            }
        }
        #[network_object(name = "pair", role = client, peer = $a)]
        #[derive(Default)]
        struct $b {
            n: u8,
        }
        #[network_object]
        impl $b {
            #[network_field(to = viewers)]
            fn creak(&mut self, cx: &mut $bcx<'_>, n: u8) {
                self.n = n;
                cx.server().knock(n);
            }
            fn open_changed(&mut self, _cx: &mut $bcx<'_>, old: bool) {
                let _ = old;
            }
        }
    };
}
whole!(Pa PaCx Pb PbCx);
macro_rules! sealed {
    () => {
        #[network_object(name = "inner", role = both)]
        #[derive(Default)]
        struct Inner {
            #[network_field(to = viewers)]
            open: bool,
        }
        #[network_object]
        impl Inner {
            #[network_field(from = anyone, to = viewers)]
            fn knock(&mut self, cx: &mut InnerCx<'_>, n: u8) {
                self.open = n > 2;
                cx.peers().knock(n);
            }
            fn open_changed(&mut self, _cx: &mut InnerCx<'_>, _old: bool) {}
        }
        #[network_object(name = "innerm", create = may)]
        mod innerm {
            struct State {
                #[network_field(to = viewers, init = creator, default = 3)]
                x: u8,
                #[network_field(to = nobody)]
                y: u8,
            }
            trait Both {
                #[network_field(from = may)]
                fn set(&mut self, #[arg(default = 3)] x: u8, #[arg(rest)] more: List<u8, 4>);
            }
        }
        #[derive(Default)]
        struct V;
        #[network_object]
        impl innerm::Both for V {
            fn set(&mut self, cx: &mut innerm::BothCx<'_, Self>, x: u8, _: List<u8, 4>) {
                cx.authority().unwrap().state_mut().x = x;
            }
        }
        #[message(id = 70, from = client, allow = may)]
        struct Msg {
            #[arg(default = 4)]
            x: u8,
        }
        #[message_handler]
        fn msg(cx: &mut MessageCx<'_>, m: Msg) {
            cx.reply(m);
        }
    };
}
sealed!();
fn main() {}
macro_rules! handled {
    ($name:ident, $cx:ty, $id:literal, $allow:path, $check:path, $msg:ident, $mty:ty, $from:ident) => {
        #[message(id = $id, from = $from, allow = $allow)]
        struct $msg {
            #[arg(check = $check)]
            x: u8,
        }
        #[message_handler]
        fn $name(cx: &mut $cx, m: $mty) {
            cx.reply(m);
        }
    };
}
fn small(x: &u8) -> bool {
    *x < 3
}
handled!(hand, MessageCx<'_>, 77, may, small, M77, M77, client);
macro_rules! module {
    ($m:ident, $who:path, $ty:ty, $prop:ident, $call:ident, $check:path, $vis:vis, $def:expr) => {
        #[network_object(name = "mm", create = $who, roles(both = 3))]
        $vis mod $m {
            $vis struct State {
                #[network_field(to = viewers, init = creator, default = $def)]
                $vis $prop: $ty,
                #[network_field(to = viewers, spread)]
                $vis two: ($ty, $ty),
            }
            $vis trait Both {
                #[network_field(from = $who)]
                fn $call(&mut self, #[arg(check = $check)] x: $ty, #[arg(default = $def)] y: $ty);
            }
        }
    };
}
module!(mm, may, u8, prop, call, small, pub(crate), 3 + 4);
