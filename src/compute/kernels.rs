//! A device's choice of kernels, as a value that can be named, kept and forced.

use std::fmt;
use std::str::FromStr;

use super::form::Form;
use super::maps::{Layout, Tiling};
use crate::error::{Error, Result};

/// Which kernels run where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernels {
    /// How maps are convolved.
    pub form: Form,
    /// Where the kernels of matrices hold their tiles.
    pub tiling: Tiling,
    /// Whether invocations share what they load within subgroups, on a device that has them.
    pub subgroups: bool,
}

/// In a word: other tiles than the form's own, and no subgroups.
const REGISTERS: &str = "registers";
const WORKGROUP: &str = "workgroup";
const ALONE: &str = "alone";

impl Kernels {
    /// What asks least of a driver: no subgroups, tiles that fit every GPU's registers, and no memory of workgroups for products and
    /// sums; what looks up neighbours and places alike cannot do without.
    pub const PLAINEST: Self = Self { form: Form::Direct, tiling: Tiling::Registers, subgroups: false };

    /// A form's usual company.
    pub fn with(form: Form) -> Self {
        let tiling = if form == Form::Software { Tiling::Registers } else { Tiling::Workgroup };
        Self { form, tiling, subgroups: true }
    }

    /// How maps lie for them.
    pub fn layout(self) -> Layout {
        let Self { form, tiling, subgroups } = self;
        Layout::Packed { subgroups, form, tiling, tile: None }
    }

    /// For people: the tiles in use.
    pub fn variants(self) -> String {
        let plain = if self == Self::PLAINEST { ", plain" } else { "" };
        format!("{}{plain}", self.form.variants())
    }
}

/// The word for a choice: that for its form, and what is otherwise than usual: `direct+registers+alone`.
impl fmt::Display for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let usual = Self::with(self.form);
        write!(f, "{}", self.form)?;
        if self.tiling != usual.tiling {
            write!(f, "+{}", if self.tiling == Tiling::Registers { REGISTERS } else { WORKGROUP })?;
        }
        if !self.subgroups {
            write!(f, "+{ALONE}")?;
        }
        Ok(())
    }
}

impl FromStr for Kernels {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let mut parts = word.split('+');
        let mut kernels = Self::with(parts.next().unwrap_or_default().parse()?);
        for part in parts {
            match part {
                REGISTERS => kernels.tiling = Tiling::Registers,
                WORKGROUP => kernels.tiling = Tiling::Workgroup,
                ALONE => kernels.subgroups = false,
                _ => {
                    return Err(Error::BadSetting {
                        name: "kernels".into(),
                        value: format!("{word:?}"),
                        expected: format!("after a form's name, use +{REGISTERS}, +{WORKGROUP} or +{ALONE}"),
                    });
                }
            }
        }
        Ok(kernels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_choices_name_each_other() {
        let all = Form::candidates().into_iter().flat_map(|form| {
            let some = |tiling| [false, true].map(|subgroups| Kernels { form, tiling, subgroups });
            [Tiling::Registers, Tiling::Workgroup].map(some).concat()
        });
        for kernels in all {
            assert_eq!(kernels.to_string().parse::<Kernels>().ok(), Some(kernels), "{kernels}");
        }
        assert_eq!(Kernels::PLAINEST.to_string(), "direct+registers+alone");
        assert_eq!("winograd".parse::<Kernels>().ok(), Some(Kernels::with("winograd".parse().expect("a form"))));
        for (word, hint) in [("strassen", "winograd-64x64x16"), ("direct+fast", "+alone"), ("", "direct")] {
            let error = word.parse::<Kernels>().expect_err(word).to_string();
            assert!(error.contains(hint), "{error}");
        }
    }
}
