//! A call that refuses an argument panics with the place of the call, not with one in the library. A process of its own,
//! for the panic hook.

use paceline::extra::prelude::*;
use paceline::prelude::*;
use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

/// Runs the call, and checks that it panics with a place in its own line.
macro_rules! refuse {
    ($places:expr, $call:expr) => {{
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| _ = $call));
        let place = $places.lock().unwrap().take();
        assert!(outcome.is_err(), "{} does not panic", stringify!($call));
        assert_eq!(place, Some((file!().to_owned(), line!())), "{}", stringify!($call));
    }};
}

#[test]
fn refused_arguments_are_blamed_on_the_callers_line() {
    let last = Arc::new(Mutex::new(None));
    let (place, quiet) = (Arc::clone(&last), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        let location = info.location().unwrap();
        *place.lock().unwrap() = Some((location.file().to_owned(), location.line()));
    }));

    let numbers = || (0..9_usize).into_par_iter();
    refuse!(last, numbers().chunks(0));
    refuse!(last, numbers().fold_chunks(0, || 0, |a, b| a + b));
    refuse!(last, numbers().fold_chunks_with(0, 0, |a, b| a + b));
    refuse!(last, numbers().by_uniform_blocks(0));
    refuse!(last, numbers().step_by(0));
    refuse!(last, numbers().zip_eq(0..8_usize));

    let mut slice = [1, 2, 3];
    refuse!(last, slice.par_windows(0));
    refuse!(last, slice.par_array_windows::<0>());
    refuse!(last, slice.par_chunks(0));
    refuse!(last, slice.par_chunks_exact(0));
    refuse!(last, slice.par_rchunks(0));
    refuse!(last, slice.par_rchunks_exact(0));
    refuse!(last, slice.par_chunks_mut(0));
    refuse!(last, slice.par_chunks_exact_mut(0));
    refuse!(last, slice.par_rchunks_mut(0));
    refuse!(last, slice.par_rchunks_exact_mut(0));
    refuse!(last, slice.par_select_nth_unstable(3));
    refuse!(last, slice.par_select_nth_unstable_by(3, i32::cmp));
    refuse!(last, slice.par_select_nth_unstable_by_key(3, |n| -n));

    refuse!(last, vec![1, 2, 3].par_drain(2..5));
    refuse!(last, vec![1, 2, 3].par_drain(..=usize::MAX));
    refuse!(last, VecDeque::from([1, 2, 3]).par_drain(4..));
    refuse!(last, "four".to_owned().par_drain(..5));
    refuse!(last, "\u{e9}".to_owned().par_drain(1..));

    refuse!(last, (0..9).par_map_ordered(0, |n| n));
    refuse!(last, (0..9).par_map_unordered(0, |n| n));
    refuse!(last, numbers().into_seq_iter(0));

    #[cfg(feature = "stream")]
    {
        use futures_util::stream::iter;
        use paceline::stream::ParallelMapStream;
        refuse!(last, ParallelMapStream::par_map_ordered(iter(0..9), 0, |n| n));
        refuse!(last, ParallelMapStream::par_map_unordered(iter(0..9), 0, |n| n));
    }

    let task = paceline::spawn_future(std::future::pending::<()>());
    task.cancel();
    let error = task.join().unwrap_err();
    refuse!(last, error.into_panic());

    panic::set_hook(quiet);
}
