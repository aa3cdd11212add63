//! Jobs of scopes that report when they have ended.

use super::{Scope, ScopeFifo};
use crate::fork::progress::{Progress, report};

impl<'scope> Scope<'scope> {
    /// As [`spawn`](Scope::spawn), and adds 1 to `progress` when the job has ended, by a panic too.
    ///
    /// The report comes before the end of the scope. The scope does not say how many jobs there will be.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::ProgressCounter;
    ///
    /// let files = ["a.txt", "b.txt", "c.txt"];
    /// let counter = ProgressCounter::with_total(files.len() as u64);
    /// paceline::scope(|s| {
    ///     for file in files {
    ///         s.spawn_with_progress(&counter, move |_| assert!(file.ends_with(".txt")));
    ///     }
    /// });
    /// assert_eq!(counter.done(), 3);
    /// ```
    pub fn spawn_with_progress<P, BODY>(&self, progress: P, body: BODY)
    where
        P: Progress + 'scope,
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        self.spawn(move |scope| {
            let _end = EndOfJob(progress);
            body(scope);
        });
    }
}

impl<'scope> ScopeFifo<'scope> {
    /// As [`spawn_fifo`](ScopeFifo::spawn_fifo), and adds 1 to `progress` when the job has ended, by a panic too.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = paceline::ProgressCounter::with_total(2);
    /// paceline::scope_fifo(|s| {
    ///     s.spawn_fifo_with_progress(&counter, |s| s.spawn_fifo_with_progress(&counter, |_| ()));
    /// });
    /// assert_eq!(counter.done(), 2);
    /// ```
    pub fn spawn_fifo_with_progress<P, BODY>(&self, progress: P, body: BODY)
    where
        P: Progress + 'scope,
        BODY: FnOnce(&ScopeFifo<'scope>) + Send + 'scope,
    {
        self.spawn_fifo(move |scope| {
            let _end = EndOfJob(progress);
            body(scope);
        });
    }
}

/// Reports a job when it is dropped.
struct EndOfJob<P: Progress>(P);

impl<P: Progress> Drop for EndOfJob<P> {
    fn drop(&mut self) {
        report(&self.0, 1);
    }
}
