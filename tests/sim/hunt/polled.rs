//! Streams for async code, which a thread or a future of the pool polls.

use super::program::{Body, Input, Order, Polled, Reader};
use super::run::{equal, on_each, tickets};
use super::world::{Must, World};
use futures_util::stream::{self, StreamExt};
use paceline::stream::ParallelMapStream;
use std::sync::Arc;

/// Reads an async stream, up to so many of its results.
pub(crate) fn read_async(world: &Arc<World>, polled: Polled, window: u32, [items, taken]: [u32; 2], ops: &Body) {
    let (mut wanted, tickets) = tickets(world, items, if taken < items { Must::End } else { Must::Run });
    let (window, taken, on_each) = (window as usize, taken as usize, on_each(ops));
    let read = async move {
        let input = stream::iter(tickets).then(move |ticket| async move {
            match polled.input {
                Input::AtOnce => ticket,
                Input::FromTasks => paceline::spawn_task(move || ticket).await.expect("nobody cancels it"),
            }
        });
        match polled.results {
            Order::Kept => input.par_map_ordered(window, on_each).take(taken).collect::<Vec<usize>>().await,
            Order::AsDone => input.par_map_unordered(window, on_each).take(taken).collect::<Vec<usize>>().await,
        }
    };
    let mut got = match polled.reader {
        Reader::BlockOn => paceline::block_on(read),
        Reader::Future => match paceline::spawn_future(read).join() {
            Ok(got) => got,
            Err(error) => {
                return world.check(error.message() == Some("planned"), || {
                    "an async stream has a panic that nobody planned".to_owned()
                });
            }
        },
    };
    if polled.results == Order::Kept {
        wanted.truncate(taken);
        return equal(world, "an async stream", &got, &wanted);
    }
    let count = got.len();
    got.sort_unstable();
    got.dedup();
    let are_wanted = got.iter().all(|number| wanted.contains(number));
    world.check(are_wanted && got.len() == count && count == taken.min(wanted.len()), || {
        format!("an unordered async stream gives {count} results, {got:?}, of {wanted:?}")
    });
}
