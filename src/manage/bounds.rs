//! Bounds of the numbers that an administrator enters. Each number has its bounds in the file of its noun; what the console says of a number
//! that is beyond them stands on its pages, since a person at a form does not know the names of fields.

use directory::LARGEST_SEQUENCE;
use scim::ScimError;

/// The least and the most that a whole number may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The smallest number that is within them.
    pub least: i64,
    /// The largest number that is within them.
    pub most: i64,
}

/// A place in the change log.
pub const SEQUENCE: Bounds = Bounds { least: 0, most: LARGEST_SEQUENCE };

impl Bounds {
    /// Returns whether a number is within the bounds.
    pub fn hold(self, number: i64) -> bool {
        (self.least..=self.most).contains(&number)
    }

    /// Parses a number. None if the text is not a number within the bounds.
    pub fn parse(self, text: &str) -> Option<i64> {
        text.parse().ok().filter(|number| self.hold(*number))
    }

    /// Returns the refusal of what is not a number within the bounds, by the name of its field or parameter.
    pub fn refusal(self, name: &str) -> ScimError {
        let Bounds { least, most } = self;
        ScimError::new(400, format!("`{name}` is not an integer from {least} to {most}"))
    }
}
