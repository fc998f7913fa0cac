//! A handler is a function.

use magicnet::prelude::*;

#[message_handler]
struct Say;

fn main() {}
