//! The chat with the library over Panda3D, a game engine: its network classes carry the bytes, its task manager is the
//! loop. `python/panda.py` is that transport.

use crate::chat;
use crate::python::Version;

const OPTIONS: &[&str] = &["--panda"];

pub(crate) fn rust_server(version: Version) {
    chat::rust_server_over(version, |endpoint| endpoint, |endpoint| endpoint, OPTIONS);
}

pub(crate) fn python_server(version: Version) {
    chat::python_server_over(version, |endpoint| endpoint, OPTIONS);
}
