//! The filters of the templates: numbers, times, and long texts as a person reads them.

use crate::breakable::Breakable;
use crate::marked::Marked;
use crate::text;
use crate::time::{Clock, When};

/// Returns a text of at most 80 characters; a longer one ends in an ellipsis.
#[askama::filter_fn]
pub fn clip(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(text::clip(text, 80))
}

/// Returns the end of an id, which is enough to compare two in a list.
#[askama::filter_fn]
pub fn short(id: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(text::short(id))
}

/// Returns a number with commas between its thousands.
#[askama::filter_fn]
pub fn count(number: &i64, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(text::count(*number))
}

/// Returns a text as one segment of an address.
#[askama::filter_fn]
pub fn segment(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(text::encode(text))
}

/// Returns a time as `3 min ago`, with the exact one beside it.
#[askama::filter_fn]
pub fn ago(at: &i64, _: &dyn askama::Values, now: &i64) -> askama::Result<When> {
    Ok(When { at: *at, now: *now })
}

/// Returns a sentence of the service with its names, which stand between backticks, as code.
#[askama::filter_fn]
pub fn marked(text: &str, _: &dyn askama::Values) -> askama::Result<Marked> {
    Ok(Marked(text.to_string()))
}

/// Returns a name of at most 80 characters, which may be broken before an `@`.
#[askama::filter_fn]
pub fn name(text: &str, _: &dyn askama::Values) -> askama::Result<Breakable> {
    Ok(Breakable(text::clip(text, 80)))
}

/// Returns a time as `04:31:50 UTC`: how fresh a page is.
#[askama::filter_fn]
pub fn clock(at: &i64, _: &dyn askama::Values) -> askama::Result<Clock> {
    Ok(Clock(*at))
}
