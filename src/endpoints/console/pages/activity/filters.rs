//! Which entries of the activity are asked for: from the query of an address to what is read.

use console::Filters;
use directory::activity::{ActivityQuery, Correlation, Direction, Outcome, Position};
use oauth::Form;
use scim::{Instant, ScimError};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Returns what a query chooses, as it was written.
pub(super) fn of(query: &Form) -> Filters {
    let given = |name: &str| query.get(name).unwrap_or_default().trim().to_string();
    Filters {
        outcome: given("outcome"),
        resource: given("resource"),
        operation: given("operation"),
        actor: given("actor"),
        request: given("request"),
        from: given("from"),
        to: given("to"),
    }
}

/// Returns what is to be read.
///
/// # Errors
/// 400 if a filter or the cursor cannot be read.
pub(super) fn asked<'f>(
    filters: &'f Filters,
    cursor: Option<&str>,
    limit: usize,
) -> Result<ActivityQuery<'f>, ScimError> {
    let outcome = match filters.outcome.as_str() {
        "" => None,
        "changed" => Some(Outcome::Changed),
        "refused" => Some(Outcome::Refused),
        _ => return Err(ScimError::new(400, "what is shown is everything, changes or refusals")),
    };
    let operation = given(&filters.operation);
    if operation.is_some_and(|name| !["created", "updated", "deleted", "roles"].contains(&name)) {
        return Err(ScimError::new(400, "what was done is created, updated, deleted or roles"));
    }
    let day = |text: &str, name: &str, more: i64| {
        let Some(text) = given(text) else { return Ok(None) };
        let begin = Instant::parse(&format!("{text}T00:00:00Z"));
        let begin = begin
            .ok_or_else(|| ScimError::new(400, format!("`{name}` must be a day such as `2026-11-26`")))?;
        Ok(Some(Instant(begin.0.saturating_add(more))))
    };
    Ok(ActivityQuery {
        from: day(&filters.from, "From", 0)?,
        to: day(&filters.to, "To", DAY)?,
        outcome,
        resource: given(&filters.resource),
        actor: given(&filters.actor),
        correlation: given(&filters.request).map(Correlation::parse).transpose()?,
        operation,
        direction: Direction::Backward,
        after: cursor.and_then(given).map(Position::parse).transpose()?,
        limit,
    })
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use console::Filters;

    use super::{DAY, asked};

    #[test]
    fn a_range_of_days_holds_the_last_one() {
        let day = || "2026-11-26".to_string();
        let filters = Filters { from: day(), to: day(), ..Filters::default() };
        let asked_for = asked(&filters, Some(""), 1).unwrap();
        let (from, to) = (asked_for.from.unwrap().0, asked_for.to.unwrap().0);
        assert_eq!((to - from, from % DAY, asked_for.after), (DAY, 0, None));
        for filters in [
            Filters { from: "yesterday".to_string(), ..Filters::default() },
            Filters { outcome: "<script>".to_string(), ..Filters::default() },
            Filters { operation: "POST".to_string(), ..Filters::default() },
            Filters { request: "of Entra".to_string(), ..Filters::default() },
        ] {
            assert_eq!(asked(&filters, None, 1).unwrap_err().status, 400);
        }
        assert!(asked(&Filters::default(), Some("x"), 1).is_err());
    }
}
