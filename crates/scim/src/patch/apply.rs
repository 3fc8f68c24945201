//! Changes a document as a PATCH asks (RFC 7644 s3.5.2.1 to s3.5.2.3).

use serde_json::{Map, Value};

use super::change::{Action, Change, ChangeTarget, Patch, in_operation};
use super::progress::Progress;
use super::remnants::{drop_emptied_elements, drop_reserved, drop_stale};
use super::undeclared;
use crate::document::{Document, add, drop_valueless, is_primary, merge, only_primary, remove_listed};
use crate::filter::Predicate;
use crate::object::within;
use crate::schema::{Attribute, ResourceType};
use crate::{Dialect, Habit, ScimError, dialect};

impl Patch<'_> {
    /// Returns the document with all changes made; `before` stays as it is.
    ///
    /// ```
    /// use scim::{Dialect, HttpRequest, Operation, Registry};
    ///
    /// let registry = Registry::load().unwrap();
    /// let user = registry.kind("User").unwrap();
    /// let ada = serde_json::json!({"userName": "ada", "active": true});
    /// let (ada, _) = scim::parse_resource(&registry, user, ada).unwrap();
    /// let body = br#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    ///     "Operations": [{"op": "replace", "path": "active", "value": false}]}"#;
    /// let request = HttpRequest { method: "PATCH", path: "/Users/1", body, ..HttpRequest::default() };
    /// let asked = scim::parse(&registry, Dialect::TOLERANT, &request).unwrap();
    /// let Some(Operation::Patch { patch, .. }) = asked.operation() else { panic!("a PATCH was sent") };
    /// let changed = patch.apply(registry.resource_type(user), &ada).unwrap();
    /// assert_eq!(changed.0["active"], false);
    /// assert_eq!(ada.0["active"], true);
    /// ```
    ///
    /// # Errors
    /// 400 `noTarget` if a value path matches nothing, 400 `invalidValue` if the result would not be what the schema allows.
    pub fn apply(&self, of: &ResourceType, before: &Document) -> Result<Document, ScimError> {
        let mut after = before.clone();
        let mut progress = Progress::default();
        for change in &self.changes {
            let done =
                change.apply(&mut after.0, self.dialect, &mut progress).and_then(|()| after.check_sizes());
            done.map_err(|error| in_operation(change.operation, error))?;
        }
        drop_emptied_elements(&self.changes, before, &mut after.0, self.dialect);
        drop_stale(of, before, &mut after);
        // What was stored before these rules existed stays until something else changes.
        if after != *before {
            drop_valueless(of, &mut after);
            drop_reserved(of, &mut after);
        }
        after.check_required(of)?;
        after.check_immutable(of, before)?;
        Ok(after)
    }
}

impl Change<'_> {
    fn apply(
        &self,
        document: &mut Map<String, Value>,
        dialect: Dialect,
        progress: &mut Progress,
    ) -> Result<(), ScimError> {
        match &self.place {
            ChangeTarget::Extension(schema) => {
                document.remove(&schema.id);
                Ok(())
            }
            ChangeTarget::Undeclared(path, written) => {
                let named = undeclared::Path { path, written: *written, dialect };
                named.apply(document, self.action, self.value.as_ref(), progress)
            }
            ChangeTarget::Attribute { extension: None, attribute, filter, sub } => {
                AttributeSlot { urn: "", attribute, filter: filter.as_ref(), sub: *sub, dialect }
                    .change(document, self, progress)
            }
            ChangeTarget::Attribute { extension: Some(schema), attribute, filter, sub } => {
                let urn = schema.id.as_str();
                let slot = AttributeSlot { urn, attribute, filter: filter.as_ref(), sub: *sub, dialect };
                within(document, urn, |extension| slot.change(extension, self, progress))
            }
        }
    }
}

/// The attribute that a change is about, within the object that holds it.
struct AttributeSlot<'c, 'r> {
    /// The URN of the extension that it belongs to; empty for the resource's own schema.
    urn: &'c str,
    attribute: &'r Attribute,
    filter: Option<&'c Predicate<'r>>,
    sub: Option<&'r Attribute>,
    dialect: Dialect,
}

impl AttributeSlot<'_, '_> {
    fn change(
        &self,
        map: &mut Map<String, Value>,
        change: &Change<'_>,
        progress: &mut Progress,
    ) -> Result<(), ScimError> {
        if self.attribute.multi_valued {
            return self.change_elements(map, change, progress);
        }
        match (self.filter, map.get(&self.attribute.name)) {
            (Some(filter), Some(value)) if filter.matches(value) => {}
            (Some(_), _) => return self.no_target(change),
            (None, _) => {}
        }
        match self.sub {
            Some(sub) => self.change_sub(map, sub, change),
            None => set(map, &self.attribute.name, change),
        }
        Ok(())
    }

    fn change_sub(&self, map: &mut Map<String, Value>, sub: &Attribute, change: &Change<'_>) {
        within(map, &self.attribute.name, |complex| {
            if change.clears() {
                dialect::clear(complex, sub, self.dialect);
            } else {
                set(complex, &sub.name, change);
            }
        });
    }

