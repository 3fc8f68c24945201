//! The display names of tenants, which pages of the console show. An instance remembers them, so that a page need not look them up.

use std::cell::RefCell;

use database::Failure;
use tenants::DEFAULT;

use crate::context::RequestContext;
use crate::remembered::Remembered;

thread_local! {
    /// Never borrowed across an await.
    static NAMES: RefCell<Remembered<String, String>> = const { RefCell::new(Remembered::new()) };
}

/// Returns the display name of a tenant.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn name(context: &RequestContext, id: &str) -> Result<String, Failure> {
    if id == DEFAULT {
        return Ok(DEFAULT.to_string());
    }
    let (known, question) =
        NAMES.with_borrow(|names| (names.get(&id.to_string(), context.now), names.ask(context.now)));
    if let Some(name) = known {
        return Ok(name);
    }
    let name = tenants::show(context.accounts(), id).await?.name;
    NAMES.with_borrow_mut(|names| names.insert(id.to_string(), name.clone(), question));
    Ok(name)
}

/// Forgets the names, because a tenant was changed through this instance.
pub fn forget() {
    NAMES.with_borrow_mut(Remembered::expire);
}
