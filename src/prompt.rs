//! Runs a future, and continues it at the very moment at which what it waits for arrives.
//!
//! The executor of `wasm_bindgen_futures` puts a woken future into a queue, and has the runtime call it back for the queue; each time
//! costs a call out of wasm and one into it. A request waits for one thing after another (its body, a limiter, the database), and would pay
//! that for each of them. The future is polled within `wake`: what wakes must be ready before it wakes, and hold no borrow, and a
//! request must not wake another.
//!
//! A task that the runtime has ended with its request is never woken again. It is dropped, with all that it holds, after an hour: it
//! is older than any request becomes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use scim::Instant;
use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;

thread_local! {
    /// The tasks of this instance that have not ended, by number. Never borrowed while a task runs.
    static TASKS: RefCell<BTreeMap<u64, Rc<Task>>> = RefCell::default();
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// Milliseconds after which a task counts as ended with its request: an hour. A bulk request makes up to 950 calls of the database, one
/// after another, which may take minutes; no client waits for an hour.
const ENDED: i64 = 3_600_000;

/// Runs the future from now on, and returns a promise of its result.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static, now: Instant) -> Promise {
    let mut settle = None;
    let promise = Promise::new(&mut |resolve, reject| settle = Some((resolve, reject)));
    let settled = async move {
        let result = future.await;
        let Some((resolve, reject)) = settle else { return };
        let _ = match result {
            Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
            Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
        };
    };
    run(settled, now);
    promise
}

/// Runs the future until it waits, and goes on when it is woken.
fn run(future: impl Future<Output = ()> + 'static, now: Instant) {
    drop_ended(now);
    let number = NUMBER.with(|number| number.replace(number.get().wrapping_add(1)));
    let task = Rc::new(Task {
        number,
        began: now,
        future: RefCell::new(Box::pin(future)),
        is_woken: Cell::new(false),
        waker: Waker::from(Arc::new(Number(number))),
    });
    TASKS.with_borrow_mut(|tasks| tasks.insert(number, task.clone()));
    task.resume();
}

/// Drops the tasks that the runtime has ended; the oldest has the lowest number.
fn drop_ended(now: Instant) {
    let oldest = || {
        TASKS.with_borrow_mut(|tasks| {
            let oldest = tasks.first_entry()?;
            (now.0.saturating_sub(oldest.get().began.0) > ENDED).then(|| oldest.remove())
        })
    };
    while oldest().is_some() {}
}

struct Task {
    number: u64,
    began: Instant,
    /// Borrowed while it is polled.
    future: RefCell<Pin<Box<dyn Future<Output = ()>>>>,
    /// Whether it was woken, perhaps while it was polled.
    is_woken: Cell<bool>,
    waker: Waker,
}

impl Task {
    /// Polls the future until it waits or ends.
    fn resume(&self) {
        self.is_woken.set(true);
        let Ok(mut future) = self.future.try_borrow_mut() else { return };
        while self.is_woken.replace(false) {
            if future.as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready() {
                TASKS.with_borrow_mut(|tasks| tasks.remove(&self.number));
                return;
            }
        }
    }
}

/// The number of a task. A waker must be able to go to another thread, which a task must not; wasm has one thread.
struct Number(u64);

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = TASKS.with_borrow(|tasks| tasks.get(&self.0).cloned());
        if let Some(task) = task {
            task.resume();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::{Poll, Waker};

    use scim::Instant;

    use super::{ENDED, TASKS, run};

    /// Something that a future waits for.
    #[derive(Default)]
    struct Event {
        happened: bool,
        waker: Option<Waker>,
    }

    async fn wait(event: &RefCell<Event>) {
        poll_fn(|context| {
            let mut event = event.borrow_mut();
            event.waker = Some(context.waker().clone());
            if event.happened { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn happen(event: &RefCell<Event>) {
        event.borrow_mut().happened = true;
        let waker = event.borrow().waker.clone();
        waker.unwrap().wake();
    }

    #[test]
    fn a_future_goes_on_at_once_when_it_is_woken_and_is_dropped_when_it_ends() {
        let events: Rc<[RefCell<Event>; 2]> = Rc::default();
        let steps = Rc::new(RefCell::new(Vec::new()));
        let (awaited, taken) = (events.clone(), steps.clone());
        let future = async move {
            for (number, event) in awaited.iter().enumerate() {
                wait(event).await;
                taken.borrow_mut().push(number);
            }
        };
        run(future, Instant(0));
        assert!(steps.borrow().is_empty());
        happen(&events[0]);
        assert_eq!(*steps.borrow(), [0]);
        happen(&events[1]);
        assert_eq!(*steps.borrow(), [0, 1]);
        assert_eq!((Rc::strong_count(&steps), TASKS.with_borrow(|tasks| tasks.len())), (1, 0));
        happen(&events[1]);
    }

    #[test]
    fn a_future_that_wakes_itself_is_polled_again() {
        let left = Rc::new(Cell::new(3));
        let counted = left.clone();
        let future = poll_fn(move |context| {
            counted.set(counted.get() - 1);
            context.waker().wake_by_ref();
            if counted.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
        });
        run(future, Instant(0));
        assert_eq!(left.get(), 0);
    }

    #[test]
    fn what_a_task_holds_that_the_runtime_has_ended_is_dropped_and_what_may_still_run_is_not() {
        let held = Rc::new(());
        let event: Rc<RefCell<Event>> = Rc::default();
        let waits = || {
            let (held, event) = (held.clone(), event.clone());
            async move {
                wait(&event).await;
                drop(held);
            }
        };
        run(waits(), Instant(0));
        run(waits(), Instant(1));
        run(async {}, Instant(ENDED));
        assert_eq!(Rc::strong_count(&held), 3);
        run(async {}, Instant(ENDED + 1));
        assert_eq!((Rc::strong_count(&held), TASKS.with_borrow(|tasks| tasks.len())), (2, 1));
        happen(&event);
        assert_eq!(Rc::strong_count(&held), 1);
    }
}
