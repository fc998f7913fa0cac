//! Shapes as Python's typehints, and what these cannot say.

use magicnet_manifest::Hint;

use crate::schema::{Parameter, Presence};
use crate::wire::{Member, Shape, Variant};

/// The typehint of a shape.
pub(super) fn of(shape: &Shape) -> Hint {
    match shape {
        Shape::Integer { min, max } => int(*min, *max),
        Shape::Bool => int(0, 1),
        Shape::Float { .. } => Hint::plain("float"),
        Shape::Text { max } => Hint::plain("str").ruled([format!("MaxLen({max})")]),
        Shape::Bytes { max } => Hint::plain("bytes").ruled([format!("MaxLen({max})")]),
        Shape::List { of: member, .. } => Hint::with("list", vec![of(member)]),
        Shape::Map { key, value, .. } => Hint::with("dict", vec![of(key), of(value)]),
        Shape::Tuple(members) => tuple(members.iter().copied()),
        Shape::Struct { members, .. } => of_struct(members),
        Shape::Enum { variants, .. } => of_enum(variants),
        Shape::Option(_) | Shape::Any { .. } => Hint::plain("any"),
    }
}

fn int(min: i128, max: i128) -> Hint {
    Hint::plain("int").ruled([format!("Ge({min})"), format!("Lt({})", max + 1)])
}

fn of_struct(members: &[Member]) -> Hint {
    let needed = needed(members);
    let of_length = |len: usize| tuple(members[..len].iter().map(|member| member.shape));
    if needed == members.len() {
        of_length(needed)
    } else if needed == 0 {
        // Python has no hint for an empty tuple that it can load: the bare one takes every tuple.
        Hint::plain("tuple")
    } else {
        Hint::with("Union", (needed..=members.len()).map(of_length).collect())
    }
}

fn of_enum(variants: &[Variant]) -> Hint {
    let last = i128::try_from(variants.len()).expect("a variant has a number of 8 bits") - 1;
    if Variant::are_numbers(variants) {
        return int(0, last);
    }
    // A tuple for each number and each length.
    let forms = (0..).zip(variants).flat_map(|(number, Variant { members, .. })| {
        let tagged = move |len: usize| {
            let members = members[..len].iter().map(|member| of(member.shape));
            Hint::with("tuple", std::iter::once(int(number, number)).chain(members).collect())
        };
        (needed(members)..=members.len()).map(tagged)
    });
    let mut forms: Vec<Hint> = forms.collect();
    if forms.len() == 1 { forms.remove(0) } else { Hint::with("Union", forms) }
}

/// How many members must be there.
fn needed(members: &[Member]) -> usize {
    members.iter().rposition(|member| !member.has_default).map_or(0, |last| last + 1)
}

fn tuple(members: impl Iterator<Item = &'static Shape>) -> Hint {
    Hint::with("tuple", members.map(of).collect())
}

/// What Python does not check of a parameter, and when it drops it.
pub(super) fn warnings(parameter: &Parameter) -> Vec<String> {
    let mut found = Found::default();
    found.look_at(parameter.shape);
    if let Presence::Rest { max } = parameter.presence {
        found.lists.push(max);
    }
    let mut warnings = Vec::new();
    for max in found.lists {
        warnings.push(format!("Python does not check that there are at most {max}"));
    }
    if found.loose_struct {
        warnings.push("Python does not check the members of a struct that may all be missing".to_owned());
    }
    if found.unreadable_map {
        warnings.push("no Python peer reads a map whose keys are not text".to_owned());
    }
    if found.any {
        warnings.push(
            "Python does not check a `Value`, 0.0.3 with its validator drops one that holds floats or nil, \
             and no Python peer reads a map with integer keys"
                .to_owned(),
        );
    }
    if found.option {
        warnings.push(
            "Python does not check an `Option`, and 0.0.3 with its validator drops a call with nil"
                .to_owned(),
        );
    }
    if found.float {
        warnings.push("0.0.3 with its validator drops a call with floats".to_owned());
    }
    warnings
}

/// What a shape holds, at whatever depth.
#[derive(Default)]
struct Found {
    lists: Vec<usize>,
    loose_struct: bool,
    unreadable_map: bool,
    any: bool,
    option: bool,
    float: bool,
}

impl Found {
    fn look_at(&mut self, shape: &Shape) {
        match shape {
            Shape::Integer { .. } | Shape::Bool | Shape::Text { .. } | Shape::Bytes { .. } => {}
            Shape::Float { .. } => self.float = true,
            Shape::Any { .. } => self.any = true,
            Shape::Option(of) => {
                self.option = true;
                self.look_at(of);
            }
            Shape::List { of, max } => {
                self.lists.push(*max);
                self.look_at(of);
            }
            Shape::Map { key, value, max } => {
                self.lists.push(*max);
                self.unreadable_map |= !matches!(key, Shape::Text { .. });
                self.look_at(key);
                self.look_at(value);
            }
            Shape::Tuple(members) => members.iter().for_each(|member| self.look_at(member)),
            Shape::Struct { members, .. } => {
                self.loose_struct |= needed(members) == 0;
                members.iter().for_each(|member| self.look_at(member.shape));
            }
            Shape::Enum { variants, .. } => {
                let members = variants.iter().flat_map(|variant| variant.members);
                members.for_each(|member| self.look_at(member.shape));
            }
        }
    }
}

/// Whether a call may carry two values that are the same object in Python, which 0.0.3 takes for a recursion.
pub(super) fn may_hold_equal_values(parameters: &[Parameter]) -> bool {
    let count = |parameter: &Parameter| match parameter.presence {
        Presence::Rest { max } => max.saturating_mul(most_values(parameter.shape)),
        _ => most_values(parameter.shape),
    };
    parameters.iter().map(count).fold(0, usize::saturating_add) > 1
}

/// How many values that may be one object a shape may hold.
fn most_values(shape: &Shape) -> usize {
    let sum = |counts: &mut dyn Iterator<Item = usize>| counts.fold(0, usize::saturating_add);
    match shape {
        // Python makes each float anew, and keeps one of each small number, letter and byte.
        Shape::Float { .. } => 0,
        Shape::Integer { .. } | Shape::Bool | Shape::Text { .. } | Shape::Bytes { .. } => 1,
        Shape::Option(of) => most_values(of),
        Shape::List { of, max } => max.saturating_mul(most_values(of)),
        Shape::Map { key, value, max } => {
            max.saturating_mul(most_values(key).saturating_add(most_values(value)))
        }
        Shape::Tuple(members) => sum(&mut members.iter().map(|member| most_values(member))),
        Shape::Struct { members, .. } => sum(&mut members.iter().map(|member| most_values(member.shape))),
        Shape::Enum { variants, .. } => {
            let of_variant = |variant: &Variant| {
                1 + sum(&mut variant.members.iter().map(|member| most_values(member.shape)))
            };
            variants.iter().map(of_variant).max().unwrap_or(0)
        }
        // A byte each, behind the header of an array.
        Shape::Any { max } => (*max).max(2) - 1,
    }
}
