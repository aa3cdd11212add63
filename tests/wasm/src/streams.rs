//! Streams.

use crate::exported;
use futures_core::Stream;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::stream::ParallelMapStream;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An async stream of numbers.
struct Numbers(std::ops::Range<u32>);

impl Stream for Numbers {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        Poll::Ready(self.0.next())
    }
}

fn drain<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
    let mut items = Vec::new();
    while let Some(item) = paceline::block_on(poll_fn(|context| Pin::new(&mut stream).poll_next(context))) {
        items.push(item);
    }
    items
}

exported! {
    fn par_map_ordered() {
        assert!((0..1000_u32).par_map_ordered(8, |n| n * 2).eq((0..1000).map(|n| n * 2)));
        assert!(paceline::scope(|_| (0..100_u32).par_map_ordered(1, |n| n).eq(0..100)));
        assert_eq!((0..).par_map_ordered(4, |n: u32| n).take(3).last(), Some(2));
    }

    fn par_map_unordered() {
        assert_eq!((0..1000_u32).par_map_unordered(8, |n| n * 2).sum::<u32>(), 999_000);
        assert_eq!(paceline::scope(|_| (0..100_u32).par_map_unordered(3, |n| n).count()), 100);
    }

    fn into_seq_iter() {
        assert!((0..1000_u32).into_par_iter().map(|n| n + 1).into_seq_iter(8).eq(1..1001));
        let even = || (0..100_u32).into_par_iter().filter(|n| n % 2 == 0).into_seq_iter(1);
        assert!(paceline::scope(|_| even().eq((0..100).step_by(2))));
        drop((0..10).into_par_iter().into_seq_iter(4));
    }

    fn async_ordered() {
        let doubled = ParallelMapStream::par_map_ordered(Numbers(0..100), 4, |n| n * 2);
        assert_eq!(drain(doubled), (0..100).map(|n| n * 2).collect::<Vec<_>>());
    }

    fn async_unordered() {
        let mut doubled = drain(ParallelMapStream::par_map_unordered(Numbers(0..100), 4, |n| n * 2));
        doubled.sort();
        assert_eq!(doubled, (0..100).map(|n| n * 2).collect::<Vec<_>>());
    }
}
