//! The text of a report: who waits for whom, and what that looks like.

use super::call_site::CallSite;
use super::mistakes;
use super::scene::{Effort, Scene, Seconds};
use super::view::{Doing, PoolView, SlotView};
use super::waits::{Awaited, WaitEntry};
use crate::pool::metrics::pool_metrics::WaitingJobs;
use crate::pool::registry::Kind;
use std::fmt::{self, Display, Write};

/// The whole report, with the last line's end.
pub(super) fn text(scene: &Scene<'_>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(scene, &mut text);
    text
}

fn write(scene: &Scene<'_>, text: &mut String) -> fmt::Result {
    writeln!(
        text,
        "paceline: no progress for {}, and something is owed. Who waits for whom:",
        Seconds(scene.still_for())
    )?;
    for pool in scene.stuck_pools() {
        let threads = pool.slots.len();
        writeln!(text, "  pool {} of {threads} threads; {}", pool.number, waiting_jobs(&pool.waiting))?;
        for slot in &pool.slots {
            write_slot(scene, pool, slot, text)?;
        }
    }
    for wait in scene.stuck_waits().filter(|wait| !is_of_holder(scene, wait)) {
        writeln!(text, "  {}: {}", waiting_thread(wait), described(scene, wait))?;
    }
    let explanations = mistakes::explain(scene);
    if explanations.is_empty() {
        writeln!(text, "  It may be that the program is right and slow.")?;
    }
    for explanation in explanations {
        writeln!(text, "  => {explanation}")?;
    }
    Ok(())
}

fn write_slot(scene: &Scene<'_>, pool: &PoolView, slot: &SlotView, text: &mut String) -> fmt::Result {
    write!(text, "    thread {}{}: ", slot.index, holder(scene, slot))?;
    match scene.view.doing(slot) {
        Doing::Idle => write!(text, "has nothing to do")?,
        Doing::Runs => {
            let (effort, job) = (effort(scene, pool, slot), job(scene, slot, None));
            write!(text, "runs a job that has not ended{effort}{job}{}", link(scene, slot))?;
        }
        Doing::Waits(wait) => write!(text, "{}", described(scene, wait))?,
        Doing::RunsOnTop(wait) => {
            let (effort, job) = (effort(scene, pool, slot), job(scene, slot, Some(wait)));
            write!(
                text,
                "runs another job that has not ended{effort}{job}, on top of this: it {}",
                described(scene, wait)
            )?;
        }
    }
    if slot.holder.is_some_and(|(address, ..)| scene.view.holds_bridge(address)) {
        write!(text, "; it holds the lock of a `par_bridge`")?;
    }
    for (jobs, place) in [(slot.in_deque, "deque"), (slot.in_mailbox, "mailbox")] {
        if jobs > 0 {
            write!(text, "; {jobs} in its {place}")?;
        }
    }
    writeln!(text)?;
    for wait in outer_waits(scene, slot) {
        writeln!(text, "      beneath that: {}", described(scene, wait))?;
    }
    Ok(())
}

/// The waits of a slot's holder upon which it has begun another.
fn outer_waits<'a>(scene: &Scene<'a>, slot: &SlotView) -> impl Iterator<Item = &'a WaitEntry> {
    let innermost = slot.holder.and_then(|(address, ..)| scene.view.wait_of(address));
    let waits = scene.view.waits.iter().rev().map(|wait| &**wait);
    waits.filter(move |wait| {
        let is_its = |inner: &WaitEntry| match (inner.worker, wait.worker) {
            (Some(inner), Some(outer)) => inner.address == outer.address,
            _ => false,
        };
        innermost.is_some_and(|inner| inner.serial != wait.serial && is_its(inner))
    })
}

/// True if the wait is that of a thread which holds a slot of a pool that the report shows.
fn is_of_holder(scene: &Scene<'_>, wait: &WaitEntry) -> bool {
    let holders = || scene.stuck_pools().flat_map(|pool| &pool.slots).filter_map(|slot| slot.holder);
    wait.worker.is_some_and(|worker| holders().any(|(address, ..)| address == worker.address))
}

/// Who holds a slot, in brackets; nothing for a thread of the pool without a name.
fn holder(scene: &Scene<'_>, slot: &SlotView) -> String {
    let Some((address, kind, _)) = slot.holder else { return String::new() };
    let thread = scene.view.thread_of(address).and_then(|thread| thread.name.as_deref());
    let name = thread.or_else(|| scene.view.wait_of(address)?.name.as_deref());
    match (kind, name) {
        (Kind::Own, None) => String::new(),
        (Kind::Own, Some(name)) => format!(" ({name:?})"),
        (Kind::Standby, _) => " (a standby thread)".to_owned(),
        (Kind::External, None) => " (a caller from outside)".to_owned(),
        (Kind::External, Some(name)) => format!(" (a caller from outside, {name:?})"),
    }
}