    fn change_elements(
        &self,
        map: &mut Map<String, Value>,
        change: &Change<'_>,
        progress: &mut Progress,
    ) -> Result<(), ScimError> {
        let name = &self.attribute.name;
        let mut elements = match map.remove(name) {
            Some(Value::Array(elements)) => elements,
            _ => Vec::new(),
        };
        let result = match (self.filter, self.sub) {
            (None, None) => {
                self.change_all(&mut elements, change);
                progress.end((self.urn, name));
                Ok(())
            }
            (None, Some(sub)) if change.action == Action::Add => {
                self.add_sub(&mut elements, sub, change, progress);
                Ok(())
            }
            _ => self.change_selected(&mut elements, change, progress),
        };
        if !elements.is_empty() {
            map.insert(name.clone(), Value::Array(elements));
        }
        result
    }

    /// Changes the attribute as a whole.
    fn change_all(&self, elements: &mut Vec<Value>, change: &Change<'_>) {
        match (change.action, &change.value) {
            (Action::Replace, Some(Value::Array(new))) => *elements = new.clone(),
            (Action::Add, Some(Value::Array(new))) => add(self.attribute, elements, new),
            (Action::Remove, Some(Value::Array(listed))) => remove_listed(self.attribute, elements, listed),
            (Action::Add, _) => {}
            (Action::Replace | Action::Remove, _) => elements.clear(),
        }
    }

    fn add_sub(
        &self,
        elements: &mut Vec<Value>,
        sub: &Attribute,
        change: &Change<'_>,
        progress: &mut Progress,
    ) {
        let Some(value) = &change.value else { return };
        let index = progress.add_sub((self.urn, &self.attribute.name), elements, &sub.name, value.clone());
        if let Some(index) = index.filter(|_| sub.is("primary") && *value == true) {
            only_primary(elements, index);
        }
    }

    /// Changes the elements that the filter selects, or all if there is no filter; or their sub-attribute.
    fn change_selected(
        &self,
        elements: &mut Vec<Value>,
        change: &Change<'_>,
        progress: &mut Progress,
    ) -> Result<(), ScimError> {
        let selects = |element: &Value| self.filter.is_none_or(|filter| filter.matches(element));
        let selected: Vec<usize> = elements
            .iter()
            .enumerate()
            .filter(|(_, element)| selects(element))
            .map(|(index, _)| index)
            .collect();
        let Some(value) = change.value.as_ref().filter(|_| change.action != Action::Remove) else {
            if selected.is_empty() && !self.dialect.takes(Habit::RemovedTwice) {
                return self.no_target(change);
            }
            if change.action != Action::Add {
                self.clear_selected(elements, &selected);
            }
            return Ok(());
        };
        if selected.is_empty() {
            return self.create(elements, value, change);
        }
        progress.copy(Some(value), selected.len())?;
        let described = self.described().unwrap_or_default();
        for index in &selected {
            if let Some(element) = elements.get_mut(*index) {
                self.set_element(element, value, change, &described);
            }
        }
        let sets_primary = self.sub.map_or(is_primary(value), |sub| sub.is("primary") && *value == true);
        if let Some(first) = selected.first().filter(|_| sets_primary) {
            only_primary(elements, *first);
        }
        Ok(())
    }

    fn clear_selected(&self, elements: &mut Vec<Value>, selected: &[usize]) {
        let mut selected = selected.iter().peekable();
        let mut indexes = 0..;
        elements.retain_mut(|element| {
            let index = indexes.next();
            if selected.next_if(|next| Some(**next) == index).is_none() {
                return true;
            }
            let (Some(sub), Value::Object(members)) = (self.sub, &mut *element) else { return false };
            dialect::clear(members, sub, self.dialect);
            !members.is_empty()
        });
    }

    /// Sets an element or its sub-attribute. `described` is what the filter states about the elements that it
    /// selects.
    fn set_element(
        &self,
        element: &mut Value,
        value: &Value,
        change: &Change<'_>,
        described: &Map<String, Value>,
    ) {
        match (self.sub, change.action, &mut *element) {
            (Some(sub), _, Value::Object(members)) => {
                members.insert(sub.name.clone(), value.clone());
            }
            // RFC 7644 s3.5.2.3: the selected values are replaced. What the filter selected them by still holds for
            // them.
            (None, Action::Replace, Value::Object(members)) => {
                members.retain(|key, _| described.contains_key(key));
                merge(element, value);
            }
            _ => merge(element, value),
        }
    }

    /// Returns what the filter states about the elements that it selects.
    fn described(&self) -> Option<Map<String, Value>> {
        self.filter.map_or(Some(Map::new()), |filter| dialect::element_for(filter, self.dialect))
    }

    fn create(&self, elements: &mut Vec<Value>, value: &Value, change: &Change<'_>) -> Result<(), ScimError> {
        let Some(mut element) = self.described() else { return self.no_target(change) };
        match (self.sub, value) {
            (Some(sub), value) => {
                element.insert(sub.name.clone(), value.clone());
            }
            (None, Value::Object(more)) => element.extend(more.clone()),
            (None, _) => return self.no_target(change),
        }
        add(self.attribute, elements, &[Value::Object(element)]);
        Ok(())
    }

    fn no_target(&self, change: &Change<'_>) -> Result<(), ScimError> {
        let clears = change.action == Action::Remove || change.value.is_none();
        if clears && self.dialect.takes(Habit::RemovedTwice) {
            return Ok(());
        }
        Err(ScimError::no_target(format!("no value of `{}` meets the filter", self.attribute.name)))
    }
}

fn set(map: &mut Map<String, Value>, name: &str, change: &Change<'_>) {
    match (change.action, &change.value) {
        (Action::Add | Action::Replace, Some(value)) => {
            map.insert(name.to_string(), value.clone());
        }
        (Action::Add, None) => {}
        (Action::Remove | Action::Replace, _) => {
            map.remove(name);
        }
    }
}
