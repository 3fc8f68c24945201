//! The changes that a PATCH asks for, every name and value of them checked against the schema.

use serde_json::Value;

use super::MemberOp;
use crate::extension::{Undeclared, Written};
use crate::filter::Predicate;
use crate::schema::{Attribute, Schema};
use crate::{Dialect, ScimError};

/// A PATCH request.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch<'r> {
    /// What changes in the document, in the order of the request (RFC 7644 s3.5.2: sequentially).
    pub changes: Vec<Change<'r>>,
    /// What changes among a group's members, in the order of the request.
    pub members: Vec<MemberOp<'r>>,
    pub(crate) dialect: Dialect,
}

/// One change to the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'r> {
    /// The index of the operation that asks for it, counted from 0.
    pub(crate) operation: usize,
    pub(crate) action: Action,
    pub(crate) place: ChangeTarget<'r>,
    /// The value in the form in which it is stored, or as it was sent if no schema declares it. None if no value was
    /// given, or a value that means "unassigned".
    pub(crate) value: Option<Value>,
}

impl Change<'_> {
    /// Returns whether it removes a value and gives none.
    pub(super) fn clears(&self) -> bool {
        self.value.is_none() && self.action != Action::Add
    }
}

/// Adds to the error which operation it is about.
pub(super) fn in_operation(index: usize, mut error: ScimError) -> ScimError {
    error.detail = format!("Operations[{index}]: {}", error.detail);
    error
}

/// `op` of RFC 7644 s3.5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Remove,
    Replace,
}

/// What a change is made to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChangeTarget<'r> {
    /// An attribute, or the elements of it that the filter selects, or their sub-attribute.
    Attribute {
        extension: Option<&'r Schema>,
        attribute: &'r Attribute,
        filter: Option<Predicate<'r>>,
        sub: Option<&'r Attribute>,
    },
    /// The whole of an extension, which is removed.
    Extension(&'r Schema),
    /// An extension that no schema declares, or an attribute of it.
    Undeclared(Undeclared, Written),
}
