//! Secret Tokens of tenants: looked up by their hash.

use database::Failure;
use tenants::{Grant, Hash};

use crate::context::RequestContext;

/// Returns what the token grants, and records its use after the response. None if it is not valid.
pub(super) async fn look_up(context: &RequestContext, hash: Hash) -> Result<Option<Grant>, Failure> {
    match context.background {
        true => tenants::refresh(context.accounts(), hash, context.now).await,
        false => tenants::look_up(context.accounts(), hash).await,
    }
}
