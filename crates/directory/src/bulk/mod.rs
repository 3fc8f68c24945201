//! Bulk (RFC 7644 s3.7): operations one after the other, but for creates that stand together, which go in one
//! round trip.
//!
//! Ids are given before anything is created, so that a reference to a resource of the same request is an id like
//! any other. What is left of order: an operation comes behind those that create what it refers to. Groups that are
//! members of one another in a circle wait for each other, and are created together.
//!
//! `plan` finds the order; `creates` makes one statement of many creates, `circles` one transaction of a circle.

mod circles;
mod creates;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use scim::{Bulk, BulkResult, Kind, Operation, Outcome, ScimError};

use crate::execute::execute_one;
use crate::member_ids::in_their_letter_case;
use crate::{Context, Database, DatabaseError, Failure, create};
use circles::{NewGroup, create_circle};
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
        circle: Vec::new(),
        failures: BTreeSet::new(),
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
                run.create_together(together).await;
            }
            Ok(operation) => run.execute(index, operation).await,
        }
        run.close_circle().await;
    }
    Ok(run.outcome())
}

struct Run<'r, D> {
    database: &'r D,
    context: &'r Context<'r>,
    bulk: &'r Bulk,
    plan: &'r Plan,
    /// By the operation's place in the request.
    outcomes: BTreeMap<usize, Result<Outcome, ScimError>>,
    /// Groups that wait for members which are still to come.
    circle: Vec<(usize, NewGroup)>,
    /// What the operator has to know; once, however many operations met it.
    failures: BTreeSet<String>,
}

impl<'r, D: Database> Run<'r, D> {
    fn errors(&self) -> usize {
        self.outcomes.values().filter(|outcome| outcome.is_err()).count()
    }

    /// The operation with ids in the place of its references.
    fn understand(&self, index: usize) -> Result<Operation<'r>, ScimError> {
        self.check(index)?;
        let operation = self.bulk.operations.get(index);
        let operation = operation.ok_or_else(|| ScimError::invalid_syntax("there is no such operation"))?;
        self.bulk.parse(self.context.registry, &operation.resolved(&self.plan.by_bulk_id))
    }

    fn check(&self, index: usize) -> Result<(), ScimError> {
        let failed = |other: usize| matches!(self.outcomes.get(&other), Some(Err(_)));
        self.plan.check(self.bulk, index, &failed)
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

    async fn create_together(&mut self, together: Vec<(usize, NewResource)>) {
        let (indexes, new): (Vec<usize>, Vec<NewResource>) = together.into_iter().unzip();
        let outcomes = create_together(self.database, self.context, new).await;
        self.settle_together(indexes, outcomes);
    }

    async fn execute(&mut self, index: usize, mut operation: Operation<'_>) {
        if let Err(failure) = in_their_letter_case(self.database, self.context, &mut operation).await {
            return self.settle(index, Err(failure));
        }
        let outcome = match operation {
            Operation::Create { kind, document, members, projection } => {
                let id = self.plan.id(index, self.context);
                if members.contains(&id) {
                    Err(ScimError::invalid_value("a group cannot be a member of itself").into())
                } else if members.iter().any(|member| self.is_to_come(member)) {
                    return self.circle.push((index, NewGroup { id, document, members }));
                } else {
                    create::create(self.database, self.context, id, kind, document, members, &projection)
                        .await
                }
            }
            operation => execute_one(self.database, self.context, operation).await,
        };
        self.settle(index, outcome);
    }

    /// Whether an operation is to create it that has not had its turn, or waits.
    fn is_to_come(&self, id: &str) -> bool {
        self.plan.ids.iter().any(|(other, created)| created == id && !self.outcomes.contains_key(other))
    }

    /// Creates the groups that wait, once they wait for nobody but one another.
    async fn close_circle(&mut self) {
        let is_within = |id: &str| self.circle.iter().any(|(_, group)| group.id == id);
        let mut members = self.circle.iter().flat_map(|(_, group)| &group.members);
        if self.circle.is_empty() || members.any(|member| self.is_to_come(member) && !is_within(member)) {
            return;
        }
        let (indexes, groups): (Vec<usize>, Vec<NewGroup>) =
            std::mem::take(&mut self.circle).into_iter().unzip();
        let reasons: Vec<Option<ScimError>> = indexes.iter().map(|index| self.check(*index).err()).collect();
        let outcomes = match reasons.iter().any(Option::is_some) {
            true => Ok(circles::refused(reasons)),
            false => create_circle(self.database, self.context, groups).await,
        };
        self.settle_together(indexes, outcomes);
    }

    fn settle_together(
        &mut self,
        indexes: Vec<usize>,
        outcomes: Result<Vec<Result<Outcome, Failure>>, Failure>,
    ) {
        match outcomes {
            Ok(outcomes) => {
                indexes.into_iter().zip(outcomes).for_each(|(index, outcome)| self.settle(index, outcome))
            }
            Err(failure) => {
                let refusal = self.told(failure);
                indexes.into_iter().for_each(|index| self.settle(index, Err(refusal.clone().into())));
            }
        }
    }

    fn settle(&mut self, index: usize, outcome: Result<Outcome, Failure>) {
        let outcome = outcome.map_err(|failure| self.told(failure));
        self.outcomes.insert(index, outcome);
    }

    /// What the client is told of a failure; the operator reads the reason.
    fn told(&mut self, failure: Failure) -> ScimError {
        let refusal = match &failure {
            Failure::Refused(error) => return error.clone(),
            Failure::Database(DatabaseError::Spent) => ScimError::busy(
                "one request may ask the database no more often; send this operation in another",
            ),
            Failure::Database(DatabaseError::Full(_)) => ScimError::full(),
            failure if failure.is_passing() => {
                ScimError::busy("the directory did not answer; send this operation again")
            }
            _ => ScimError::new(
                500,
                "the service failed at this operation; its operator finds the reason in the log",
            ),
        };
        self.failures.insert(failure.to_string());
        refusal
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
        Outcome::Bulk { results, failures: self.failures.into_iter().collect() }
    }
}
