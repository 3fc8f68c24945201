//! Elements of multi-valued attributes: when two are the same one, and what is primary.

use serde_json::Value;

use crate::fold;
use crate::schema::Attribute;

/// Whether both say the same: they are equal, or their `value` and `type` are (RFC 7643 s2.4).
pub(super) fn is_same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    one == other
        || one.get("value").is_some()
            && same(attribute, "value", one, other)
            && same(attribute, "type", one, other)
}

/// Whether `listed`, an element of a remove's `value`, means `element`: by `value`, and by `type` where given.
pub(super) fn is_meant(attribute: &Attribute, listed: &Value, element: &Value) -> bool {
    let by_value = listed.get("value").is_some() && same(attribute, "value", listed, element);
    listed == element
        || by_value && (listed.get("type").is_none() || same(attribute, "type", listed, element))
}

fn same(attribute: &Attribute, sub: &str, one: &Value, other: &Value) -> bool {
    let case_exact = attribute.sub_attribute(sub).is_some_and(|sub| sub.case_exact);
    match (one.get(sub), other.get(sub)) {
        (Some(Value::String(one)), Some(Value::String(other))) if !case_exact => fold(one) == fold(other),
        (one, other) => one == other,
    }
}

/// Sets what is given and leaves the rest.
pub(super) fn merge(element: &mut Value, more: &Value) {
    match (element, more) {
        (Value::Object(element), Value::Object(more)) => {
            element.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        (element, more) => *element = more.clone(),
    }
}

/// RFC 7644 s3.5.2: a value that is set primary takes that from the others.
pub(super) fn only_primary(elements: &mut [Value], chosen: usize) {
    for (index, element) in elements.iter_mut().enumerate() {
        if index != chosen
            && let Some(primary) = element.get_mut("primary")
        {
            *primary = Value::Bool(false);
        }
    }
}
