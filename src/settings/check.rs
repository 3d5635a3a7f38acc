//! Whether a value is one its knob takes.

use serde_json::Value;

use super::table::{KNOBS, Knob, LayerWeight, Values};
use crate::error::{Error, Result, quoted};
use crate::network::Layer;

/// Finds a knob by its camelCase name.
///
/// # Errors
/// [`Error::UnknownSetting`], with the nearest name when one is near.
pub fn knob(name: &str) -> Result<&'static Knob> {
    KNOBS.iter().find(|knob| knob.name == name).ok_or_else(|| {
        let nearest = KNOBS.iter().min_by_key(|knob| distance(knob.name, name));
        Error::UnknownSetting {
            name: quoted(name, 80),
            suggestion: nearest.filter(|knob| distance(knob.name, name) <= 3).map(|knob| knob.name.into()),
            known: KNOBS.iter().map(|knob| knob.name).collect::<Vec<_>>().join(", "),
        }
    })
}

/// Checks one value against its knob.
pub(super) fn check(name: &str, value: &Value) -> Result<()> {
    let knob = knob(name)?;
    let bad = |expected: String| {
        Err(Error::BadSetting { name: name.into(), value: quoted(&value.to_string(), 80), expected })
    };
    match knob.values {
        Values::Integer { optional: true, .. } if value.is_null() => Ok(()),
        Values::Integer { min, max, .. } => match whole_number(value) {
            Some(n) if (min..=max).contains(&n) => Ok(()),
            _ => bad(format!("use a whole number from {min} to {max}")),
        },
        Values::Number { min, max } => match value.as_f64() {
            Some(n) if (min..=max).contains(&n) => Ok(()),
            _ => bad(format!("use a number from {min} to {max}")),
        },
        Values::Choice { of } => match value.as_str() {
            Some(word) if of.contains(&word) => Ok(()),
            _ => bad(format!("use one of {}", of.join(", "))),
        },
        Values::Layers => match serde_json::from_value::<Vec<LayerWeight>>(value.clone()) {
            Ok(list) => check_layers(&list).or_else(bad),
            Err(_) => bad(format!(
                "use a list such as [{{\"layer\": \"relu4_2\", \"weight\": 1}}] with layers {}",
                Layer::all().map(|layer| layer.to_string()).collect::<Vec<_>>().join(", ")
            )),
        },
    }
}

fn check_layers(list: &[LayerWeight]) -> std::result::Result<(), String> {
    for (index, entry) in list.iter().enumerate() {
        if !(0.0..=1e12).contains(&entry.weight) {
            return Err(format!("the weight of {} must be from 0 to 1e12", entry.layer));
        }
        if list[..index].iter().any(|earlier| earlier.layer == entry.layer) {
            return Err(format!("{} is listed twice", entry.layer));
        }
    }
    Ok(())
}

/// A JSON number that is whole, however it was written (`12`, `12.0`).
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n)).map(|n| n as u64))
}

/// How many letters two names are apart, for "did you mean".
fn distance(known: &str, given: &str) -> usize {
    // Nobody means a name of more letters, and the distance takes time.
    let given: String = given.chars().take(64).collect();
    strsim::levenshtein(&known.to_lowercase(), &given.to_lowercase())
}
