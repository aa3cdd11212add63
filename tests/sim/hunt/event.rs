//! Waits for events and for jobs, of which each lies upon others.

use super::program::{Body, Wait};
use super::run::job;
use super::world::{Must, World};
use paceline::sim;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// Something that comes once.
#[derive(Clone, Default)]
struct Event(Arc<Mutex<(bool, Option<Waker>)>>);

impl Event {
    fn cause(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

impl Future for Event {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // A clone or a drop of a waker may be a point: not with the lock.
        let waker = context.waker().clone();
        let (is_ready, old) = {
            let mut state = self.0.lock().unwrap();
            (state.0, state.1.replace(waker))
        };
        drop(old);
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Jobs, each of which waits for an event and then causes the next one's.
pub(crate) fn chain(world: &Arc<World>, pool: Option<usize>, wait: Wait, jobs: u32) {
    let events: Vec<Event> = (0..=jobs).map(|_| Event::default()).collect();
    let pool = pool.map(|pool| world.pool(pool));
    for pair in events.windows(2) {
        let [event, next] = [pair[0].clone(), pair[1].clone()];
        let (_, run) = job(world, Must::Run, &Body::default());
        let joined = (wait == Wait::Join).then(|| match &pool {
            Some(pool) => pool.spawn_future(event.clone()),
            None => paceline::spawn_future(event.clone()),
        });
        let waiting = move || {
            match (joined, wait) {
                (Some(handle), _) => drop(handle.join()),
                (None, Wait::Blocking) => paceline::blocking(|| paceline::block_on(event)),
                (None, Wait::AsyncBlock) => paceline::block_on(async move {
                    event.await;
                }),
                (None, _) => paceline::block_on(event),
            }
            run();
            next.cause();
        };
        match &pool {
            Some(pool) => pool.spawn(waiting),
            None => paceline::spawn(waiting),
        }
    }
    events[0].cause();
    paceline::block_on(events[jobs as usize].clone());
}

/// A job, and whether it has run.
pub(crate) fn flag_job(world: &Arc<World>) -> (Arc<AtomicBool>, impl FnOnce() + Send + use<>) {
    let (flag, (_, run)) = (Arc::new(AtomicBool::new(false)), job(world, Must::Run, &Body::default()));
    let told = Arc::clone(&flag);
    let run = move || {
        run();
        told.store(true, Ordering::Relaxed);
    };
    (flag, run)
}

/// Spawns a chain of jobs, each of which spawns the next until the flag is set.
pub(crate) fn spawn_chain(pool: Option<&paceline::ThreadPool>, flag: Arc<AtomicBool>) {
    fn again(flag: Arc<AtomicBool>) {
        if std::thread::panicking() {
            // The chain runs on top of a wait in a frame that unwinds: the thread would go on with it for ever.
            sim::yield_now();
        }
        if !flag.load(Ordering::Relaxed) {
            paceline::spawn(move || again(flag));
        }
    }
    match pool {
        Some(pool) => pool.spawn(move || again(flag)),
        None => paceline::spawn(move || again(flag)),
    }
}

/// A future that is ready when a spawned job has run, and wakes itself until then.
pub(crate) fn poll_until_run(world: &Arc<World>) {
    let (has_run, run) = flag_job(world);
    paceline::spawn(run);
    paceline::block_on(std::future::poll_fn(move |context| {
        if has_run.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }));
}
