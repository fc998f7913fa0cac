//! A message borrows for one lifetime.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say<'a, 'b> {
    pub to: Text<'a, 16>,
    pub text: Text<'b, 256>,
}

fn main() {}
