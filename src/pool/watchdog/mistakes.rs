//! The well-known mistakes: what each looks like, and the sentence that explains it and names the remedy.

use super::scene::{Scene, Seconds};
use super::stillness::Area;
use super::view::{Doing, PoolView, SlotView};
use super::waits::{Awaited, WaitEntry};

/// The sentences for all mistakes that the scene may be explained by, the most certain first.
pub(super) fn explain(scene: &Scene<'_>) -> Vec<String> {
    let in_pools = scene.stuck_pools().flat_map(|pool| {
        let all = [isolated_broadcasts, isolated_wait, all_occupied, job_on_top, blocked_jobs];
        all.into_iter().filter_map(|mistake| mistake(scene, pool))
    });
    in_pools.chain(full_worker_pool(scene)).chain(lost_waker(scene)).collect()
}

/// Two isolated calls broadcast at the same time: each waits for a thread that waits for the other.
fn isolated_broadcasts(scene: &Scene<'_>, pool: &PoolView) -> Option<String> {
    let is_one = |wait: &&WaitEntry| wait.awaited == Awaited::Broadcast(pool.number) && is_isolated(wait);
    let broadcasts = scene.stuck_waits().filter(is_one).count();
    (broadcasts >= 2).then(|| {
        format!(
            "{broadcasts} threads of pool {} wait for broadcasts inside of `isolate`. Each broadcast needs the threads in the \
             other isolated calls, which run it only when those calls have returned. Broadcast outside of `isolate`, or let \
             one such call at a time do it.",
            pool.number
        )
    })
}

/// A thread waits in an isolated call, and there are jobs that only other threads may run, of which there are none.
fn isolated_wait(scene: &Scene<'_>, pool: &PoolView) -> Option<String> {
    let waits = |slot: &&SlotView| matches!(scene.view.doing(slot), Doing::Waits(wait) if is_isolated(wait));
    let slot = pool.slots.iter().find(waits).filter(|_| scene.is_occupied(pool))?;
    let jobs = pool.waiting.total().checked_sub(pool.waiting.mailboxes).filter(|&jobs| jobs > 0)?;
    Some(format!(
        "Thread {} of pool {} waits inside of `isolate`, where it runs no jobs but those of that call, and no other thread \
         is free for the jobs in queues ({jobs}). Do not wait inside of `isolate` for a job that was begun outside of it, or \
         that is spawned without a scope; give the pool more threads, or have such jobs in another pool.",
        slot.index, pool.number
    ))
}

/// All threads are in jobs, and others wait in queues.
fn all_occupied(scene: &Scene<'_>, pool: &PoolView) -> Option<String> {
    let jobs = pool.waiting.total();
    let are_all_blocked = scene.blocked(pool).count() == pool.slots.len();
    (are_all_blocked && jobs > 0).then(|| {
        format!(
            "All {} threads of pool {} run jobs that block, and no thread is free for the jobs in queues ({jobs}). If a job \
             that runs waits for one of those (by a channel or a lock, say), make its blocking call inside of \
             `paceline::blocking`: then another thread takes its place meanwhile.",
            pool.slots.len(),
            pool.number
        )
    })
}

/// A thread has begun a job on top of a wait, and that job may want a lock that is held beneath.
fn job_on_top(scene: &Scene<'_>, pool: &PoolView) -> Option<String> {
    let is_on_top = |slot: &&SlotView| matches!(scene.view.doing(slot), Doing::RunsOnTop(_));
    pool.slots.iter().find(is_on_top).map(|slot| {
        format!(
            "Thread {} of pool {} has begun another job on top of a wait, and that job has not ended. If it wants a lock that \
             is held beneath, across the call that waits, make that call inside of `paceline::isolate`: there a waiting thread \
             begins no job of other calls.",
            slot.index, pool.number
        )
    })
}

/// Jobs block on something that is not known here, while a thread waits for them.
fn blocked_jobs(scene: &Scene<'_>, pool: &PoolView) -> Option<String> {
    let is_here = |wait: &WaitEntry| wait.areas().any(|area| area == Area::Pool(pool.number));
    let is_waited_for = scene.stuck_waits().any(|wait| wait.awaited.is_owed() && is_here(wait));
    let blocked = scene.blocked(pool).count();
    (blocked > 0 && is_waited_for).then(|| {
        format!(
            "In pool {} a job has run for {} without an end ({blocked} such), and a thread waits for work of the pool. The job \
             waits for something that is not known here: a lock, a channel, a file. If it is a lock that a thread holds across \
             a parallel call: release it before the call, or, if only jobs outside of the call want it, make the call inside \
             of `paceline::isolate`. If it is something that another job must do: wait for it inside of `paceline::blocking`.",
            pool.number,
            Seconds(scene.still_for())
        )
    })
}

/// A thread submits while the workers wait for their results to be taken.
fn full_worker_pool(scene: &Scene<'_>) -> Option<String> {
    let waits = |awaited| scene.stuck_waits().any(move |wait| wait.awaited == awaited);
    let is_full = |wait: &WaitEntry| match wait.awaited {
        Awaited::Room(workers) => waits(Awaited::ResultRoom(workers)),
        _ => false,
    };
    scene.stuck_waits().any(is_full).then(|| {
        "A thread waits in `submit` for room in a worker pool, whose workers wait until their results are taken. A thread that \
         submits all items before it takes a result waits for ever: submit on one thread and take results on another, or give \
         the builder a `capacity` for all items."
            .to_owned()
    })
}

/// A thread blocks on a future, and no thread of any pool does anything that could wake it.
fn lost_waker(scene: &Scene<'_>) -> Option<String> {
    let slots = scene.view.pools.iter().flat_map(|pool| &pool.slots);
    let mut doing = slots.map(|slot| scene.view.doing(slot));
    let does_none_run = !doing.any(|doing| matches!(doing, Doing::Runs | Doing::RunsOnTop(_)));
    let is_awaited = scene.stuck_waits().any(|wait| wait.awaited == Awaited::Future);
    (is_awaited && does_none_run && scene.view.pools.iter().all(|pool| pool.waiting.total() == 0)).then(|| {
        "`block_on` waits for a future that is not woken, and no thread of a pool runs a job that could wake it. If nothing \
         else is to wake it, such as a connection or a timer, its waker is lost: a future that returns `Poll::Pending` must see to \
         it that the waker of its context is called."
            .to_owned()
    })
}

fn is_isolated(wait: &WaitEntry) -> bool {
    wait.worker.is_some_and(|worker| worker.region.is_isolated())
}
