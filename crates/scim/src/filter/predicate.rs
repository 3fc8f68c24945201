//! A filter that was checked against a schema: every name is an attribute, every value has its type.

use crate::Instant;
use crate::filter::CompareOp;
use crate::schema::{Attribute, Schema};

/// What must hold for a resource, or for an element within [`Predicate::Element`].
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate<'r> {
    /// All of them hold.
    And(Vec<Predicate<'r>>),
    /// At least one of them holds.
    Or(Vec<Predicate<'r>>),
    /// It does not hold.
    Not(Box<Predicate<'r>>),
    /// Some value of the field compares so. `ne` does not occur: it is `Not` of `eq`, so that a resource without the
    /// attribute is not equal to anything.
    Compare {
        /// The field whose values are compared.
        field: Field<'r>,
        /// The operator.
        op: CompareOp,
        /// The operand.
        operand: Operand,
    },
    /// The field has a value.
    Present {
        /// The field.
        field: Field<'r>,
    },
    /// One element of the attribute matches the whole filter.
    Element {
        /// The extension that the attribute is in.
        extension: Option<&'r Schema>,
        /// The attribute.
        attribute: &'r Attribute,
        /// What one element must match; its fields are [`Field::Sub`] and [`Field::Itself`].
        filter: Box<Predicate<'r>>,
    },
}

impl Predicate<'_> {
    /// Returns the number of comparisons in it.
    pub fn terms(&self) -> usize {
        match self {
            Predicate::And(terms) | Predicate::Or(terms) => terms.iter().map(Predicate::terms).sum(),
            Predicate::Not(term) => term.terms(),
            Predicate::Element { filter, .. } => filter.terms(),
            Predicate::Compare { .. } | Predicate::Present { .. } => 1,
        }
    }

    /// Returns a predicate that matches nothing.
    pub fn never() -> Self {
        Predicate::Or(Vec::new())
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Field<'r> {
    /// An attribute of the resource that a schema declares.
    Declared {
        /// The extension that it is in.
        extension: Option<&'r Schema>,
        /// The attribute.
        attribute: &'r Attribute,
        /// The sub-attribute.
        sub: Option<&'r Attribute>,
    },
    /// An attribute of an extension that no schema declares.
    Undeclared {
        /// The extension's URN as it was written.
        urn: String,
        /// The attribute's name as it was written.
        name: String,
        /// The sub-attribute's name as it was written.
        sub: Option<String>,
    },
    /// A sub-attribute of the element.
    Sub(&'r Attribute),
    /// The element itself, if it is not complex.
    Itself(&'r Attribute),
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A text.
    Text {
        /// As it was written.
        exact: String,
        /// See [`crate::fold`].
        folded: String,
        /// Whether letter case counts.
        case_exact: bool,
    },
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A point in time.
    Instant(Instant),
}
