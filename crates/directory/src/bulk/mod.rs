//! Bulk (RFC 7644 s3.7): operations are executed one after the other, except that adjacent creates share a round
//! trip.
//!
//! Ids are chosen before anything is created, so that a reference to a resource of the same request becomes an
//! ordinary id. The only order to respect: an operation comes after those that create what it refers to. Groups that
//! are members of one another in a cycle wait for each other, and are created together.
//!
//! Of the results, only what the response shows is kept; of a parsed operation, everything but its body.
//!
//! `plan` finds the order; `creates` makes one statement of many creates, `cycles` one transaction of a cycle.

mod creates;
mod cycles;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use database::{Cause, Database, DatabaseError, Failure};
use scim::{Bulk, BulkOutcome, BulkResult, Done, Kind, Operation, ScimError};

use crate::Context;
use crate::operations::member_ids::in_their_letter_case;
use crate::operations::{create, execute};
use crate::refusal;
use creates::{NewResource, create_together};
use cycles::{NewGroup, create_cycle};
use plan::Plan;

/// Executes the operations of a bulk request. A failure is reported for its operation alone.
pub async fn bulk(database: &impl Database, context: &Context<'_>, bulk: Bulk) -> BulkOutcome {
    let plan = Plan::new(context.registry, &bulk, context.new_id);
    let mut run = Run {
        database,
        context,
        bulk,
        plan: &plan,
        parsed: None,
        results: BTreeMap::new(),
        cycle: Vec::new(),
        failures: BTreeSet::new(),
    };
    let mut order = plan.order.iter().copied().peekable();
    while let Some(index) = order.next() {
        if run.bulk.fail_on_errors.is_some_and(|most| run.errors() >= most) {
            break;
        }
        match run.parse(index) {
            Err(error) => run.record(index, Err(error.into())),
            Ok(Operation::Create { kind, document, members, .. })
                if members.is_empty() && creates::is_small(&document) =>
            {
                let mut together = vec![(index, run.new_resource(index, kind, document))];
                while let Some((next, new)) =
                    order.peek().and_then(|next| run.can_join(*next, kind, &together))
                {
                    together.push((next, new));
                    order.next();
                }
                run.create_together(together).await;
            }
            Ok(operation) => run.execute(index, operation).await,
        }
        run.close_cycle().await;
    }
    run.outcome()
}

struct Run<'r, D> {
    database: &'r D,
    context: &'r Context<'r>,
    /// The operations. Those that were parsed no longer have their bodies.
    bulk: Bulk,
    plan: &'r Plan,
    /// The operation that was parsed last, if it is not executed yet.
    parsed: Option<(usize, Result<Operation<'r>, ScimError>)>,
    /// The results, by the index of the operation in the request.
    results: BTreeMap<usize, Result<Done, ScimError>>,
    /// Groups that wait for members which are not created yet, and the operations that create these.
    cycle: Vec<(usize, NewGroup, Vec<usize>)>,
    /// What the operator must know; each text once, however many operations met it.
    failures: BTreeSet<String>,
}

impl<'r, D: Database> Run<'r, D> {
    fn errors(&self) -> usize {
        self.results.values().filter(|result| result.is_err()).count()
    }

