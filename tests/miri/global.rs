//! From outside all pools: the caller takes a sleeping worker's place in the global pool, which never ends.

use paceline::prelude::*;

fn sum(range: std::ops::Range<u32>) -> Box<u32> {
    if range.len() <= 2 {
        return Box::new(range.sum());
    }
    let middle = range.start + range.len() as u32 / 2;
    let (left, right) = paceline::join(|| sum(range.start..middle), || sum(middle..range.end));
    Box::new(*left + *right)
}

#[test]
fn calls_from_several_threads() {
    // The first of them makes the pool. A second call asked for makes no difference if it is there already.
    _ = paceline::ThreadPoolBuilder::new().num_threads(2).build_global();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(*sum(0..16), 120));
        scope.spawn(|| {
            let boxes: Vec<Box<u32>> = (0..20_u32).into_par_iter().map(Box::new).collect();
            assert_eq!(boxes.len(), 20);
        });
        let mut found = None;
        paceline::scope(|scope| scope.spawn(|_| found = Some(Box::new(1))));
        assert_eq!(found.as_deref(), Some(&1));
    });
    assert_eq!(paceline::broadcast(|context| Box::new(context.index())).len(), paceline::current_num_threads());
    assert_eq!(*paceline::spawn_task(|| Box::new(4)).join().unwrap(), 4);
}
