//! Quantiles of samples.

/// The value below which a share `q` of the samples lies; sorts them in place.
pub(crate) fn quantile(samples: &mut [f64], q: f64) -> f64 {
    assert!(!samples.is_empty(), "a quantile needs samples");
    samples.sort_by(f64::total_cmp);
    let last = samples.len() - 1;
    let place = q * last as f64;
    let below = samples[place.floor() as usize];
    let above = samples[place.ceil() as usize];
    below + (above - below) * place.fract()
}

/// The median, and the two quartiles that show how far it can be trusted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quartiles {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Quartiles {
    pub(crate) fn of(samples: &mut [f64]) -> Self {
        Self { low: quantile(samples, 0.25), median: quantile(samples, 0.5), high: quantile(samples, 0.75) }
    }
}
