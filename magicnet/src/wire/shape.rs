//! What a value looks like on the wire: the description behind manifests, fingerprints and error texts.

/// The shape of a [`NetworkType`](super::NetworkType), as data.
///
/// Two types of the same shape are the same to a peer, whatever their names in Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// An integer within both bounds, inclusive.
    Integer {
        /// The smallest value.
        min: i128,
        /// The largest value.
        max: i128,
    },
    /// A floating-point number of 32 or 64 bits.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// A boolean.
    Bool,
    /// Text of at most `max` characters.
    Text {
        /// The bound, in characters.
        max: usize,
    },
    /// At most `max` bytes.
    Bytes {
        /// The bound, in bytes.
        max: usize,
    },
    /// An array of at most `max` members of one shape.
    List {
        /// The shape of each member.
        of: &'static Self,
        /// The bound, in members.
        max: usize,
    },
    /// At most `max` values, each under another key.
    Map {
        /// The shape of each key.
        key: &'static Self,
        /// The shape of each value.
        value: &'static Self,
        /// The bound, in entries.
        max: usize,
    },
    /// An array with one shape per place.
    Tuple(&'static [&'static Self]),
    /// Nil, or a value.
    Option(&'static Self),
    /// A struct: an array of its members, whose missing tail may be filled by defaults.
    Struct {
        /// The type's name in Rust; not part of the wire.
        name: &'static str,
        /// Its members, in the order of the array.
        members: &'static [Member],
    },
    /// An enum: the place of a variant among them, alone if none has members; else an array of it and the members.
    Enum {
        /// The type's name in Rust; not part of the wire.
        name: &'static str,
        /// Its variants; each is known by its place.
        variants: &'static [Variant],
    },
    /// Any value whose encoding takes at most `max` bytes.
    Any {
        /// The bound, in bytes of msgpack.
        max: usize,
    },
}

/// One member of a [`Shape::Struct`], or of a variant of a [`Shape::Enum`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// Its name in Rust.
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static Shape,
    /// Whether a peer may leave it (and all after it) out.
    pub has_default: bool,
}

/// One variant of a [`Shape::Enum`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variant {
    /// Its name in Rust.
    pub name: &'static str,
    /// Its members, in the order of the array, where they come behind the variant's number.
    pub members: &'static [Member],
}

impl Variant {
    /// Whether enums of these variants are numbers on the wire: none of them has members.
    pub const fn are_numbers(variants: &[Self]) -> bool {
        let mut index = 0;
        while index < variants.len() {
            if !variants[index].members.is_empty() {
                return false;
            }
            index += 1;
        }
        true
    }
}
