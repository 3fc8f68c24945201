//! Long lists of JSON in several parameters: D1 takes 2 MB each.

use serde_json::Value;

/// Returns JSON arrays of the values, in their order, each of at most about that many bytes; a value that is larger
/// stands alone. The values are written one by one, so that they need not all be in memory at once.
pub fn chunks(values: impl IntoIterator<Item = Value>, most: usize) -> Vec<String> {
    let mut chunks = Vec::new();
    values.into_iter().for_each(|value| push(&mut chunks, &value.to_string(), most));
    chunks
}

/// Adds a value, as JSON, to the text of a JSON array. An empty text is an array without elements.
pub fn append(array: &mut String, value: &str) {
    match array.pop() {
        Some(_) => array.push(','),
        None => array.push('['),
    }
    array.push_str(value);
    array.push(']');
}

/// Adds a value, as JSON, to the last of these arrays, or starts a new one with it.
pub fn push(chunks: &mut Vec<String>, value: &str, most: usize) {
    match chunks.last_mut() {
        Some(chunk) if chunk.len() + value.len() < most => append(chunk, value),
        _ => chunks.push(format!("[{value}]")),
    }
}
