//! Runs a future, and continues it at the very moment at which what it waits for arrives.
//!
//! The executor of `wasm_bindgen_futures` puts a woken future into a queue, and has the runtime call it back for the queue; each time
//! costs a call out of wasm and one into it. A request waits for one thing after another (its body, a limiter, the database), and would pay
//! that for each of them. The future is polled within `wake`: what wakes must be ready before it wakes, and hold no borrow, and a
//! request must not wake another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;

thread_local! {
    /// The tasks of this instance that have not ended, by number. Never borrowed while a task runs.
    static TASKS: RefCell<BTreeMap<u64, Rc<Task>>> = RefCell::default();
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// Runs the future, and returns a promise of its result.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let mut settle = None;
    let promise = Promise::new(&mut |resolve, reject| settle = Some((resolve, reject)));
    run(async move {
        let result = future.await;
        let Some((resolve, reject)) = settle else { return };
        let _ = match result {
            Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
            Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
        };
    });
    promise
}

/// Runs the future until it waits, and goes on when it is woken.
fn run(future: impl Future<Output = ()> + 'static) {
    let number = NUMBER.with(|number| number.replace(number.get().wrapping_add(1)));
    let task = Rc::new(Task {
        number,
        future: RefCell::new(Box::pin(future)),
        is_woken: Cell::new(false),
        waker: Waker::from(Arc::new(Number(number))),
    });
    TASKS.with_borrow_mut(|tasks| tasks.insert(number, task.clone()));
    task.resume();
}

struct Task {
    number: u64,
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

    use super::{TASKS, run};

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
        run({
            let (events, steps) = (events.clone(), steps.clone());
            async move {
                for (number, event) in events.iter().enumerate() {
                    wait(event).await;
                    steps.borrow_mut().push(number);
                }
            }
        });
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
        run(poll_fn(move |context| {
            counted.set(counted.get() - 1);
            context.waker().wake_by_ref();
            if counted.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
        }));
        assert_eq!(left.get(), 0);
    }
}