    /// Parses the operation, with ids in the place of its references. Its body is consumed.
    fn parse(&mut self, index: usize) -> Result<Operation<'r>, ScimError> {
        self.check(index)?;
        if let Some((_, understood)) = self.parsed.take_if(|(understood, _)| *understood == index) {
            return understood;
        }
        let operation = self.bulk.operations.get_mut(index);
        let operation = operation.ok_or_else(|| ScimError::invalid_syntax("there is no such operation"))?;
        let operation = operation.take().resolved(&self.plan.by_bulk_id);
        self.bulk.parse(self.context.registry, operation)
    }

    fn check(&self, index: usize) -> Result<(), ScimError> {
        let failed = |other: usize| matches!(self.results.get(&other), Some(Err(_)));
        self.plan.check(&self.bulk, index, &failed)
    }

    fn new_resource(&self, index: usize, kind: Kind, document: scim::Document) -> NewResource {
        NewResource { kind, id: self.plan.id(index, self.context), document }
    }

    /// Returns the next operation if it is a create that can be executed together with those of `together`: it has
    /// the same type, has no members, and refers to none of them, since one of them may fail. With failOnErrors there
    /// is none, since nothing may be done after the last error that is accepted.
    fn can_join(
        &mut self,
        next: usize,
        kind: Kind,
        together: &[(usize, NewResource)],
    ) -> Option<(usize, NewResource)> {
        let refers =
            self.plan.depends_on(next).iter().any(|other| together.iter().any(|(index, _)| index == other));
        if refers || self.bulk.fail_on_errors.is_some() {
            return None;
        }
        self.check(next).ok()?;
        match self.parse(next) {
            Ok(Operation::Create { kind: of, document, members, .. })
                if of == kind && members.is_empty() && creates::is_small(&document) =>
            {
                Some((next, self.new_resource(next, kind, document)))
            }
            other => {
                self.parsed = Some((next, other));
                None
            }
        }
    }

    async fn create_together(&mut self, together: Vec<(usize, NewResource)>) {
        let (indexes, new): (Vec<usize>, Vec<NewResource>) = together.into_iter().unzip();
        let results = create_together(self.database, self.context, new).await;
        self.record_together(indexes, results);
    }

    async fn execute(&mut self, index: usize, mut operation: Operation<'_>) {
        // `execute` rewrites the ids of all other operations.
        if matches!(operation, Operation::Create { .. })
            && let Err(failure) = in_their_letter_case(self.database, self.context, &mut operation).await
        {
            return self.record(index, Err(failure));
        }
        let outcome = match operation {
            Operation::Create { kind, document, members, projection } => {
                let id = self.plan.id(index, self.context);
                let awaited: Vec<usize> = members.iter().filter_map(|member| self.to_come(member)).collect();
                if members.contains(&id) {
                    Err(refusal::member_of_itself().into())
                } else if !awaited.is_empty() {
                    return self.cycle.push((index, NewGroup { kind, id, document, members }, awaited));
                } else {
                    create::create(self.database, self.context, id, kind, document, members, &projection)
                        .await
                }
            }
            operation => execute(self.database, self.context, operation).await,
        };
        self.record(index, outcome.map(Done::from));
    }

    /// Returns the operation that creates that id, if it is not executed yet, or waits.
    fn to_come(&self, id: &str) -> Option<usize> {
        self.plan.by_id.get(id).copied().filter(|index| !self.results.contains_key(index))
    }

    /// Creates the waiting groups, once they wait only for one another.
    async fn close_cycle(&mut self) {
        let within: BTreeSet<usize> = self.cycle.iter().map(|(index, ..)| *index).collect();
        let is_open = |awaited: &usize| !within.contains(awaited) && !self.results.contains_key(awaited);
        if within.is_empty() || self.cycle.iter().any(|(.., awaited)| awaited.iter().any(is_open)) {
            return;
        }
        let waiting = std::mem::take(&mut self.cycle).into_iter();
        let (indexes, groups): (Vec<usize>, Vec<NewGroup>) =
            waiting.map(|(index, group, _)| (index, group)).unzip();
        let reasons: Vec<Option<ScimError>> = indexes.iter().map(|index| self.check(*index).err()).collect();
        let results = match reasons.iter().any(Option::is_some) {
            true => Ok(cycles::refused(reasons)),
            false => create_cycle(self.database, self.context, groups).await,
        };
        self.record_together(indexes, results);
    }

    fn record_together(&mut self, indexes: Vec<usize>, results: Result<Vec<Result<Done, Failure>>, Failure>) {
        match results {
            Ok(results) => {
                indexes.into_iter().zip(results).for_each(|(index, result)| self.record(index, result))
            }
            Err(failure) => {
                let refusal = self.client_error(failure);
                indexes.into_iter().for_each(|index| self.record(index, Err(refusal.clone().into())));
            }
        }
    }

    fn record(&mut self, index: usize, result: Result<Done, Failure>) {
        let result = result.map_err(|failure| self.client_error(failure));
        self.results.insert(index, result);
    }

    /// Returns the error that the client reads for a failure; the operator reads the reason.
    fn client_error(&mut self, failure: Failure) -> ScimError {
        let refusal = match failure.cause() {
            Cause::Refused(error) => return error.clone(),
            Cause::Database(DatabaseError::CallLimit) => ScimError::busy(
                "this request has reached its limit of database calls; send this operation in another request",
            ),
            Cause::Database(DatabaseError::Full(_)) => ScimError::full(),
            _ if failure.is_retryable() => {
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

    fn outcome(self) -> BulkOutcome {
        let mut results = Vec::new();
        for (index, done) in self.results {
            let Some(operation) = self.bulk.operations.get(index) else { continue };
            let created = done.is_ok().then(|| self.plan.ids.get(&index).cloned()).flatten();
            let resource = match operation.creates(self.context.registry) {
                Some(kind) => created.map(|id| (kind, id)),
                None => operation.resource(self.context.registry, &self.plan.by_bulk_id),
            };
            let (method, bulk_id) = (operation.method.clone(), operation.bulk_id.clone());
            results.push(BulkResult { method, bulk_id, resource, done });
        }
        BulkOutcome { results, failures: self.failures.into_iter().collect() }
    }
}