/// The name of a thread that is not shown with a slot.
fn waiting_thread(wait: &WaitEntry) -> String {
    let name = wait.name.as_deref().map_or("a thread without a name".to_owned(), |name| format!("{name:?}"));
    match wait.worker {
        Some(worker) => format!("{name}, of pool {}, without its place there", worker.pool),
        None => format!("{name}, outside all pools"),
    }
}

fn described(scene: &Scene<'_>, wait: &WaitEntry) -> String {
    let age = Seconds(scene.now.saturating_duration_since(wait.since));
    let mut text = match wait.awaited {
        Awaited::Blocking => format!("has been in `blocking` for {age}"),
        awaited => format!("waits for {awaited}, for {age}"),
    };
    if let Some(site) = CallSite::of(&wait.backtrace) {
        _ = write!(text, ", at {site}");
    }
    if wait.worker.is_some_and(|worker| worker.region.is_isolated()) {
        text.push_str(", inside of `isolate`");
    }
    text
}

/// Since when the job at the slot has run, and where it was made public.
fn job(scene: &Scene<'_>, slot: &SlotView, wait: Option<&WaitEntry>) -> String {
    let job = slot.holder.and_then(|(address, ..)| scene.view.job_of(address, wait));
    let Some(job) = job else { return String::new() };
    let mut text = format!("; it began {} ago", Seconds(scene.now.saturating_duration_since(job.since)));
    if let Some(site) = job.origin.as_ref().and_then(|origin| CallSite::of(origin)) {
        _ = write!(text, ", made public at {site}");
    }
    text
}

fn effort(scene: &Scene<'_>, pool: &PoolView, slot: &SlotView) -> String {
    match scene.effort(pool, slot) {
        Effort::None => " and has used no processor time: it is blocked, or sleeps".to_owned(),
        Effort::Computes(time) => format!(" and has used {} of processor time: it computes", Seconds(time)),
        Effort::Unknown => String::new(),
    }
}

/// Whose wait the job at the slot is a part of: the region of both is the same.
fn link(scene: &Scene<'_>, slot: &SlotView) -> String {
    let Some((own, _, region)) = slot.holder else { return String::new() };
    let mut waiting = scene.view.waits.iter().filter_map(|wait| wait.worker);
    let waiting = waiting.rfind(|worker| worker.region == region && worker.address != own);
    waiting.map_or(String::new(), |worker| {
        format!("; it is a part of the work that thread {} of pool {} waits for", worker.index, worker.pool)
    })
}

fn waiting_jobs(waiting: &WaitingJobs) -> String {
    let WaitingJobs { injected, high, low, deferred, mailboxes, deques, .. } = *waiting;
    let queues = [
        (injected, "from outside"),
        (high, "of high priority"),
        (low, "of low priority"),
        (deferred, "for threads of one call"),
        (mailboxes, "in mailboxes"),
        (deques, "in deques"),
    ];
    let queues = queues.iter().filter(|(jobs, _)| *jobs > 0).map(|(jobs, queue)| format!("{jobs} {queue}"));
    let queues: Vec<_> = queues.collect();
    if queues.is_empty() {
        "no jobs lie in queues".to_owned()
    } else {
        format!("jobs in queues: {}", queues.join(", "))
    }
}

impl Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Awaited::Fork => {
                f.write_str("the other half of a `join`, or a part of a loop, which another thread has taken")
            }
            Awaited::Scope(pool) => write!(f, "the jobs of a scope in pool {pool}"),
            Awaited::Broadcast(pool) => write!(f, "a broadcast to the threads of pool {pool}"),
            Awaited::Call(pool) => write!(f, "its call into pool {pool}"),
            Awaited::Task => f.write_str("a task"),
            Awaited::Future => f.write_str("a future, in `block_on`"),
            Awaited::Item => f.write_str("the next item of a stream"),
            Awaited::SeqItem => f.write_str("the next item of an iterator that `into_seq_iter` has made"),
            Awaited::Place => f.write_str("a place in the window of a stream, until its reader takes an item"),
            Awaited::Room(_) => f.write_str("room in the queue of a worker pool"),
            Awaited::ResultRoom(_) => f.write_str("room for a result of its worker pool, until one is taken"),
            Awaited::NextResult => f.write_str("a result of a worker pool"),
            Awaited::Outcome => f.write_str("the outcome of an item of a worker pool"),
            Awaited::Exits(pool) => write!(f, "the end of the threads of pool {pool}"),
            Awaited::Blocking => f.write_str("what it does in `blocking`"),
            Awaited::SharedIter => f.write_str("the iterator of a `par_bridge`, in which another thread is"),
            Awaited::Turn(pool) => {
                write!(f, "its turn in pool {pool}, which has no threads: another caller works there")
            }
        }
    }
}
