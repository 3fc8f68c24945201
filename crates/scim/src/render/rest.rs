//! The rest of a response whose last resource has more members, or groups, than are read at once. They stand last in
//! the resource, and the resource in the response, so that the text up to there can be sent first, and the rest as it
//! is read.

use super::reference::{Element, Shown, elements};
use crate::Kind;
use crate::resource::{GroupRef, Member, Resource};

/// What follows after the text of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// The type whose memberships they are: the members of a group, or the groups of a user.
    pub kind: Kind,
    /// The group, or the user.
    pub id: String,
    /// The last member, or group, that was looked at.
    pub after: String,
    /// Whether an element was written, so that the next one stands after a comma.
    begun: bool,
    shown: Shown,
    base: String,
    /// What ends the response.
    end: &'static str,
}

impl Rest {
    /// Removes the end of a text that is complete but for the memberships of its last resource, and returns the rest.
    pub(super) fn of(
        text: &mut String,
        end: &'static str,
        resource: &Resource,
        shown: Shown,
        base: &str,
    ) -> Rest {
        text.truncate(text.strip_suffix(end).map_or(text.len(), str::len));
        Rest {
            kind: resource.kind,
            id: resource.id.clone(),
            after: elements(resource).last().map(|element| element.id().to_string()).unwrap_or_default(),
            begun: !text.ends_with('['),
            shown,
            base: base.to_string(),
            end,
        }
    }

    /// Returns the text of further members.
    pub fn members(&mut self, members: &[Member]) -> String {
        self.text(members.iter().map(Element::Member))
    }

    /// Returns the text of further groups.
    pub fn groups(&mut self, groups: &[GroupRef]) -> String {
        self.text(groups.iter().map(Element::Group))
    }

    /// Returns what ends the response, once all elements are written.
    pub fn end(&self) -> &'static str {
        self.end
    }

    fn text<'e>(&mut self, elements: impl Iterator<Item = Element<'e>>) -> String {
        let mut text = String::new();
        for element in elements {
            self.after = element.id().to_string();
            if let Some(reference) = element.show(self.kind, self.shown, &self.base) {
                if self.begun {
                    text.push(',');
                }
                self.begun = true;
                // A value that consists of texts can always be JSON.
                text.push_str(&serde_json::to_string(&reference).unwrap_or_default());
            }
        }
        text
    }
}
