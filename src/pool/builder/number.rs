//! The methods that set the number of a pool's threads.

use super::ThreadPoolBuilder;
use crate::pool::size::{self, Ceiling};

impl<S> ThreadPoolBuilder<S> {
    /// Sets the number of threads; 0, the default, leaves it to the environment.
    ///
    /// Left open, it is the positive number in `PACELINE_NUM_THREADS`, else in `RAYON_NUM_THREADS`, else the number
    /// of processors that this process may use. That is the result of [`std::thread::available_parallelism`]: the
    /// processors that the affinity mask and the cgroup quota leave to this process. On Windows it is more where the
    /// process spans several processor groups, as it does by default since Windows 11 and Server 2022: the processors of
    /// all of them, and not those of one, at most 64. A variable that holds no number of threads is ignored, and one line
    /// on stderr says so; empty, it counts as not set, and 0 leaves the number open too.
    ///
    /// A number above [`max_num_threads`](crate::max_num_threads) is reduced to that. One above 65,535 is a mistake on any
    /// system: it is refused when the pool is built, before a thread is started.
    ///
    /// In a container that has no quota, see also [`entitled_processors`](Self::entitled_processors).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(5).build()?;
    /// assert_eq!(pool.install(paceline::current_num_threads), 5);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn num_threads(mut self, num_threads: usize) -> Self {
        self.num_threads = num_threads;
        self
    }

    /// Sets the number of threads to the number of physical cores, not counting a core's second hardware thread.
    ///
    /// Memory-bound and vector-heavy work often runs no faster, or slower, with two threads on a core. The number is at
    /// most the result of [`std::thread::available_parallelism`], so that a quota or an affinity mask is kept to.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().physical_cores().build()?;
    /// assert!(pool.current_num_threads() <= std::thread::available_parallelism().unwrap().get());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn physical_cores(self) -> Self {
        self.num_threads(size::physical_cores())
    }

    /// Reduces the default number of threads to `max(2, 2 * request)`, where `request` is the number of processors that
    /// this process's container has requested: those that it is entitled to when its neighbours want theirs too.
    ///
    /// A container in Kubernetes that sets `requests.cpu` and no `limits.cpu` has no quota. So the default is a thread for
    /// each processor of the machine, and its neighbours may want all but the requested ones. Twice the request leaves
    /// room to use processors that are free, and is rounded up. The number is never more than without this method.
    ///
    /// It does nothing
    ///
    /// - where the number has been set: by [`num_threads`](Self::num_threads), [`physical_cores`](Self::physical_cores),
    ///   `PACELINE_NUM_THREADS` or `RAYON_NUM_THREADS`;
    /// - where no request is known, and on any system but Linux.
    ///
    /// The environment variable `PACELINE_ENTITLED=1` does the same for all pools, the global one among them. Unless one of
    /// the two asks for it, nothing of this is read.
    ///
    /// # Where the request comes from
    ///
    /// Linux does not know requests. It knows the weight of a cgroup: `cpu.shares` in version 1, 1024 for each processor
    /// requested, and `cpu.weight` in version 2, which the container's runtime computes from the shares. The weight of the
    /// innermost cgroup of this process that has one is turned back into processors:
    ///
    /// - Runtimes of 2025 and later (runc 1.3.2, crun 1.23) write [weights that are 100 for one processor][formula], 174 for
    ///   two, 303 for four. A weight is read in this way.
    /// - Older runtimes write [39, 79 and 157][linear] for the same requests. Nothing tells the two apart. Read in the way of
    ///   the newer ones, such a weight comes to less than twice the request, but to no fewer threads than whole processors
    ///   were requested.
    /// - 1024 shares and the weight 100 are also what a cgroup has by default. They count as a request of one processor only
    ///   in Kubernetes (where `KUBERNETES_SERVICE_HOST` is set), since it gives containers without a request 2 shares.
    ///   Elsewhere they count as no request.
    /// - A container in Kubernetes that requests nothing is entitled to nothing, and gets 2 threads.
    /// - A weight that was set for another reason, such as `CPUWeight=` of systemd, reads as a request too.
    ///
    /// [formula]: https://kubernetes.io/blog/2026/01/30/new-cgroup-v1-to-v2-cpu-conversion-formula/
    /// [linear]: https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2254-cgroup-v2
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let all = paceline::ThreadPoolBuilder::new().build()?;
    /// let entitled = paceline::ThreadPoolBuilder::new().entitled_processors().build()?;
    /// assert!(entitled.current_num_threads() <= all.current_num_threads());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn entitled_processors(mut self) -> Self {
        self.ceiling = Ceiling::Entitled;
        self
    }
}
