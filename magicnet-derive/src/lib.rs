//! The procedural macros of the `magicnet` crate. Use them through it.
