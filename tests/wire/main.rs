//! The bytes on the wire: what the Python library sends and what any peer may send.
//!
//! `golden` holds the wire against what was recorded from the library, `properties` holds it against itself and
//! against another implementation of msgpack, `hostile` against bytes that want to hurt, `words` shows the texts of
//! errors, and `manifest` lets Python load our manifests.

mod golden;
mod hostile;
mod json;
mod manifest;
mod properties;
mod words;

/// Bytes from their hex.
fn unhex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "hex comes in pairs: {hex}");
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex has digits alone");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Hex of bytes.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
