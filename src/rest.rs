//! The rest of a response that is too large to be made at once, as a stream: it is read while the client takes it.

use std::rc::Rc;

use directory::read_rest;
use futures_util::stream::{Stream, unfold};
use scim::Rest;
use worker::{Error, Result};

use crate::d1::D1;
use crate::log;

/// What an answer goes on with.
pub struct Source {
    /// The database; it has counted what the request has asked so far.
    pub database: Rc<D1>,
    /// Whose directory it is.
    pub tenant: String,
    /// What is left.
    pub rest: Rest,
    /// Finds the request in the log.
    pub correlation_id: String,
}

impl Source {
    /// Returns the texts that follow. If one cannot be read, the answer breaks off: no client takes a part for the
    /// whole.
    pub fn stream(self) -> impl Stream<Item = Result<String>> + 'static {
        unfold(Some(self), |source| async {
            let mut source = source?;
            match read_rest(&*source.database, &source.tenant, &mut source.rest).await {
                Ok((text, more)) => Some((Ok(text), more.then_some(source))),
                Err(failure) => {
                    log::error(&failure.to_string(), &source.correlation_id);
                    // The runtime logs the words of an error.
                    Some((Err(Error::RustError("the answer breaks off".to_string())), None))
                }
            }
        })
    }
}
