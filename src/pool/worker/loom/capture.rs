//! A loom model of the word of a steal request, when its owner begins to have the contexts of its forks captured.
//!
//! Weakened: with a load and a store in place of the exchange in `capture_contexts` the model fails its first assertion, and
//! without the exchange its second.

use super::check;
use crate::pool::worker::steal_request::StealRequest;
use loom::thread;
use std::sync::Arc;

#[test]
fn a_request_that_is_made_meanwhile_is_not_lost() {
    check(2, || {
        let request = Arc::new(StealRequest::new());
        // As after the first fork of a worker: no request is on.
        _ = request.take();
        let thief = {
            let request = Arc::clone(&request);
            thread::spawn(move || request.make())
        };
        request.capture_contexts();
        // A fork: its context is captured, or the request is served.
        let (is_disturbed, is_on) = (request.disturbs(), request.is_on());
        if is_on {
            _ = request.take();
        }
        thief.join().unwrap();
        assert!(is_on || request.is_on(), "the request is lost");
        assert!(is_disturbed, "the fork's context is not captured");
    });
}
