//! What Python peers make of a file: what they cannot load, and what they drop.

use crate::hint::{LOADABLE, RULES};
use crate::{Hint, Kind, Manifest, Parameter};

/// A sentence for each danger, in the order of the file.
pub(crate) fn of(manifest: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    for table in &manifest.tables {
        for field in &table.fields {
            for parameter in &field.parameters {
                let place = |danger| {
                    format!(
                        "object `{}`, field `{}`, parameter `{}`: {danger}",
                        table.object, field.name, parameter.name
                    )
                };
                found.extend(of_parameter(parameter).into_iter().map(place));
            }
            if field.parameters.iter().filter(|it| !matches!(it.hint.kind(), Kind::Float)).count() > 1 {
                let (object, field) = (&table.object, &field.name);
                found.push(format!(
                    "object `{object}`, field `{field}`: \
                     0.0.3 with its validator drops a call in which two values are equal and small, such as [5, 5]"
                ));
            }
        }
    }
    found
}

fn of_parameter(parameter: &Parameter) -> Vec<String> {
    let mut dangers = Vec::new();
    parameter.hint.walk(&mut |hint| {
        let danger = of_hint(hint);
        for danger in danger {
            if !dangers.contains(&danger) {
                dangers.push(danger);
            }
        }
    });
    dangers
}

fn of_hint(hint: &Hint) -> Vec<String> {
    let mut dangers = Vec::new();
    if !LOADABLE.contains(&&hint.base[..]) {
        let instead = match hint.kind() {
            Kind::Bool => ": write `Annotated[int, Ge(0), Lt(2)]`",
            Kind::Nil => ": write `Any`",
            _ => ": write `tuple[...]` of its members",
        };
        dangers.push(format!("Python cannot load the hint `{}`{instead}", hint.base.escape_debug()));
    }
    for rule in hint.rules() {
        let name = rule.split('(').next().unwrap_or(rule);
        if !RULES.contains(&name) {
            let rule = rule.escape_debug();
            dangers
                .push(format!("Python cannot load the rule `{rule}` unless the peer adds it to its library"));
        }
    }
    if hint.rules().next().is_some() && ["list", "dict", "tuple", "Union"].contains(&&hint.base[..]) {
        dangers.push(format!(
            "Python cannot check by a rule on a `{}`, and raises: leave the rule out",
            hint.base
        ));
    }
    match hint.kind() {
        Kind::Float => dangers.push("0.0.3 with its validator drops a call with floats".to_owned()),
        Kind::Nil => dangers.push("0.0.3 with its validator drops a call with None".to_owned()),
        Kind::Any => dangers.push(
            "Python does not check it, and 0.0.3 with its validator drops one that holds floats or None"
                .to_owned(),
        ),
        Kind::Union(_) => {
            dangers.push(
                "Python takes equal small values in several unions of a list for a recursion".to_owned(),
            );
        }
        Kind::Map { of: Some((key, _)), .. } if !matches!(key.kind(), Kind::Text { .. }) => {
            dangers.push("no Python peer reads a dict whose keys are not text".to_owned());
        }
        _ => {}
    }
    dangers
}
