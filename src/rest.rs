//! The rest of a response that is too large to be built at once, as a stream: it is read while the client receives
//! it.

use std::rc::Rc;

use directory::read_rest;
use futures_util::stream::{Stream, unfold};
use scim::Rest;
use worker::{Error, Result};

use crate::d1::D1;
use crate::log;

/// The source of the rest of a response.
pub struct Source {
    /// The database, which has counted the request's calls so far.
    pub database: Rc<D1>,
    /// The tenant whose directory it is.
    pub tenant: String,
    /// What is left.
    pub rest: Rest,
    /// The id of the request in the log.
    pub correlation_id: String,
}

impl Source {
    /// Returns the texts that follow. If one cannot be read, the response is broken off, so that the client does not
    /// take a part for the whole.
    pub fn stream(self) -> impl Stream<Item = Result<String>> + 'static {
        unfold(Some(self), |source| async {
            let mut source = source?;
            match read_rest(&*source.database, &source.tenant, &mut source.rest).await {
                Ok((text, more)) => Some((Ok(text), more.then_some(source))),
                Err(failure) => {
                    log::error(&failure.to_string(), &source.correlation_id);
                    // The runtime logs the text of an error.
                    Some((Err(Error::RustError("the answer breaks off".to_string())), None))
                }
            }
        })
    }
}
