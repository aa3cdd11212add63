//! `PACELINE_WATCHDOG`: whether there is a watchdog, and after which time without progress it reports.

use crate::pool::tuning::LONGEST_WATCH;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::environment;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::time::Duration;

/// The environment variable.
const VARIABLE: &str = "PACELINE_WATCHDOG";

/// The units of the variable's value, the longer ones first where one ends with another.
const UNITS: [(&str, u64); 3] = [("ms", 1), ("min", 60_000), ("s", 1_000)];

/// The variable has not been read.
const UNREAD: usize = 0;
const OFF: usize = 1;
const ON: usize = 2;

/// Relaxed suffices: the state orders nothing. A thread that finds it unread lists nothing yet.
static STATE: StaticAtomicUsize = StaticAtomicUsize::new(UNREAD);

/// True if the watchdog was asked for.
#[inline]
pub(super) fn is_on() -> bool {
    cfg!(not(any(loom, sim))) && STATE.load(Ordering::Relaxed) == ON
}

/// True if it is known that the watchdog was not asked for. (It never is in a model and on the simulated machine, where this
/// costs no look either.)
#[inline]
pub(super) fn is_off() -> bool {
    cfg!(any(loom, sim)) || STATE.load(Ordering::Relaxed) == OFF
}

/// The watchdog was asked for and cannot be had.
pub(super) fn give_up() {
    STATE.store(OFF, Ordering::Relaxed);
}

/// Reads the variable, and notes for the whole process whether the watchdog is on. If the value is of no use it says so on stderr,
/// but in no forked child. One thread of a process calls this, once.
pub(super) fn read() -> Option<Duration> {
    let value = environment::variable(VARIABLE);
    let interval = value.as_deref().map_or(Ok(None), parse);
    let state = if let Ok(Some(_)) = interval { ON } else { OFF };
    let is_first = STATE.load(Ordering::Relaxed) == UNREAD;
    STATE.store(state, Ordering::Relaxed);
    if let (Err(complaint), true) = (&interval, is_first) {
        // It does not use `eprintln!`, which panics where nothing can be written.
        let _ = writeln!(io::stderr(), "paceline: {complaint}");
    }
    interval.ok().flatten()
}

/// The time that a value means; `None` if it is empty or 0. The error is a complaint.
fn parse(value: &OsStr) -> Result<Option<Duration>, String> {
    let text = value.to_str().map(str::trim);
    if text.is_some_and(|text| text.is_empty() || text == "0") {
        return Ok(None);
    }
    let time = text.and_then(|text| {
        let (number, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
        let milliseconds = number.trim_end().parse::<u64>().ok()?.checked_mul(*unit)?;
        Some(Duration::from_millis(milliseconds)).filter(|time| *time <= LONGEST_WATCH)
    });
    match time {
        Some(time) => Ok(Some(time).filter(|time| !time.is_zero())),
        None => Err(format!(
            "{VARIABLE} is {value:?}, which is not a time such as 500ms, 5s or 2min, of a day at most, and is ignored; \
             there is no watchdog"
        )),
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::parse;
    use std::ffi::OsStr;
    use std::time::Duration;

    fn milliseconds(value: &str) -> Result<Option<u128>, String> {
        parse(OsStr::new(value)).map(|time| time.as_ref().map(Duration::as_millis))
    }

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        for (value, expected) in
            [("500ms", 500), ("5s", 5_000), (" 2min\n", 120_000), ("1440min", 86_400_000), ("7 s", 7_000)]
        {
            assert_eq!(milliseconds(value), Ok(Some(expected)), "{value:?}");
        }
        for off in ["", " ", "0", "0s", "0ms"] {
            assert_eq!(milliseconds(off), Ok(None), "{off:?}");
        }
    }

    #[test]
    fn anything_else_is_complained_of() {
        for value in
            ["5", "s", "on", "-5s", "1.5s", "5h", "1441min", "99999999999999999999s", "18446744073709551615min"]
        {
            let complaint = milliseconds(value).unwrap_err();
            let expected = format!("PACELINE_WATCHDOG is {value:?}, which is not a time such as 500ms");
            assert!(complaint.starts_with(&expected), "{complaint}");
        }
    }
}
