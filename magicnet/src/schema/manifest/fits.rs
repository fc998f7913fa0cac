//! Whether all values of one shape are values of another: asked when contracts are made from Python's files.

use crate::schema::ObjectDescriptor;
use crate::wire::{Member, Shape};

/// The shape without values, which fits all others.
pub const NEVER: Shape = Shape::Enum { name: "", variants: &[] };

/// The shape of a parameter, by the number of its role, of its field, and its place.
///
/// # Panics
///
/// When there is none, which is a mistake of the macro's.
pub const fn parameter(
    object: &'static ObjectDescriptor,
    (role, field, parameter): (u8, usize, usize),
) -> &'static Shape {
    let mut index = 0;
    while index < object.roles.len() {
        if object.roles[index].number == role {
            return object.roles[index].fields[field].parameters[parameter].shape;
        }
        index += 1;
    }
    panic!("the contract has every role that the files have")
}

/// Whether values of `inner` are values of `outer`. `size` is the most bytes of one where `inner` does not say it.
pub const fn fits(inner: &Shape, outer: &Shape, size: usize) -> bool {
    match (inner, outer) {
        (Shape::Enum { variants: [], .. }, _) => true,
        (Shape::Any { max: inner }, Shape::Any { max: outer }) => *inner <= *outer,
        (_, Shape::Any { max }) => size <= *max,
        (Shape::Option(inner), Shape::Option(outer)) => fits(inner, outer, size),
        (_, Shape::Option(outer)) => fits(inner, outer, size),
        (Shape::Integer { min, max }, Shape::Integer { min: low, max: high }) => {
            *low <= *min && *max <= *high
        }
        (Shape::Integer { min, max }, Shape::Bool) => 0 <= *min && *max <= 1,
        (Shape::Integer { .. }, Shape::Float { .. }) => true,
        (Shape::Bool, Shape::Bool) => true,
        (Shape::Bool, Shape::Integer { min, max }) => *min <= 0 && 1 <= *max,
        (Shape::Float { .. }, Shape::Float { .. }) => true,
        (Shape::Enum { variants, .. }, Shape::Integer { min, max }) => {
            crate::wire::Variant::are_numbers(variants) && *min <= 0 && variants.len() as i128 <= *max + 1
        }
        (Shape::Text { max: inner }, Shape::Text { max: outer })
        | (Shape::Bytes { max: inner }, Shape::Bytes { max: outer }) => *inner <= *outer,
        (Shape::List { of, max }, Shape::List { of: outer, max: most }) => {
            *max <= *most && fits(of, outer, size)
        }
        (Shape::Tuple(members), Shape::List { of, max }) => {
            members.len() <= *max && all_fit(members, of, size)
        }
        (Shape::Tuple(members), Shape::Tuple(outer)) => each_fits(members, outer, size),
        (Shape::Tuple(members), Shape::Struct { members: outer, .. }) => fit_members(members, outer, size),
        (Shape::Struct { members, .. }, Shape::Tuple(outer)) => members_fit(members, outer, size),
        (Shape::Struct { members, .. }, Shape::List { of, max }) => {
            members.len() <= *max && members_fit_one(members, of, size)
        }
        // Each form of such an enum is an array, of members of several kinds.
        (Shape::Enum { variants, .. }, Shape::List { of: Shape::Any { .. }, .. }) => {
            !crate::wire::Variant::are_numbers(variants)
        }
        (Shape::Map { key, value, max }, Shape::Map { key: outer_key, value: outer_value, max: most }) => {
            *max <= *most && fits(key, outer_key, size) && fits(value, outer_value, size)
        }
        _ => false,
    }
}

const fn all_fit(members: &[&Shape], outer: &Shape, size: usize) -> bool {
    let mut index = 0;
    while index < members.len() {
        if !fits(members[index], outer, size) {
            return false;
        }
        index += 1;
    }
    true
}

const fn each_fits(members: &[&Shape], outer: &[&Shape], size: usize) -> bool {
    let mut index = 0;
    while index < members.len() && index < outer.len() {
        if !fits(members[index], outer[index], size) {
            return false;
        }
        index += 1;
    }
    members.len() == outer.len()
}

/// A tuple as a struct, whose last members may be missing.
const fn fit_members(members: &[&Shape], outer: &[Member], size: usize) -> bool {
    let mut index = 0;
    while index < outer.len() {
        let fits = if index < members.len() {
            fits(members[index], outer[index].shape, size)
        } else {
            outer[index].has_default
        };
        if !fits {
            return false;
        }
        index += 1;
    }
    members.len() <= outer.len()
}

