//! Rates as values of keys: `rate = "20/s, burst 40"`.

use syn::{Expr, ExprLit, Lit, LitStr};

use super::{Pair, Value};
use crate::ctxt::Ctxt;
use crate::model::{PerTime, Rate};
use crate::suggest::did_you_mean;

const UNITS: &[(&str, PerTime)] = &[("s", PerTime::Second), ("min", PerTime::Minute), ("h", PerTime::Hour)];

const FORM: &str = "\"20/s\", \"3/min\" or \"100/h\", optionally with \", burst 40\"";

impl Pair {
    /// The value as a rate.
    pub(super) fn rate(&self, ctxt: &Ctxt) -> Option<Rate> {
        let text = match &self.value {
            Value::Is(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => text,
            Value::Is(expr) => {
                ctxt.error(expr, format!("`{}` is text in quotes: {FORM}", self.key));
                return None;
            }
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a value: `{key} = \"20/s\"`", key = self.key));
                return None;
            }
        };
        read(text).map_err(|sentence| ctxt.error(text, sentence)).ok()
    }
}

fn read(text: &LitStr) -> Result<Rate, String> {
    let text = text.value();
    let mut parts = text.split(',').map(str::trim);
    let (amount, unit) = per_time(parts.next().unwrap_or_default())?;
    let burst = parts.next().map(burst).transpose()?;
    if let Some(more) = parts.next() {
        return Err(format!("`{more}` is more than a rate says: it is {FORM}"));
    }
    Ok(Rate { amount, unit, burst })
}

/// `20/s`
fn per_time(text: &str) -> Result<(u32, PerTime), String> {
    let Some((amount, unit)) = text.split_once('/') else {
        return Err(format!("`rate` needs a unit: {FORM}"));
    };
    let amount = number(amount.trim())?;
    if amount == 0 {
        return Err("a rate of 0 lets nothing through: what no client may call is `from = server`".to_owned());
    }
    let unit = unit.trim();
    match UNITS.iter().find(|(known, _)| *known == unit) {
        Some((_, unit)) => Ok((amount, *unit)),
        None => {
            let hint = did_you_mean(unit, UNITS.iter().map(|(known, _)| *known));
            Err(format!("a rate is per second `s`, minute `min` or hour `h`, not per `{unit}`{hint}"))
        }
    }
}

/// `burst 40`
fn burst(text: &str) -> Result<u32, String> {
    match text.split_once(char::is_whitespace) {
        Some(("burst", count)) => match number(count.trim())? {
            0 => Err("a burst of 0 lets nothing through: it is how many may come at once".to_owned()),
            count => Ok(count),
        },
        _ => Err(format!("`{text}` is no part of a rate: it is {FORM}")),
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_overflow| format!("`{text}` is no whole number of at most {}: a rate is {FORM}", u32::MAX))
}
