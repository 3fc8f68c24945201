//! The parts of a response that is too large to be built at once: each is read while the client receives the one before.

use database::Failure;
use futures_util::stream::{Stream, unfold};
use worker::{Error, Result};

use crate::log;

/// Returns the texts that follow. `read` returns the next one, and what the one after it is read from. If one cannot be read, the
/// response is broken off, so that the client does not take a part for the whole.
pub fn parts<S: 'static, F>(
    first: S,
    correlation_id: String,
    read: impl Fn(S) -> F + 'static,
) -> impl Stream<Item = Result<String>> + 'static
where
    F: Future<Output = std::result::Result<(String, Option<S>), Failure>> + 'static,
{
    unfold(Some(first), move |left| {
        let part = left.map(&read);
        let correlation_id = correlation_id.clone();
        async move {
            match part?.await {
                Ok((text, left)) => Some((Ok(text), left)),
                Err(failure) => {
                    log::error(&failure.to_string(), &correlation_id);
                    // The runtime logs the text of an error.
                    Some((Err(Error::RustError("the answer breaks off".to_string())), None))
                }
            }
        }
    })
}
