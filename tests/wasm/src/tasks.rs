//! Tasks, futures and tokens.

use crate::exported;
use paceline::CancelToken;
use std::future::{pending, poll_fn};
use std::task::Poll;

exported! {
    fn spawn_task() {
        let handle = paceline::spawn_task(|| 1);
        assert!(handle.is_finished());
        assert_eq!(handle.join().unwrap(), 1);
        assert_eq!(paceline::spawn_task(|| paceline::spawn_task(|| 2).join().unwrap()).join().unwrap(), 2);
        assert_eq!(paceline::block_on(paceline::spawn_task(|| 3)).unwrap(), 3);
        assert_eq!(paceline::block_on(paceline::spawn_task(|| 4).cancel_on_drop()).unwrap(), 4);
    }

    fn spawn_future() {
        let mut polls = 0;
        let twice = poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls == 2 { Poll::Ready(polls) } else { Poll::Pending }
        });
        assert_eq!(paceline::spawn_future(twice).join().unwrap(), 2);
        let nested = async { paceline::spawn_future(async { 7 }).await.unwrap() };
        assert_eq!(paceline::block_on(paceline::spawn_future(nested)).unwrap(), 7);
        drop(paceline::spawn_future(pending::<()>()).cancel_on_drop());
    }

    fn scoped_tasks() {
        let number = 5;
        let sum = paceline::scope(|scope| {
            let task = scope.spawn_task(|_| number);
            task.join().unwrap() + scope.spawn_task(|_| 1).join().unwrap()
        });
        assert_eq!(sum, 6);
        let sum = paceline::in_place_scope_fifo(|scope| scope.spawn_task(|_| number).join().unwrap());
        assert_eq!(sum, 5);
    }

    fn block_on() {
        assert_eq!(paceline::block_on(async { 1 }), 1);
        let mut polled = false;
        let woken = poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut polled, true) { Poll::Ready(2) } else { Poll::Pending }
        });
        assert_eq!(paceline::block_on(woken), 2);
        assert_eq!(paceline::scope(|_| paceline::block_on(async { 3 })), 3);
    }

    fn cancelling() {
        let token = CancelToken::new();
        let child = token.child_token();
        let handle = paceline::spawn_future(pending::<()>()).with_cancel(&child);
        assert!(!handle.is_finished());
        token.cancel();
        assert!(child.is_cancelled());
        assert!(handle.join().unwrap_err().is_cancelled());
        paceline::scope(|scope| scope.spawn_with_cancel(&token, |_| panic!("it was cancelled")));
        paceline::scope_fifo(|scope| scope.spawn_fifo_with_cancel(&token, |_| panic!("it was cancelled")));
        let handle = paceline::spawn_future(pending::<()>());
        handle.cancel();
        assert!(handle.join().is_err());
    }

    fn refuses_to_block_on_what_never_comes() {
        paceline::block_on(pending::<()>());
    }

    fn refuses_to_join_what_never_ends() {
        _ = paceline::spawn_future(pending::<()>()).join();
    }

    fn refuses_to_wait_on_a_worker() {
        paceline::scope(|_| paceline::block_on(pending::<()>()));
    }
}
