//! A parsed request: the service's own description, one operation, or many of them.

use crate::bulk::Bulk;
use crate::operation::{Discovery, Operation};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request<'r> {
    /// `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas` (RFC 7644 s4): needs no directory.
    Discover(Discovery),
    /// One operation on the directory.
    Operate(Operation<'r>),
    /// RFC 7644 s3.7: operations that refer to one another.
    Bulk(Bulk),
}

impl<'r> Request<'r> {
    /// Returns the operation; None if the request is not a single one.
    pub fn operation(self) -> Option<Operation<'r>> {
        match self {
            Request::Operate(operation) => Some(operation),
            Request::Discover(_) | Request::Bulk(_) => None,
        }
    }
}
