//! The state of a thing, as a word with a shape before it: never by colour alone.

/// A state: the shape that the sheet draws, and the word beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What it means.
    pub meaning: Meaning,
    /// The word, such as `active`.
    pub word: String,
}

/// What a state means, which chooses its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// All is well: a full dot.
    Good,
    /// Switched off, or not yet: an empty dot.
    Off,
    /// Needs to be looked at: a triangle.
    Watch,
    /// Does not work: a cross.
    Bad,
}

impl State {
    /// Returns the state that is well.
    pub fn good(word: impl Into<String>) -> State {
        State { meaning: Meaning::Good, word: word.into() }
    }

    /// Returns a state of what is switched off, or not yet there.
    pub fn off(word: impl Into<String>) -> State {
        State { meaning: Meaning::Off, word: word.into() }
    }

    /// Returns a state that needs to be looked at.
    pub fn watch(word: impl Into<String>) -> State {
        State { meaning: Meaning::Watch, word: word.into() }
    }

    /// Returns the state of what does not work.
    pub fn bad(word: impl Into<String>) -> State {
        State { meaning: Meaning::Bad, word: word.into() }
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.meaning {
            Meaning::Good => "good",
            Meaning::Off => "off",
            Meaning::Watch => "watch",
            Meaning::Bad => "bad",
        }
    }
}
