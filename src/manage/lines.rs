//! Texts that an administrator enters and others see on one line: one rule for the Admin API and the console.

use scim::ScimError;

/// The longest name, in characters.
const NAME: usize = 200;

/// Returns a name without the blanks around it.
///
/// # Errors
/// 400 if it is empty, too long, or not one line.
pub fn name<'t>(field: &str, text: &'t str) -> Result<&'t str, ScimError> {
    line(field, text.trim(), NAME)
}

/// Returns the text of a field.
///
/// # Errors
/// 400 if it is not one line with 1 to `most` characters.
pub fn line<'t>(field: &str, text: &'t str, most: usize) -> Result<&'t str, ScimError> {
    if text.is_empty() || text.chars().count() > most || text.contains(char::is_control) {
        let detail = format!("`{field}` must have 1 to {most} characters and no control characters");
        return Err(ScimError::new(400, detail));
    }
    Ok(text)
}
