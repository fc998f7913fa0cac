//! Roles of the application's own, alone, in lists and in quotes.

use magicnet::__private::Sender;
use magicnet::prelude::*;
use magicnet::{Message, MessageHandler, Role};

const ADMIN: Role = Role::new("admin");
const DIRECTOR: Role = Role::new("message-director");
const SERVE: Role = Role::new("serve");

#[message(id = 65, from = admin)]
pub struct Kick {
    pub name: Str<16>,
}

#[message(id = 66, from = [admin, client])]
pub struct Say {
    pub text: Str<16>,
}

#[message(id = 67, from = "message-director")]
pub struct Route {
    pub to: u8,
}

/// It looks like a slip of `server`, and is none.
#[message(id = 68, from = "serve")]
pub struct Serve;

#[message_handler(role = r#gateway)]
fn kick(_: &mut MessageCx<'_>, _: Kick) {}

fn main() {
    assert_eq!(Kick::MESSAGE.from, Sender::Roles(&[ADMIN]));
    assert_eq!(Say::MESSAGE.from, Sender::Roles(&[ADMIN, Role::CLIENT]));
    assert_eq!(Route::MESSAGE.from, Sender::Roles(&[DIRECTOR]));
    assert_eq!(Serve::MESSAGE.from, Sender::Roles(&[SERVE]));
    assert_eq!(kick::HANDLER.role, Some(Role::new("gateway")));
}
