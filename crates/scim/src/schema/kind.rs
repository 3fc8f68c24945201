//! A handle of a resource type, with what must be known of the type without a registry. It is `Copy`, so that
//! operations and outcomes need no lifetime for it.

use std::cmp::Ordering;
use std::fmt;

/// How a type takes part in memberships, which are kept as rows and not in documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memberships {
    /// It has `members` (RFC 7643 s4.2).
    Owner,
    /// It has `groups`, which follow from the members of others (RFC 7643 s4.1.2).
    Member,
}

impl Memberships {
    /// Returns the name of the attribute that shows them.
    pub fn attribute(self) -> &'static str {
        match self {
            Memberships::Owner => "members",
            Memberships::Member => "groups",
        }
    }
}

/// The facts of a type that its handle provides.
#[derive(Debug)]
pub(crate) struct Traits {
    pub index: usize,
    pub name: String,
    pub endpoint: String,
    pub schema: String,
    pub unique: Option<String>,
    pub memberships: Option<Memberships>,
    /// The names of the types that its members are of.
    pub member_types: Vec<String>,
}

/// A resource type of a [`Registry`](crate::Registry).
#[derive(Clone, Copy)]
pub struct Kind {
    own: &'static Traits,
    all: &'static [Traits],
}

impl Kind {
    /// Makes the handles of all types of a registry. Their texts live as long as the process, which loads one
    /// registry.
    pub(crate) fn register(all: Vec<Traits>) -> impl Iterator<Item = Kind> {
        let all: &'static [Traits] = Box::leak(all.into_boxed_slice());
        all.iter().map(move |own| Kind { own, all })
    }

    /// Returns its place among the types.
    pub(crate) fn index(self) -> usize {
        self.own.index
    }

    /// Returns the resource type's name, which is `meta.resourceType` too.
    pub fn name(self) -> &'static str {
        &self.own.name
    }

    /// Returns the endpoint, without a slash.
    pub fn endpoint(self) -> &'static str {
        &self.own.endpoint
    }

    /// Returns the URN of its core schema.
    pub fn schema(self) -> &'static str {
        &self.own.schema
    }

    /// Returns the name of the attribute that no two resources of a tenant share (`uniqueness: server`).
    pub fn unique(self) -> Option<&'static str> {
        self.own.unique.as_deref()
    }

    /// Returns how the type takes part in memberships.
    pub fn memberships(self) -> Option<Memberships> {
        self.own.memberships
    }

    /// Returns whether it has members.
    pub fn has_members(self) -> bool {
        self.own.memberships == Some(Memberships::Owner)
    }

    /// Returns all types of its registry, itself among them. A type that has members comes after those that have none.
    pub fn all(self) -> impl Iterator<Item = Kind> {
        self.all.iter().map(move |own| Kind { own, all: self.all })
    }

    /// Returns the type of that name in its registry.
    pub fn named(self, name: &str) -> Option<Kind> {
        self.all().find(|kind| kind.name() == name)
    }

    /// Returns the type of its registry that has members.
    pub fn owner(self) -> Option<Kind> {
        self.all().find(|kind| kind.has_members())
    }

    /// Returns the types that members are of, in the order of `referenceTypes`.
    pub fn member_types(self) -> impl Iterator<Item = Kind> {
        self.owner()
            .into_iter()
            .flat_map(|owner| &owner.own.member_types)
            .filter_map(move |name| self.named(name))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Kind {}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Kind) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Kind) -> Ordering {
        (self.index(), self.name()).cmp(&(other.index(), other.name()))
    }
}
