//! Rules of parameter lists: those of calls, of messages and of structs.

use crate::ctxt::Ctxt;
use crate::model::{Parameter, Presence};

pub(super) fn check(ctxt: &Ctxt, parameters: &[Parameter<'_>]) {
    rest_has_no_default(ctxt, parameters);
    rest_is_last(ctxt, parameters);
    defaults_are_a_tail(ctxt, parameters);
}

/// A rest may be empty, so there is nothing that a default could stand for.
fn rest_has_no_default(ctxt: &Ctxt, parameters: &[Parameter<'_>]) {
    for parameter in parameters {
        if parameter.attrs.rest.is_given() && parameter.attrs.default.is_given() {
            ctxt.error(
                &parameter.attrs.default,
                "a rest may be empty, so it needs no default: leave this out",
            );
        }
    }
}

/// A rest takes all that is left, so nothing comes behind it.
fn rest_is_last(ctxt: &Ctxt, parameters: &[Parameter<'_>]) {
    let Some((_, before)) = parameters.split_last() else {
        return;
    };
    for parameter in before {
        if parameter.attrs.rest.is_given() {
            ctxt.error(
                &parameter.attrs.rest,
                format!("`{}` takes all values that are left: make it the last", parameter.name()),
            );
        }
    }
}

/// Values are left out from the end, so behind one with a default each has one. (A rest may be empty.)
fn defaults_are_a_tail(ctxt: &Ctxt, parameters: &[Parameter<'_>]) {
    let Some(first) =
        parameters.iter().position(|parameter| matches!(parameter.presence(), Presence::Default(_)))
    else {
        return;
    };
    for parameter in &parameters[first..] {
        if matches!(parameter.presence(), Presence::Required) {
            ctxt.error(
                parameter.place(),
                format!(
                    "`{}` needs a default too: `{}` before it may be left out, and values are left out from the end",
                    parameter.name(),
                    parameters[first].name()
                ),
            );
        }
    }
}
