//! Bulk (RFC 7644 s3.7): operations one after the other, but for creates that stand together, which go in one
//! round trip.
//!
//! Ids are given before anything is created, so that a reference to a resource of the same request is an id like
//! any other. What is left of order: an operation comes behind those that create what it refers to. Where groups
//! are members of one another in a circle, the first is created without the members that are still to come, and
//! gets them at the end.
//!
//! `plan` finds the order; `creates` makes one statement of many creates.

mod creates;
mod plan;

use std::collections::BTreeMap;

use scim::{Bulk, BulkResult, Kind, MemberChange, Operation, Outcome, Precondition, Projection, ScimError};

use crate::execute::execute_one;
use crate::modify::Request;
use crate::write::write;
use crate::{Context, Database, Failure, create, delete};
use creates::{NewResource, create_together};
use plan::Plan;

pub(crate) async fn bulk(
    database: &impl Database,
    context: &Context<'_>,
    bulk: &Bulk,
) -> Result<Outcome, Failure> {
    let plan = Plan::new(bulk, context.new_id);
    let mut run = Run {
        database,
        context,
        bulk,
        plan: &plan,
        outcomes: BTreeMap::new(),
        later: Vec::new(),
        failures: Vec::new(),
    };
    let mut order = plan.order.iter().copied().peekable();
    while let Some(index) = order.next() {
        if bulk.fail_on_errors.is_some_and(|most| run.errors() >= most) {
            break;
        }
        match run.understand(index) {
            Err(error) => run.settle(index, Err(error.into())),
            Ok(Operation::Create { kind, document, members, .. })
                if members.is_empty() && creates::is_small(&document) =>
            {
                let mut together = vec![(index, run.new_resource(index, kind, document))];
                while let Some((next, new)) = order.peek().and_then(|next| run.joins(*next, kind, &together))
                {
                    together.push((next, new));
                    order.next();
                }
                run.create_together(kind, together).await;
            }
            Ok(operation) => run.execute(index, operation).await,
        }
    }
    run.add_later_members().await;
    Ok(run.outcome())
}

struct Run<'r, D> {
    database: &'r D,
    context: &'r Context<'r>,
    bulk: &'r Bulk,
    plan: &'r Plan,
    /// By the operation's place in the request.
    outcomes: BTreeMap<usize, Result<Outcome, ScimError>>,
    /// Members that a group gets once they are created: the operation, and their ids.
    later: Vec<(usize, Vec<String>)>,
    /// What the operator has to know.
    failures: Vec<Failure>,
}

impl<'r, D: Database> Run<'r, D> {
    fn errors(&self) -> usize {
        self.outcomes.values().filter(|outcome| outcome.is_err()).count()
    }

