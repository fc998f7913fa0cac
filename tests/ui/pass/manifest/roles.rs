//! Roles are found by what the files number, or have the numbers that are said.

#![deny(missing_docs, unused, warnings)]

use magicnet::prelude::*;
use magicnet::{Contract, Role};

/// One role is the view of every node.
pub mod plain {
    magicnet::manifest!("ui/manifests/dot.json");
}

/// The same, with what Python cannot say.
pub mod said {
    magicnet::manifest! {
        "ui/manifests/dot.json", "ui/manifests/dot.json";

        #[network_object(create = anyone, on_owner_left = keep)]
        pub mod dot {
            struct State {
                #[network_field(to = viewers, init = creator)]
                pub x,
            }
            trait Both {
                #[network_field(from = anyone, to = owner, persist = none)]
                fn blink(#[arg(default = 3)] times: u8);
            }
        }
    }
}

/// The number may be any.
pub mod second {
    magicnet::manifest!("ui/manifests/role.json");
}

/// Whose the one role is may be said.
pub mod clients {
    magicnet::manifest! {
        "ui/manifests/dot.json";
        pub mod dot {
            trait Client {}
        }
    }
}

/// Two roles have the numbers that are said.
pub mod numbered {
    magicnet::manifest! {
        "ui/manifests/client.json", "ui/manifests/role.json";

        #[network_object(roles(client = 0, server = 2))]
        pub mod door {}
    }
}

#[derive(Default)]
struct Dot;

#[network_object]
impl said::dot::Both for Dot {
    fn x_changed(&mut self, cx: &mut said::dot::BothCx<'_, Self>, _old: i32) {
        cx.server().blink(1);
    }
    fn blink(&mut self, cx: &mut said::dot::BothCx<'_, Self>, times: u8) {
        if let Some(mut server) = cx.authority() {
            server.state_mut().x = times.into();
        }
    }
}

fn roles<C: Contract>() -> Vec<(Role, u8, usize)> {
    C::OBJECT.roles.iter().map(|table| (table.role, table.number, table.fields.len())).collect()
}

fn main() {
    assert_eq!(roles::<plain::dot::Contract>(), [(Role::BOTH, 0, 2)]);
    assert_eq!(roles::<said::dot::Contract>(), [(Role::BOTH, 0, 2)]);
    assert_eq!(roles::<second::door::Contract>(), [(Role::BOTH, 2, 0)]);
    assert_eq!(roles::<clients::dot::Contract>(), [(Role::CLIENT, 0, 2), (Role::SERVER, 1, 0)]);
    assert_eq!(roles::<numbered::door::Contract>(), [(Role::CLIENT, 0, 3), (Role::SERVER, 2, 0)]);
}
