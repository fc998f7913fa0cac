//! A handler is a function, and a type of the same name for explicit registration.

#![deny(warnings)]

use magicnet::{MessageHandler, Node, prelude::*};

#[message(id = 64, from = client)]
pub struct Say {
    pub text: Str<16>,
}

pub mod inside {
    use super::{Disconnect, MessageCx, Say, message_handler};

    /// Says it again.
    #[message_handler]
    pub fn again(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
        cx.reply(message);
        Ok(())
    }

    #[message_handler(role = server)]
    pub(crate) fn once(_: &mut MessageCx<'_>, _: Say) {}
}

type Answer = Result<(), Disconnect>;
type Spoken = Say;

#[message_handler]
fn aliased(cx: &mut MessageCx<'_>, mut message: Spoken) -> Answer {
    message.text = Str::default();
    Err(Disconnect::new(10, cx.sender().id().to_string()))
}

fn main() {
    let _ = Node::server().handler::<inside::again>().handler::<aliased>();
    assert_eq!(inside::again::HANDLER.name, "again");
    assert_eq!(inside::again::HANDLER.role, None);
    assert_eq!(inside::once::HANDLER.role, Some(magicnet::Role::SERVER));
}