    /// The operation with ids in the place of its references.
    fn understand(&self, index: usize) -> Result<Operation<'r>, ScimError> {
        let failed = |other: usize| matches!(self.outcomes.get(&other), Some(Err(_)));
        self.plan.check(self.bulk, index, &failed)?;
        let operation = self.bulk.operations.get(index);
        let operation = operation.ok_or_else(|| ScimError::invalid_syntax("there is no such operation"))?;
        self.bulk.parse(self.context.registry, &operation.resolved(&self.plan.by_bulk_id))
    }

    fn new_resource(&self, index: usize, kind: Kind, document: scim::Document) -> NewResource {
        NewResource { kind, id: self.plan.id(index, self.context), document }
    }

    /// The next operation, where it is a create that can go with those of `together`: of the same kind, without
    /// members, and referring to none of them, since one of them may fail. With failOnErrors none can, since
    /// nothing may be done behind the last error that is accepted.
    fn joins(
        &self,
        next: usize,
        kind: Kind,
        together: &[(usize, NewResource)],
    ) -> Option<(usize, NewResource)> {
        let refers =
            self.plan.depends_on(next).iter().any(|other| together.iter().any(|(index, _)| index == other));
        if refers || self.bulk.fail_on_errors.is_some() {
            return None;
        }
        match self.understand(next) {
            Ok(Operation::Create { kind: of, document, members, .. })
                if of == kind && members.is_empty() && creates::is_small(&document) =>
            {
                Some((next, self.new_resource(next, kind, document)))
            }
            _ => None,
        }
    }

    async fn create_together(&mut self, kind: Kind, together: Vec<(usize, NewResource)>) {
        let (indexes, new): (Vec<usize>, Vec<NewResource>) = together.into_iter().unzip();
        match create_together(self.database, self.context, kind, new).await {
            Ok(outcomes) => {
                indexes.into_iter().zip(outcomes).for_each(|(index, outcome)| self.settle(index, outcome))
            }
            Err(error) => indexes.into_iter().for_each(|index| self.settle(index, Err(error.clone().into()))),
        }
    }

    async fn execute(&mut self, index: usize, operation: Operation<'_>) {
        let outcome = match operation {
            Operation::Create { kind, document, members, projection } => {
                let is_to_come = |id: &String| {
                    self.plan
                        .ids
                        .iter()
                        .any(|(other, created)| created == id && !self.outcomes.contains_key(other))
                };
                let (later, members): (Vec<String>, Vec<String>) = members.into_iter().partition(is_to_come);
                if !later.is_empty() {
                    self.later.push((index, later));
                }
                let id = self.plan.id(index, self.context);
                create::create(self.database, self.context, id, kind, document, members, &projection).await
            }
            operation => execute_one(self.database, self.context, operation).await,
        };
        self.settle(index, outcome);
    }

    fn settle(&mut self, index: usize, outcome: Result<Outcome, Failure>) {
        let outcome = match outcome {
            Ok(outcome) => Ok(outcome),
            Err(Failure::Refused(error)) => Err(error),
            Err(failure) => {
                let passing = failure.is_passing();
                self.failures.push(failure);
                Err(match passing {
                    true => ScimError::busy("the directory did not answer; send this operation again"),
                    false => ScimError::new(
                        500,
                        "the service failed at this operation; its operator finds the reason in the log",
                    ),
                })
            }
        };
        self.outcomes.insert(index, outcome);
    }

    /// Closes the circles. RFC 7644 s3.7.1: one that cannot be resolved is a 409.
    async fn add_later_members(&mut self) {
        for (index, members) in std::mem::take(&mut self.later) {
            let Some(Ok(Outcome::Created(group))) = self.outcomes.get(&index) else { continue };
            let id = group.id.clone();
            let request = Request {
                kind: Kind::Group,
                id: &id,
                projection: &Projection::Default,
                precondition: &Precondition::default(),
            };
            let change = MemberChange { add: members.into_iter().collect(), ..MemberChange::default() };
            let Err(failure) = write(self.database, self.context, &request, None, &change, false).await
            else {
                continue;
            };
            let undone =
                delete::delete(self.database, self.context, Kind::Group, &id, &Precondition::default()).await;
            self.failures.extend(undone.err());
            let refusal = match failure {
                Failure::Refused(error) => Failure::Refused(ScimError::new(409, error.detail)),
                failure => failure,
            };
            self.settle(index, Err(refusal));
        }
    }

    fn outcome(self) -> Outcome {
        let mut results = Vec::new();
        for (index, outcome) in self.outcomes {
            let Some(operation) = self.bulk.operations.get(index) else { continue };
            let created = outcome.is_ok().then(|| self.plan.ids.get(&index).cloned()).flatten();
            let resource = match operation.creates() {
                Some(kind) => created.map(|id| (kind, id)),
                None => operation.resolved(&self.plan.by_bulk_id).resource(),
            };
            let (method, bulk_id) = (operation.method.clone(), operation.bulk_id.clone());
            results.push(BulkResult { method, bulk_id, resource, outcome });
        }
        let failures = self.failures.iter().map(Failure::to_string).collect();
        Outcome::Bulk { results, failures }
    }
}
