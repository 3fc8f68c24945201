//! Long lists of JSON in several parameters: D1 takes 2 MB each.

use serde_json::Value;

/// Arrays of the values, in their order, each of at most so many bytes; a value that is larger stands alone.
pub(crate) fn chunks(values: impl IntoIterator<Item = Value>, most: usize) -> Vec<Value> {
    let mut chunks: Vec<(usize, Vec<Value>)> = Vec::new();
    for value in values {
        let size = value.to_string().len();
        match chunks.last_mut() {
            Some((bytes, values)) if *bytes + size <= most => {
                *bytes += size;
                values.push(value);
            }
            _ => chunks.push((size, vec![value])),
        }
    }
    chunks.into_iter().map(|(_, values)| Value::Array(values)).collect()
}
