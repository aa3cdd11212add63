//! What stands between a parallel iterator's source and its end.

use crate::exported;
use paceline::CancelToken;
use paceline::extra::prelude::*;
use paceline::prelude::*;

const MANY: u32 = 10_000;

fn many() -> impl IndexedParallelIterator<Item = u32> {
    (0..MANY).into_par_iter()
}

/// Checks that an iterator gives what std's gives.
#[track_caller]
fn same<T: PartialEq + Send + std::fmt::Debug>(ours: impl ParallelIterator<Item = T>, theirs: impl Iterator<Item = T>) {
    assert!(ours.collect::<Vec<_>>().into_iter().eq(theirs));
}

exported! {
    fn maps() {
        same(many().map(|n| n + 1), 1..MANY + 1);
        same(many().map_with(1, |one, n| n + *one), 1..MANY + 1);
        same(many().map_init(|| 1, |one, n| n + *one), 1..MANY + 1);
        same(many().map_worker_init(|| 1, |one, n| n + *one), 1..MANY + 1);
        let numbers: Vec<u32> = (0..MANY).collect();
        same(numbers.par_iter().cloned(), 0..MANY);
        same(numbers.par_iter().copied(), 0..MANY);
        same(many().inspect(|_| ()).update(|n| *n += 1), 1..MANY + 1);
    }

    fn filters() {
        same(many().filter(|n| n % 3 == 0), (0..MANY).step_by(3));
        same(many().filter_map(|n| n.checked_sub(10)), 0..MANY - 10);
        same(many().map(|n| (n < 100).then_some(n)).while_some(), 0..100);
        same(many().positions(|n| n % 2 == 0), (0..MANY as usize).step_by(2));
        assert_eq!(many().take_any(10).count(), 10);
        assert_eq!(many().skip_any(10).count(), MANY as usize - 10);
        assert!(many().take_any_while(|&n| n < 10).count() <= 10);
        assert!(many().skip_any_while(|&n| n < 10).count() >= MANY as usize - 10);
        same(many().with_cancel(&CancelToken::new()), 0..MANY);
        let cancelled = CancelToken::new();
        cancelled.cancel();
        assert_eq!(many().with_cancel(&cancelled).count(), 0);
        same(many().panic_fuse(), 0..MANY);
    }

    fn flattening() {
        same(many().flat_map(|n| [n, n]), (0..MANY).flat_map(|n| [n, n]));
        same(many().map(|n| Some(n)).flatten(), 0..MANY);
        same(many().flat_map_iter(|n| [n, n]), (0..MANY).flat_map(|n| [n, n]));
        same(many().map(|n| Some(n)).flatten_iter(), 0..MANY);
    }

    fn joining() {
        same(many().chain(0..MANY), (0..MANY).chain(0..MANY));
        same(many().zip(0..MANY), (0..MANY).zip(0..MANY));
        same(many().zip_eq(0..MANY), (0..MANY).zip(0..MANY));
        same(many().interleave(0..MANY), (0..MANY).flat_map(|n| [n, n]));
        same(many().interleave_shortest(0..MANY), (0..MANY).flat_map(|n| [n, n]));
        same((0..3_u32).into_par_iter().intersperse(9), [0, 9, 1, 9, 2].into_iter());
    }

    fn places() {
        same(many().enumerate(), (0..MANY).enumerate());
        same(many().rev(), (0..MANY).rev());
        same(many().step_by(7), (0..MANY).step_by(7));
        same(many().skip(7).take(1000), 7..1007);
        same(many().take(17).chunks(7).map(|chunk| chunk.len()), [7, 7, 3].into_iter());
        same(many().fold_chunks(100, || 0, |a, b| a + b), (0..MANY / 100).map(|n| n * 10_000 + 4950));
        same(many().fold_chunks_with(100, 0, |a, b| a + b), (0..MANY / 100).map(|n| n * 10_000 + 4950));
    }

    fn how_it_is_cut() {
        same(many().with_min_len(100), 0..MANY);
        same(many().with_max_len(3), 0..MANY);
        same(many().by_exponential_blocks(), 0..MANY);
        same(many().by_uniform_blocks(100), 0..MANY);
        same(many().deterministic(), 0..MANY);
    }
}
