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
    /// The operation that asks for it, counted from 0.
    pub(crate) operation: usize,
    pub(crate) action: Action,
    pub(crate) place: ChangeTarget<'r>,
    /// In the form in which it is stored; of what no schema declares as it was sent. None: nothing was given, or what
    /// was given means "unassigned".
    pub(crate) value: Option<Value>,
}

impl Change<'_> {
    /// Returns whether it takes a value away and gives none.
    pub(super) fn clears(&self) -> bool {
        self.value.is_none() && self.action != Action::Add
    }
}

/// Returns the error with the operation that it is about.
pub(super) fn in_operation(index: usize, error: ScimError) -> ScimError {
    ScimError { detail: format!("Operations[{index}]: {}", error.detail), ..error }
}

/// `op` of RFC 7644 s3.5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Remove,
    Replace,
}

/// Where the change happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChangeTarget<'r> {
    /// An attribute, or the elements of it that the filter selects, or their sub-attribute.
    Attribute {
        extension: Option<&'r Schema>,
        attribute: &'r Attribute,
        filter: Option<Predicate<'r>>,
        sub: Option<&'r Attribute>,
    },
    /// The whole of an extension; it is removed.
    Extension(&'r Schema),
    /// An extension that no schema declares, or an attribute of it.
    Undeclared(Undeclared, Written),
}
