//! An enum borrows from one message.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door<'a, 'b> {
    Open(Text<'a, 4>),
    Closed(Text<'b, 4>),
}

fn main() {}
