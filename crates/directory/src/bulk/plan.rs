//! The order in which the operations of a bulk request are executed, and the ids under which they create.

use std::collections::{BTreeMap, BTreeSet};

use scim::{Bulk, Registry, ScimError};

use crate::Context;

/// The plan for one request.
pub(super) struct Plan {
    /// The operations by their index in the request: each after those that create what it refers to, and otherwise as
    /// they were sent.
    pub order: Vec<usize>,
    /// The id of the resource that an operation creates, if it creates one.
    pub ids: BTreeMap<usize, String>,
    /// The operation that creates the resource of an id.
    pub by_id: BTreeMap<String, usize>,
    /// The ids by bulkId.
    pub by_bulk_id: BTreeMap<String, String>,
    /// The operation that creates what a bulkId names.
    creators: BTreeMap<String, usize>,
    references: Vec<BTreeSet<String>>,
}

impl Plan {
    pub(super) fn new(registry: &Registry, bulk: &Bulk, new_id: &dyn Fn() -> String) -> Plan {
        let mut plan = Plan {
            order: Vec::new(),
            ids: BTreeMap::new(),
            by_id: BTreeMap::new(),
            by_bulk_id: BTreeMap::new(),
            creators: BTreeMap::new(),
            references: bulk.operations.iter().map(|operation| operation.references()).collect(),
        };
        for (index, operation) in bulk.operations.iter().enumerate() {
            if operation.creates(registry).is_none() {
                continue;
            }
            let id = plan.ids.entry(index).or_insert_with(new_id).clone();
            plan.by_id.insert(id.clone(), index);
            if let Some(bulk_id) = &operation.bulk_id
                && !plan.creators.contains_key(bulk_id)
            {
                plan.creators.insert(bulk_id.clone(), index);
                plan.by_bulk_id.insert(bulk_id.clone(), id);
            }
        }
        let mut visited = vec![false; bulk.operations.len()];
        for index in 0..bulk.operations.len() {
            plan.visit(index, &mut visited);
        }
        plan
    }

    /// Returns the id of the resource that the operation creates, which references to it were replaced by.
    pub(super) fn id(&self, index: usize, context: &Context<'_>) -> String {
        self.ids.get(&index).cloned().unwrap_or_else(context.new_id)
    }

    /// Visits the operations depth first. An operation that is visited again while it waits is part of a cycle and
    /// keeps its place.
    fn visit(&mut self, index: usize, visited: &mut [bool]) {
        match visited.get_mut(index) {
            Some(seen) if !*seen => *seen = true,
            _ => return,
        }
        for creator in self.depends_on(index) {
            self.visit(creator, visited);
        }
        self.order.push(index);
    }

    /// Returns the operations that create what this one refers to.
    pub(super) fn depends_on(&self, index: usize) -> Vec<usize> {
        let references = self.references.get(index).into_iter().flatten();
        references
            .filter_map(|bulk_id| self.creators.get(bulk_id))
            .copied()
            .filter(|other| *other != index)
            .collect()
    }

    /// Refuses an operation that refers to nothing, or to something that could not be created, or that repeats a
    /// bulkId.
    pub(super) fn check(
        &self,
        bulk: &Bulk,
        index: usize,
        failed: &dyn Fn(usize) -> bool,
    ) -> Result<(), ScimError> {
        let own = bulk.operations.get(index).and_then(|operation| operation.bulk_id.as_ref());
        let taken = own.filter(|_| self.ids.contains_key(&index)).and_then(|own| self.creators.get(own));
        if taken.is_some_and(|first| *first != index) {
            let own = own.map(String::as_str).unwrap_or_default();
            return Err(ScimError::invalid_value(format!("the bulkId `{own}` is used twice")));
        }
        for bulk_id in self.references.get(index).into_iter().flatten() {
            match self.creators.get(bulk_id) {
                None => {
                    let detail = format!("`bulkId:{bulk_id}` is not created by an operation of this request");
                    return Err(ScimError::invalid_value(detail));
                }
                Some(creator) if failed(*creator) => {
                    let detail = format!("`bulkId:{bulk_id}` was not created, since its operation failed");
                    return Err(ScimError::invalid_value(detail));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
