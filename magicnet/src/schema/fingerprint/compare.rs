//! The comparison of two fingerprints, and its report.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use super::{ContractPrint, FieldPrint, Fingerprint, MessagePrint, RolePrint};

/// How two schemas differ. Its text has a line for each difference; "here" is the side that compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    differences: Vec<Difference>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    /// What differs: "contract `door`".
    subject: String,
    /// How: "is known here only".
    how: String,
}

impl Fingerprint {
    /// Whether the two sides can talk.
    ///
    /// The contracts must be the same ones, because their numbers on the wire are their places in the sorted list.
    /// Messages that one side alone knows are fine: to the other they are unknown numbers, which it ignores.
    ///
    /// # Errors
    ///
    /// When they differ, with everything that does.
    pub fn compare(&self, theirs: &Self) -> Result<(), Mismatch> {
        let contracts = pairs(&self.contracts, &theirs.contracts, |a, b| a.name.cmp(&b.name));
        let messages = pairs(&self.messages, &theirs.messages, |a, b| a.id.cmp(&b.id));
        let differences: Vec<Difference> = contracts
            .into_iter()
            .filter_map(Pair::contract_difference)
            .chain(messages.into_iter().filter_map(Pair::message_difference))
            .collect();
        if differences.is_empty() { Ok(()) } else { Err(Mismatch { differences }) }
    }
}

impl Mismatch {
    /// The report in at most 64 characters, for the detail of a DISCONNECT, whose reason says that the schemas differ:
    /// it reads the same on both sides.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        for (index, difference) in self.differences.iter().enumerate() {
            // What is said instead of those behind this one must have room as well.
            let behind = and_more(self.differences.len() - index - 1);
            let room = MAX_SUMMARY - chars(&text) - chars(&behind);
            let separator = if index == 0 { "" } else { ", " };
            let added = format!("{separator}{}", difference.subject);
            if chars(&added) <= room {
                text.push_str(&added);
            } else if index == 0 {
                text.extend(added.chars().take(room - 1));
                return text + "…" + &behind;
            } else {
                return text + &and_more(self.differences.len() - index);
            }
        }
        text
    }
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two sides were built from different schemas:")?;
        for difference in self.differences.iter().take(MAX_LINES) {
            write!(f, "\n- {} {}", difference.subject, difference.how)?;
        }
        match self.differences.len().saturating_sub(MAX_LINES) {
            0 => Ok(()),
            more => write!(f, "\n- and {more} more"),
        }
    }
}

impl std::error::Error for Mismatch {}

/// An item of one of two sorted lists, or of both.
enum Pair<'a, T> {
    Here(&'a T),
    There(&'a T),
    Both(&'a T, &'a T),
}

/// Walks over two sorted lists at once.
fn pairs<'a, T>(here: &'a [T], there: &'a [T], order: impl Fn(&T, &T) -> Ordering) -> Vec<Pair<'a, T>> {
    let (mut here, mut there) = (here.iter().peekable(), there.iter().peekable());
    std::iter::from_fn(|| {
        let side = match (here.peek(), there.peek()) {
            (Some(a), Some(b)) => order(a, b),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match side {
            Ordering::Less => here.next().map(Pair::Here),
            Ordering::Greater => there.next().map(Pair::There),
            Ordering::Equal => Some(Pair::Both(here.next()?, there.next()?)),
        }
    })
    .collect()
}

impl Pair<'_, ContractPrint> {
    fn contract_difference(self) -> Option<Difference> {
        let (name, how) = match self {
            Self::Here(ours) => (&ours.name, HERE_ONLY.to_owned()),
            Self::There(theirs) => (&theirs.name, THERE_ONLY.to_owned()),
            Self::Both(ours, theirs) if ours.hash == theirs.hash || ours.is_name() || theirs.is_name() => {
                return None;
            }
            Self::Both(ours, theirs) => (&ours.name, with_details("differs", &role_details(ours, theirs))),
        };
        Some(Difference { subject: format!("contract {}", Quoted(name)), how })
    }
}

impl Pair<'_, MessagePrint> {
    fn message_difference(self) -> Option<Difference> {
        let Self::Both(ours, theirs) = self else {
            return None;
        };
        if ours.hash == theirs.hash {
            return None;
        }
        let how = if ours.name == theirs.name {
            format!("differs ({})", Quoted(&ours.name))
        } else {
            let (ours, theirs) = (Quoted(&ours.name), Quoted(&theirs.name));
            format!("differs ({ours} here, {theirs} there)")
        };
        Some(Difference { subject: ours.id.to_string(), how })
    }
}

/// What the hashes of fields can say about two contracts of one name.
fn role_details(ours: &ContractPrint, theirs: &ContractPrint) -> Vec<String> {
    if ours.roles.is_empty() || theirs.roles.is_empty() {
        // One side left them out, to be short.
        return Vec::new();
    }
    let mut details = Vec::new();
    for role in &ours.roles {
        match theirs.roles.iter().find(|other| other.name == role.name) {
            None => details.push(format!("role {} {HERE_ONLY}", Quoted(&role.name))),
            Some(other) => {
                if role.number != other.number {
                    let (here, there) = (role.number, other.number);
                    let name = Quoted(&role.name);
                    details.push(format!("role {name} has number {here} here, {there} there"));
                }
                details.extend(field_details(role, other));
            }
        }
    }
    let missing = |role: &&RolePrint| ours.roles.iter().all(|own| own.name != role.name);
    let missing = theirs.roles.iter().filter(missing);
    details.extend(missing.map(|role| format!("role {} {THERE_ONLY}", Quoted(&role.name))));
    details
}

/// The fields of one role that differ. A field's place is part of the contract, but not of the field's hash: so one
/// that is new in the middle is one difference, and not as many as come behind it.
fn field_details(ours: &RolePrint, theirs: &RolePrint) -> Vec<String> {
    if ours.fields == theirs.fields {
        return Vec::new();
    }
    let hashes = |role: &RolePrint| role.fields.iter().map(|field| field.hash).collect::<HashSet<u32>>();
    let (known_here, known_there) = (hashes(ours), hashes(theirs));
    let is_new_here = |field: &FieldPrint| !known_there.contains(&field.hash);
    let is_new_there = |field: &FieldPrint| !known_here.contains(&field.hash);
    let role = Quoted(&ours.name);

    let mut details = Vec::new();
    for place in 0..ours.fields.len().max(theirs.fields.len()) {
        let here = ours.fields.get(place).filter(|field| is_new_here(field));
        let there = theirs.fields.get(place).filter(|field| is_new_there(field));
        let what = match (here, there) {
            (None, None) => continue,
            (Some(_), Some(_)) => "differs",
            (Some(_), None) => HERE_ONLY,
            (None, Some(_)) => THERE_ONLY,
        };
        let field = match here.and_then(|field| field.name) {
            Some(name) => format!("field {}", Quoted(name)),
            None => format!("field {place}"),
        };
        details.push(format!("{field} of {role} {what}"));
    }
    if details.is_empty() {
        details.push(format!("the fields of {role} are in another order"));
    }
    details
}

fn with_details(what: &str, details: &[String]) -> String {
    if details.is_empty() { what.to_owned() } else { format!("{what}: {}", details.join(", ")) }
}

/// A name from a peer, safe to print into a log.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0.escape_debug())
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

const HERE_ONLY: &str = "is known here only";
const THERE_ONLY: &str = "is known there only";

/// `s64` of the DISCONNECT message.
const MAX_SUMMARY: usize = 64;

/// A report is for people: a peer that makes up ten thousand contracts does not fill the log.
const MAX_LINES: usize = 100;
