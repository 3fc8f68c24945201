//! What clients send against the RFC, and how it is read. `habit` lists the habits by name; `names`, `values` and `filters` read
//! what they are about. A file whose rule needs no function asks [`Dialect::takes`] itself.
//!
//! Each habit is asked for at the place where the RFC's own rule would refuse the request. If the dialect does not
//! take the habit, the RFC's rule applies.

mod filters;
mod habit;
mod names;
mod values;

pub(crate) use filters::{boolean_literal, element_for, is_text, unquoted_text};
pub use habit::{Habit, HabitFacts};
pub(crate) use names::{after_urn, operation_name, sub_attribute, unqualified};
pub(crate) use values::{
    clear, coerce, is_emptied, is_misplaced_json, is_no_value, listed_for_removal, plain_values, unwrapped,
    unwrapped_is_object, value_within,
};

/// The habits of clients that are taken: a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect(u32);

impl Dialect {
    /// Every habit: what Entra, Okta, OneLogin, JumpCloud and others are known to send is read as they mean it.
    pub const TOLERANT: Dialect = Dialect((1 << Habit::ALL.len()) - 1);
    /// No habit: the RFC to the letter.
    pub const STRICT: Dialect = Dialect(0);

    /// The presets, by the names that settings use.
    const PRESETS: [(&str, Dialect); 2] = [("tolerant", Dialect::TOLERANT), ("strict", Dialect::STRICT)];

    /// Returns whether the dialect takes the habit.
    ///
    /// ```
    /// use scim::{Dialect, Habit};
    ///
    /// assert!(Dialect::TOLERANT.takes(Habit::CapitalisedOp));
    /// assert!(!Dialect::STRICT.takes(Habit::CapitalisedOp));
    /// ```
    pub fn takes(self, habit: Habit) -> bool {
        self.0 & (1 << habit as u32) != 0
    }

    /// Returns the preset of that name.
    pub fn from_name(name: &str) -> Option<Dialect> {
        Dialect::PRESETS.into_iter().find(|(preset, _)| *preset == name).map(|(_, dialect)| dialect)
    }

    /// Returns the name of the preset.
    pub fn name(self) -> &'static str {
        Dialect::PRESETS.into_iter().find(|(_, dialect)| *dialect == self).map_or("custom", |(name, _)| name)
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect::TOLERANT
    }
}
