//! The database fails: at every call of every operation, in every way. Afterwards the state is the one before or the
//! one after, a successful response is true, a refusal says whether repeating helps, and repeating does no harm.
//!
//! `operations` and `clients` are the table of operations; `bulk` checks the same for requests with many operations.

mod bulk;
mod clients;
mod operations;

use std::cell::RefCell;
use std::rc::Rc;

use crate::harness::Directory;
use crate::instrumented::Fault;
use operations::{Operation, all, filled};

/// Returns all rows, sorted. Ids that the operation made are replaced by the same text, since they are random.
pub fn state(directory: &Directory) -> Vec<String> {
    let prefix = "00000000-0000-7000-8000-0000000";
    let made = |row: String| {
        let mut parts = row.split(prefix);
        let mut alike = parts.next().unwrap().to_string();
        for part in parts {
            let (number, rest) = part.split_at(5);
            alike.push_str(if number < "01000" { number } else { "made" });
            alike.push_str(rest);
        }
        alike
    };
    let tables = directory.database.dump();
    // The hash of a token that was created again; the place in the log of what was done at the second time.
    let lasting = |row: &database::Row| {
        let cells = row.cells().filter(|(column, _)| *column != "hash" && *column != "seq");
        cells.map(|(column, value)| format!("{column}: {value} ")).collect::<String>()
    };
    let rows = tables.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)));
    let mut rows: Vec<String> = rows.map(|(table, row)| made(format!("{table} {}", lasting(row)))).collect();
    rows.sort();
    rows
}

/// Sends the request. Every request has the same time, so that its time makes no difference; its ids do differ.
pub fn ask<T>(directory: &Directory, time: u64, request: impl Fn(&Directory) -> T) -> T {
    directory.at_second(100);
    directory.ids_from(1_000 * time);
    request(directory)
}

/// The undisturbed run: the calls that it makes (how many statements; whether they only read), its answer, its state.
struct Undisturbed {
    calls: Vec<(usize, bool)>,
    answer: (u16, String),
    before: Vec<String>,
    after: Vec<String>,
}

fn undisturbed(operation: &Operation) -> Undisturbed {
    let directory = filled();
    let before = state(&directory);
    let calls = Rc::new(RefCell::new(Vec::new()));
    let seen = calls.clone();
    directory.database.before_calls(move |_, statements| {
        let reads = statements
            .iter()
            .all(|statement| ["SELECT", "WITH"].iter().any(|word| statement.sql.starts_with(word)));
        seen.borrow_mut().push((statements.len(), reads));
    });
    let answer = ask(&directory, 1, &operation.run).unwrap();
    directory.database.leave_calls_alone();
    let after = state(&directory);
    assert!(answer.0 < 300, "{}: {answer:?}", operation.name);
    let (again, _) = ask(&directory, 2, &operation.run).unwrap();
    assert_eq!(again, operation.again, "{}, repeated", operation.name);
    assert_eq!(state(&directory) == after, !operation.adds, "{}, repeated", operation.name);
    Undisturbed { calls: calls.take(), answer, before, after }
}

#[test]
fn whichever_call_fails_a_change_is_complete_reported_truly_and_repeatable() {
    for operation in all() {
        let whole = undisturbed(&operation);
        for (call, (statements, reads)) in whole.calls.iter().enumerate() {
            let within = (0..=*statements).map(Fault::Within);
            let faults =
                [Fault::Before, Fault::After, Fault::Refused, Fault::CallLimit].into_iter().chain(within);
            for fault in faults {
                fails_completely_or_not_at_all(&operation, &whole, call, fault, *reads);
            }
        }
    }
}

fn fails_completely_or_not_at_all(
    operation: &Operation,
    whole: &Undisturbed,
    call: usize,
    fault: Fault,
    reads: bool,
) {
    let name = format!("{} {}, call {call} {fault:?}", operation.name, whole.answer.0);
    for times in [1, 3] {
        let directory = filled();
        directory.database.fail(fault, call..call + times);
        let answer = ask(&directory, 1, &operation.run);
        let calls = directory.database.recover();
        let left = state(&directory);
        let passing = matches!(fault, Fault::Before | Fault::After);
        // A read is tried three times, a write once.
        let answered = reads && passing && times == 1;
        match answer {
            Ok(answer) => {
                assert!(answered, "{name}: answered {answer:?}");
                assert_eq!(answer, whole.answer, "{name}");
                assert_eq!(left, whole.after, "{name}: told as done");
                assert_eq!(calls, whole.calls.len() + 1, "{name}");
                continue;
            }
            Err(failure) => {
                assert!(!answered, "{name}: {failure}");
                assert_eq!(failure.is_retryable(), passing || fault == Fault::CallLimit, "{name}: {failure}");
                assert_eq!(calls, call + if reads && passing { 3 } else { 1 }, "{name}");
            }
        }
        let done = fault == Fault::After && !reads;
        assert_eq!(left, if done { &whole.after } else { &whole.before }.clone(), "{name}");

        let (again, _) = ask(&directory, 2, &operation.run).unwrap();
        assert_eq!(again, if done { operation.again } else { whole.answer.0 }, "{name}, repeated");
        if !(done && operation.adds) {
            assert_eq!(state(&directory), whole.after, "{name}, repeated");
        }
    }
}

/// The client never read the token, so it cannot use it; a rotation still starts from the old token.
#[test]
fn a_token_whose_answer_was_lost_is_in_the_list_and_can_be_revoked() {
    use tenants::{NewToken, Secret};

    let directory = filled();
    let rotate = |directory: &Directory, id: &str, number: u8| {
        let secret = Secret::new(&[number; 32]);
        directory.run(async |database, context| {
            let new = NewToken { id: id.into(), name: None, secret: &secret, scopes: None, expires: None };
            tenants::rotate(database, "acme", "token1", new, context.now, context.now).await
        })
    };
    directory.database.fail(Fault::After, 0..1);
    assert!(rotate(&directory, "lost", 7).unwrap_err().is_retryable());
    directory.database.recover();
    // The old token ended at once, as the request demanded; it can be rotated all the same.
    rotate(&directory, "told", 8).unwrap();
    let names = |list: Vec<tenants::Token>| list.into_iter().map(|token| token.id).collect::<Vec<_>>();
    let list = directory.run(async |database, _| tenants::list_tokens(database, "acme").await);
    assert_eq!(names(list.unwrap()), ["lost", "token1", "token2", "told"]);
    let revoked =
        directory.run(async |database, context| tenants::revoke(database, "acme", "lost", context.now).await);
    assert!(revoked.unwrap().revoked.is_some());
}
