//! Manifests, the files by which the sides of a Python MagicNet network know each other: JSON to a typed model and
//! back.
//!
//! The crate [`magicnet`](https://docs.rs/magicnet) writes them and compares them with its contracts, and its macros
//! make contracts from them: use it through these. It needs nothing else, since what a macro needs is compiled before
//! everything of its user's.
//!
//! **Promise:** every file that the Python library writes is read, what is read is written as that library would, and
//! no input makes it panic, recurse or allocate beyond a small multiple of the input's own size.

mod compare;
mod danger;
mod error;
mod hint;
mod json;
mod read;
mod table;

pub use compare::{Difference, Tolerance};
pub use error::ReadError;
pub use hint::{Hint, Kind, Note};
pub use json::Json;
pub use table::{Field, Manifest, Parameter, Table};
