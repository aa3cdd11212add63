//! What more cores would give: the work and the span of a call.

use crate::sync::clock::Instant;
use crate::sync::ticks::Ticks;
use crate::trace::meter::{Measured, MeterClock, measure};
use crate::trace::names;
use std::fmt;
use std::time::Duration;

/// What [`scalability`](crate::scalability()) has measured: how far a call can be sped up, and what holds it back.
///
/// As text it is a short report:
///
/// ```text
/// work 812 ms, span 262 ms: on no number of cores more than 3.1 times as fast as on one (3.1 with the cost of steals)
/// of the span are in `parse` 71 %, in `filter` 20 %, without a name 9 %
/// ```
///
/// # Examples
///
/// ```
/// let (sum, scalability) = paceline::scalability(|| paceline::join(|| 20, || 22));
/// println!("{scalability}");
/// assert!(scalability.most_speedup(8) <= 8.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scalability {
    work: Duration,
    span: Duration,
    burdened_span: Duration,
    names: Vec<NameShare>,
}

/// The share that a name has in the work and in the span of a call.
///
/// # Examples
///
/// ```
/// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
/// for share in scalability.names() {
///     println!("{}: {:?} of the span", share.name().unwrap_or("without a name"), share.span());
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NameShare {
    name: Option<String>,
    work: Duration,
    span: Duration,
}

impl NameShare {
    /// The name; `None` for everything that is in no name.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.names().iter().any(|share| share.name() == Some("wait")));
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The time that one thread takes for what has this name.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.names().iter().all(|share| share.work() <= scalability.work()));
    /// ```
    pub fn work(&self) -> Duration {
        self.work
    }

    /// The time that it has in the span of the whole call. It is less than its own span if other work takes longer
    /// meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.names().iter().all(|share| share.span() <= share.work()));
    /// ```
    pub fn span(&self) -> Duration {
        self.span
    }
}

impl Scalability {
    /// Calls `f` on the calling thread, and measures it.
    pub(crate) fn measure<R>(f: impl FnOnce() -> R) -> (R, Self) {
        let begun = Instant::now();
        let clock: MeterClock = || Ticks::now().since(Ticks::ZERO);
        let first = clock();
        let (result, measured) = measure(clock, f);
        let scale = begun.elapsed().as_nanos() as f64 / clock().saturating_sub(first).max(1) as f64;
        (result, Self::new(measured, scale))
    }

    /// Makes one of a measurement, with so many nanoseconds for a tick.
    pub(super) fn new(measured: Measured, scale: f64) -> Self {
        let time = |ticks: u64| Duration::from_nanos((ticks as f64 * scale) as u64);
        let known = names::plain();
        let name_of = |number: usize| number.checked_sub(1).and_then(|place| known.get(place).cloned());
        let shares = measured.by_name.iter().enumerate().filter(|(_, (work, _))| *work > 0);
        let mut names: Vec<NameShare> = shares
            .map(|(number, &(work, span))| NameShare { name: name_of(number), work: time(work), span: time(span) })
            .collect();
        names.sort_by(|a, b| b.span.cmp(&a.span).then_with(|| a.name.cmp(&b.name)));
        let [work, span, burdened_span] = [measured.work, measured.span, measured.burdened].map(time);
        Scalability { work, span, burdened_span, names }
    }

    /// The time that one thread takes.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// println!("on one core {:?}", scalability.work());
    /// ```
    pub fn work(&self) -> Duration {
        self.work
    }

    /// The time that any number of threads take if nothing costs anything but the work itself: the length of the longest
    /// chain of work in which each piece has to wait for the one before it.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.span() <= scalability.work());
    /// ```
    pub fn span(&self) -> Duration {
        self.span
    }

    /// The span if each piece of work that moves to another thread costs five microseconds, about a wake-up.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.span() <= scalability.burdened_span());
    /// ```
    pub fn burdened_span(&self) -> Duration {
        self.burdened_span
    }

    /// The names, those with the greatest part of the span first.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// let most = scalability.names().first().and_then(|share| share.name());
    /// ```
    pub fn names(&self) -> &[NameShare] {
        &self.names
    }

    /// How many times as fast the call can be on any number of cores: the work divided by the span.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.parallelism() < 1.1, "there is nothing to run in parallel");
    /// ```
    pub fn parallelism(&self) -> f64 {
        ratio(self.work, self.span)
    }

    /// How many times as fast the call can be on so many cores at most.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.most_speedup(64) <= scalability.parallelism());
    /// ```
    pub fn most_speedup(&self, cores: usize) -> f64 {
        self.parallelism().min(cores.max(1) as f64)
    }

    /// How many times as fast the call is likely to be on so many cores at least: with all work divided evenly, except for
    /// the burdened span.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), scalability) = paceline::scalability(|| paceline::trace::named("wait", std::thread::yield_now));
    /// assert!(scalability.likely_speedup(64) <= scalability.most_speedup(64));
    /// ```
    pub fn likely_speedup(&self, cores: usize) -> f64 {
        ratio(self.work, self.work / u32::try_from(cores.max(1)).unwrap_or(u32::MAX) + self.burdened_span)
    }
}

fn ratio(work: Duration, time: Duration) -> f64 {
    if time.is_zero() { 1.0 } else { work.as_secs_f64() / time.as_secs_f64() }
}

impl fmt::Display for Scalability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let burdened = ratio(self.work, self.burdened_span);
        write!(
            f,
            "work {:.3?}, span {:.3?}: on no number of cores more than {:.1}",
            self.work,
            self.span,
            self.parallelism()
        )?;
        write!(f, " times as fast as on one ({burdened:.1} with the cost of steals)")?;
        let mut separator = "\nof the span are ";
        // What has less than a two-hundredth is left out.
        for share in self.names.iter().filter(|share| !share.span.is_zero() && share.span * 200 >= self.span) {
            let percent = 100.0 * share.span.as_secs_f64() / self.span.as_secs_f64();
            match &share.name {
                Some(name) => write!(f, "{separator}in `{name}` {percent:.0} %")?,
                None => write!(f, "{separator}without a name {percent:.0} %")?,
            }
            separator = ", ";
        }
        Ok(())
    }
}
