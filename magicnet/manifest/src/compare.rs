//! How two files differ, said so that one knows what to change.

use std::fmt;

use crate::{Field, Hint, Kind, Manifest, Parameter, Table};

/// One difference. Its text names the object, the field and the parameter, and the two sides by the words that were
/// given for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The object that differs.
    pub object: String,
    /// Within the object: empty if it is all of it.
    place: String,
    how: String,
}

/// What is no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// Nothing: the files are to be the same.
    Exact,
    /// What does no harm on the wire: names of parameters, values of defaults, what is kept by whom; and a bound where
    /// the other side has none, since Python's hints often cannot say one.
    Wire,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "object `{}`{}: {}", self.object.escape_debug(), self.place, self.how)
    }
}

impl Manifest {
    /// All differences, by object, field and parameter. `sides` is what the two files are called: "here", "there".
    pub fn compare(&self, other: &Self, sides: [&str; 2]) -> Vec<Difference> {
        let mut found = Vec::new();
        let objects = self.tables.iter().chain(&other.tables).map(|table| &table.object);
        let mut objects: Vec<&String> = objects.collect();
        objects.sort();
        objects.dedup();
        for object in objects {
            match (self.table(object), other.table(object)) {
                (Some(a), Some(b)) => found.extend(a.compare(b, sides, Tolerance::Exact)),
                (only, _) => found.push(Difference {
                    object: object.clone(),
                    place: String::new(),
                    how: format!(
                        "is only {}, so the numbers of types differ",
                        sides[usize::from(only.is_none())]
                    ),
                }),
            }
        }
        found
    }
}

impl Table {
    /// All differences of two tables of one object.
    pub fn compare(&self, other: &Self, sides: [&str; 2], tolerance: Tolerance) -> Vec<Difference> {
        let mut comparison = Comparison { object: &self.object, sides, tolerance, found: Vec::new() };
        comparison.tables(self, other);
        comparison.found
    }
}

struct Comparison<'a> {
    object: &'a str,
    sides: [&'a str; 2],
    tolerance: Tolerance,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn differs(&mut self, place: String, how: String) {
        self.found.push(Difference { object: self.object.to_owned(), place, how });
    }

    /// "`a` here, `b` there", if they differ.
    fn values<T: PartialEq>(&mut self, place: &str, [a, b]: [T; 2], say: impl Fn(T) -> String) {
        if a != b {
            let (a, b, [here, there]) = (say(a), say(b), self.sides);
            self.differs(place.to_owned(), format!("{a} {here}, {b} {there}"));
        }
    }

    fn tables(&mut self, a: &Table, b: &Table) {
        self.values("", [a.role, b.role], |role| format!("role {role}"));
        let names = |table: &Table| table.fields.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        let (in_a, in_b) = (names(a), names(b));
        for (only, others, side) in [(&in_a, &in_b, 0), (&in_b, &in_a, 1)] {
            for name in only.iter().filter(|name| !others.contains(name)) {
                self.differs(in_field(name), format!("is only {}", self.sides[side]));
            }
        }
        let common = |names: &[String], others: &[String]| -> Vec<String> {
            names.iter().filter(|name| others.contains(name)).cloned().collect()
        };
        let (in_a, in_b) = (common(&in_a, &in_b), common(&in_b, &in_a));
        self.values("", [in_a, in_b], |names| format!("fields `{}`", names.join("`, `")));
        for field in &a.fields {
            if let Some(other) = b.fields.iter().find(|other| other.name == field.name) {
                self.fields(field, other);
            }
        }
    }

    fn fields(&mut self, a: &Field, b: &Field) {
        let place = in_field(&a.name);
        if self.tolerance == Tolerance::Exact {
            let keeps = |it: bool| if it { "is kept" } else { "is not kept" }.to_owned();
            self.values(&place, [a.persists, b.persists], keeps);
        }
        self.values(&place, [a.parameters.len(), b.parameters.len()], |count| format!("{count} parameters"));
        for (a, b) in a.parameters.iter().zip(&b.parameters) {
            let place = format!("{place}, parameter `{}`", a.name.escape_debug());
            self.parameters(&place, a, b);
        }
    }

    fn parameters(&mut self, place: &str, a: &Parameter, b: &Parameter) {
        let variadic = |it: bool| if it { "takes the rest" } else { "is one value" }.to_owned();
        self.values(place, [a.is_variadic, b.is_variadic], variadic);
        match self.tolerance {
            Tolerance::Exact => {
                self.values(place, [&a.name, &b.name], |name| format!("is called `{}`", name.escape_debug()));
                self.values(place, [&a.hint, &b.hint], |hint| format!("`{hint}`"));
                let default = |it: Option<&crate::Json>| match it {
                    Some(value) => format!("default {}", value.write()),
                    None => "no default".to_owned(),
                };
                self.values(place, [a.default.as_ref(), b.default.as_ref()], default);
            }
            Tolerance::Wire => {
                if !agree(&a.hint, &b.hint) {
                    self.values(place, [&a.hint, &b.hint], |hint| format!("`{hint}`"));
                }
                let default = |it: bool| if it { "may be left out" } else { "must be there" }.to_owned();
                self.values(place, [a.default.is_some(), b.default.is_some()], default);
            }
        }
    }
}

fn in_field(name: &str) -> String {
    format!(", field `{}`", name.escape_debug())
}

/// Whether two sides with these hints understand each other, apart from bounds that one of them does not have.
fn agree(a: &Hint, b: &Hint) -> bool {
    let all = |a: &[Hint], b: &[Hint]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b));
    match (a.kind(), b.kind()) {
        // What a class or a `Union` is made of is for those to know who wrote it.
        (Kind::Any | Kind::Class(_) | Kind::Union(_), _)
        | (_, Kind::Any | Kind::Class(_) | Kind::Union(_)) => true,
        (Kind::Integer { min, max }, Kind::Integer { min: other_min, max: other_max }) => {
            same_bound(min, other_min) && same_bound(max, other_max)
        }
        (Kind::Bool, Kind::Integer { min, max }) | (Kind::Integer { min, max }, Kind::Bool) => {
            same_bound(min, Some(0)) && same_bound(max, Some(1))
        }
        (Kind::Text { max: a }, Kind::Text { max: b }) | (Kind::Bytes { max: a }, Kind::Bytes { max: b }) => {
            same_bound(a, b)
        }
        (Kind::List { of, .. }, Kind::List { of: other, .. }) => match (of, other) {
            (Some(a), Some(b)) => agree(a, b),
            _ => true,
        },
        (Kind::List { of, .. }, Kind::Tuple(members)) | (Kind::Tuple(members), Kind::List { of, .. }) => {
            of.is_none_or(|of| members.iter().all(|member| agree(of, member)))
        }
        (Kind::Map { of, .. }, Kind::Map { of: other, .. }) => match (of, other) {
            (Some((key, value)), Some((other_key, other_value))) => {
                agree(key, other_key) && agree(value, other_value)
            }
            _ => true,
        },
        (Kind::Tuple(a), Kind::Tuple(b)) => all(a, b),
        (a, b) => a == b,
    }
}

fn same_bound<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