const fn members_fit(members: &[Member], outer: &[&Shape], size: usize) -> bool {
    let mut index = 0;
    while index < members.len() && index < outer.len() {
        if !fits(members[index].shape, outer[index], size) {
            return false;
        }
        index += 1;
    }
    members.len() == outer.len()
}

const fn members_fit_one(members: &[Member], outer: &Shape, size: usize) -> bool {
    let mut index = 0;
    while index < members.len() {
        if !fits(members[index].shape, outer, size) {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{NEVER, fits};
    use crate::wire::{Bytes, List, Map, Member, NetworkType, Ranged, Shape, Str, Value};

    const ALL: usize = usize::MAX;

    fn int(min: i128, max: i128) -> Shape {
        Shape::Integer { min, max }
    }

    #[test]
    fn narrower_types_fit_wider_hints() {
        static POINT: Shape = Shape::Struct {
            name: "Point",
            members: &[
                Member { name: "x", shape: f32::SHAPE, has_default: false },
                Member { name: "y", shape: f32::SHAPE, has_default: true },
            ],
        };
        let text = Shape::Text { max: ALL };
        let any = Shape::Any { max: ALL };
        for (inner, outer, expected) in [
            (u8::SHAPE, &int(0, 255), true),
            (u8::SHAPE, &int(0, 254), false),
            (<Ranged<u8, 1, 5>>::SHAPE, &int(1, 5), true),
            (bool::SHAPE, &int(0, 1), true),
            (u8::SHAPE, &any, true),
            (u8::SHAPE, &text, false),
            (<Str<64>>::SHAPE, &text, true),
            (<Str<64>>::SHAPE, &Shape::Text { max: 16 }, false),
            (<Str<64>>::SHAPE, &Shape::Bytes { max: ALL }, false),
            (<Bytes<8>>::SHAPE, &Shape::Bytes { max: 8 }, true),
            (f32::SHAPE, &Shape::Float { bits: 64 }, true),
            (<List<u8, 4>>::SHAPE, &Shape::List { of: &Shape::Any { max: ALL }, max: ALL }, true),
            (<List<u8, 4>>::SHAPE, &Shape::List { of: <Str<4>>::SHAPE, max: ALL }, false),
            (<(u8, f32)>::SHAPE, &Shape::Tuple(&[u8::SHAPE, f64::SHAPE]), true),
            (<(u8, f32)>::SHAPE, &Shape::Tuple(&[u8::SHAPE]), false),
            (&POINT, &Shape::Tuple(&[f64::SHAPE, f64::SHAPE]), true),
            (&POINT, &Shape::List { of: f64::SHAPE, max: ALL }, true),
            (
                <Map<Str<4>, u8, 4>>::SHAPE,
                &Shape::Map { key: &Shape::Text { max: ALL }, value: u8::SHAPE, max: ALL },
                true,
            ),
            (<Option<u8>>::SHAPE, u8::SHAPE, false),
            (<Value<8>>::SHAPE, u8::SHAPE, false),
        ] {
            assert_eq!(fits(inner, outer, 0), expected, "{inner:?} in {outer:?}");
        }
    }

    #[test]
    fn defaults_fit_types() {
        static NIL: Shape = Shape::Option(&NEVER);
        for (default, ty, expected) in [
            (&int(7, 7), u8::SHAPE, true),
            (&int(256, 256), u8::SHAPE, false),
            (&int(1, 1), bool::SHAPE, true),
            (&int(1, 1), f64::SHAPE, true),
            (&NIL, <Option<Str<4>>>::SHAPE, true),
            (&NIL, <Value<4>>::SHAPE, true),
            (&NIL, u8::SHAPE, false),
            (&Shape::Text { max: 3 }, <Option<Str<4>>>::SHAPE, true),
            (&Shape::Tuple(&[]), <List<u8, 4>>::SHAPE, true),
            (&Shape::Map { key: &NEVER, value: &NEVER, max: 0 }, <Map<u8, u8, 4>>::SHAPE, true),
        ] {
            assert_eq!(fits(default, ty, 1), expected, "{default:?} in {ty:?}");
        }
        assert!(!fits(&int(7, 7), <Value<4>>::SHAPE, 9), "larger than the bound in bytes");
    }
}
