//! Worker pools: threads of their own behind a bounded queue.

use super::program::{Body, Order, Workers, WorkersEnd};
use super::run::{equal, is_planned, on_each, tickets};
use super::world::{Must, Ticket, World};
use paceline::workers::{self, WorkerError, WorkerPool};
use std::sync::Arc;

/// Submits so many items to a new pool from the calling thread, takes the results, and ends the pool.
pub(crate) fn through_workers(world: &Arc<World>, kind: Workers, items: u32, ops: &Body) {
    let (wanted, tickets) =
        tickets(world, items, if kind.end == WorkersEnd::ShutDownNow { Must::End } else { Must::Run });
    let on_each = on_each(ops);
    let work = move |_: &mut (), ticket| on_each(ticket);
    let builder = WorkerPool::builder().threads(kind.threads as usize).capacity(kind.capacity as usize);
    let Some(order) = kind.results else {
        let pool = builder.build(move |state, ticket| _ = work(state, ticket)).expect("the system has threads");
        tickets.into_iter().for_each(|ticket| _ = pool.submit(ticket).expect("the pool is open"));
        let left = end(world, kind.end, pool);
        return equal(world, "shutdown_now", &left, &wanted[wanted.len() - left.len()..]);
    };
    let in_order = match order {
        Order::Kept => workers::Order::Submission,
        Order::AsDone => workers::Order::Completion,
    };
    let (pool, mut results) = builder.build_with_results(in_order, work).expect("the system has threads");
    let mut got = Vec::new();
    for mut ticket in tickets {
        while let Err(refused) = pool.try_submit(ticket) {
            ticket = refused.into_inner();
            got.push(results.next().expect("an item is in the queue"));
        }
    }
    let left = if kind.end == WorkersEnd::Closed {
        pool.close();
        got.extend(results);
        end(world, kind.end, pool)
    } else {
        let left = end(world, kind.end, pool);
        got.extend(results);
        left
    };
    check_results(world, order, got, left, &wanted);
}

/// Ends the pool; the numbers of the items that it hands back.
fn end(world: &World, end: WorkersEnd, pool: WorkerPool<Ticket>) -> Vec<usize> {
    match end {
        WorkersEnd::Dropped | WorkersEnd::Closed => drop(pool),
        WorkersEnd::ShutDown => {
            if let Err(panic) = pool.shutdown() {
                check_panic(world, panic);
            }
        }
        WorkersEnd::ShutDownNow => return pool.shutdown_now().iter().map(Ticket::number).collect(),
    }
    Vec::new()
}

fn check_panic(world: &World, panic: WorkerError) {
    world.check(is_planned(&*panic.into_panic()), || "a worker has a panic that nobody planned".to_owned());
}

/// There is a result, or a panic, for each item that was not handed back, and those are the last.
fn check_results(
    world: &World,
    order: Order,
    got: Vec<Result<usize, WorkerError>>,
    left: Vec<usize>,
    wanted: &[usize],
) {
    let (begun, not_begun) = wanted.split_at(got.len().min(wanted.len()));
    equal(world, "shutdown_now", &left, not_begun);
    let count = got.len();
    let mut numbers = Vec::new();
    for (place, result) in got.into_iter().enumerate() {
        match result {
            Ok(number) => {
                let is_in_order = order == Order::AsDone || begun.get(place) == Some(&number);
                world.check(is_in_order, || format!("the result {number} of a worker pool has the place {place}"));
                numbers.push(number);
            }
            Err(panic) => check_panic(world, panic),
        }
    }
    let given = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    let are_theirs = numbers.len() == given && numbers.iter().all(|number| begun.contains(number));
    world.check(are_theirs && count == begun.len(), || format!("a worker pool gives {numbers:?} for {begun:?}"));
}
