//! A message borrows from its bytes.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Text<'static, 256>,
}

fn main() {}
