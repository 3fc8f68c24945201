//! The rest of a response that is too large to be built at once, as a stream: it is read while the client receives
//! it.

use std::rc::Rc;

use directory::read_rest;
use futures_util::stream::Stream;
use scim::Rest;
use worker::Result;

use crate::d1::D1;
use crate::parts::parts;

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
    /// Returns the texts that follow.
    pub fn stream(self) -> impl Stream<Item = Result<String>> + 'static {
        let correlation_id = self.correlation_id.clone();
        parts(self, correlation_id, |mut source| async {
            let (text, more) = read_rest(&*source.database, &source.tenant, &mut source.rest).await?;
            Ok((text, more.then_some(source)))
        })
    }
}
