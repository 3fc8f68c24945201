//! Reads that a program asks for at the same time become one call: a wave.
//!
//! What lives here: which reads a call gathers, and how its rows find their way back. What does not: the call itself, which is the
//! database's. Writes are never gathered: each is a transaction of its own.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::{DatabaseError, Row, Statement};

/// What a call answers.
type Answer = Result<Vec<Vec<Row>>, DatabaseError>;

/// The reads that wait for the next call.
///
/// The first read of a wave steps aside once, so that the reads which the same task joins with it can come along. Then it makes the call for
/// all of them.
#[derive(Default)]
pub struct Waves {
    open: RefCell<Vec<Read>>,
}

/// A read: what it asks, and where its answer goes.
struct Read {
    statements: Vec<Statement>,
    seat: Rc<Seat>,
}

#[derive(Default)]
struct Seat(RefCell<(Option<Answer>, Option<Waker>)>);

impl Seat {
    fn put(&self, answer: Answer) {
        let waker = {
            let mut held = self.0.borrow_mut();
            held.0 = Some(answer);
            held.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().0.is_none()
    }

    async fn answer(&self) -> Answer {
        poll_fn(|context| {
            let mut held = self.0.borrow_mut();
            match held.0.take() {
                Some(answer) => Poll::Ready(answer),
                None => {
                    held.1 = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// The read that makes the call. If it is given up, those that came along get an error, and do not wait for ever.
struct Leader<'w> {
    waves: &'w Waves,
    seats: Vec<Rc<Seat>>,
    has_called: bool,
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if !self.has_called {
            self.seats.extend(self.waves.open.take().into_iter().map(|read| read.seat));
        }
        for seat in self.seats.iter().filter(|seat| seat.is_empty()) {
            seat.put(Err(DatabaseError::Unavailable("the call was given up".to_string())));
        }
    }
}

impl Waves {
    /// Returns the rows of statements that only read, from one `call` that has the statements of every read which is asked for at the same
    /// time. If the database refuses one of these statements, each read is asked alone, so that it fails by its own fault only.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn read<F>(&self, statements: Vec<Statement>, call: impl Fn(Vec<Statement>) -> F) -> Answer
    where
        F: Future<Output = Answer>,
    {
        let seat = Rc::new(Seat::default());
        self.open.borrow_mut().push(Read { statements, seat: seat.clone() });
        if self.open.borrow().len() > 1 {
            return seat.answer().await;
        }
        let mut leader = Leader { waves: self, seats: Vec::new(), has_called: false };
        step_aside().await;
        let reads = self.open.take();
        leader.has_called = true;
        leader.seats = reads.iter().map(|read| read.seat.clone()).collect();
        lead(reads, call).await;
        seat.answer().await
    }
}

/// Makes the call of a wave, and hands out its rows.
async fn lead<F: Future<Output = Answer>>(reads: Vec<Read>, call: impl Fn(Vec<Statement>) -> F) {
    let all = reads.iter().flat_map(|read| read.statements.iter().cloned()).collect();
    match call(all).await {
        Ok(rows) => {
            let mut rows = rows.into_iter();
            for Read { statements, seat } in reads {
                seat.put(Ok(rows.by_ref().take(statements.len()).collect()));
            }
        }
        Err(DatabaseError::Failed(_) | DatabaseError::Exhausted(_)) if reads.len() > 1 => {
            for Read { statements, seat } in reads {
                seat.put(call(statements).await);
            }
        }
        Err(error) => reads.iter().for_each(|read| read.seat.put(Err(error.clone()))),
    }
}

/// Lets the task go on with what it has joined to this future.
async fn step_aside() {
    let mut has_stepped = false;
    poll_fn(|context| {
        if has_stepped {
            return Poll::Ready(());
        }
        has_stepped = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
