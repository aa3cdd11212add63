//! Pools that are built: without threads, or by adopting the one that there is.

use crate::exported;
use paceline::ThreadPoolBuilder;

exported! {
    fn build_global() {
        ThreadPoolBuilder::new().num_threads(4).build_global().expect("it makes do with the caller");
        assert_eq!(paceline::current_num_threads(), 1);
        assert_eq!(paceline::join(|| 1, || 2), (1, 2));
        assert!(ThreadPoolBuilder::new().build_global().is_err());
    }

    fn build() {
        let error = ThreadPoolBuilder::new().num_threads(2).build().expect_err("there are no threads");
        assert!(error.to_string().contains("thread"), "{error}");
        ThreadPoolBuilder::new().num_threads(2).build_scoped(|thread| thread.run(), |_| ()).expect_err("likewise");
        ThreadPoolBuilder::new().physical_cores().build().expect_err("likewise");
    }

    fn spawn_handler() {
        let refuse = |_| Err(std::io::ErrorKind::Unsupported.into());
        ThreadPoolBuilder::new().num_threads(1).spawn_handler(refuse).build().expect_err("it was refused");
    }

    fn use_current_thread() {
        let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().expect("the thread is there");
        assert_eq!(pool.current_num_threads(), 1);
        assert_eq!(pool.current_thread_index(), Some(0));
        assert_eq!(pool.current_thread_has_pending_tasks(), Some(false));
        assert_eq!(pool.install(|| paceline::join(|| 1, || 2)), (1, 2));
        assert_eq!(pool.join(|| 1, || 2), (1, 2));
        assert_eq!(pool.scope(|scope| scope.spawn(|_| ())), ());
        assert_eq!(pool.scope_fifo(|scope| scope.spawn_fifo(|_| ())), ());
        assert_eq!(pool.in_place_scope(|scope| scope.spawn(|_| ())), ());
        assert_eq!(pool.in_place_scope_fifo(|scope| scope.spawn_fifo(|_| ())), ());
        assert_eq!(pool.broadcast(|context| context.index()), [0]);
        let (tell, told) = std::sync::mpsc::channel();
        for n in 0..3 {
            let tell = tell.clone();
            match n {
                0 => pool.spawn(move || tell.send(n).unwrap()),
                1 => pool.spawn_fifo(move || tell.send(n).unwrap()),
                _ => pool.spawn_with(paceline::Priority::Low, move || tell.send(n).unwrap()),
            }
        }
        pool.spawn_broadcast(move |_| tell.send(3).unwrap());
        while pool.yield_now() == Some(paceline::Yield::Executed) {}
        assert_eq!(pool.yield_local(), Some(paceline::Yield::Idle));
        let mut all: Vec<i32> = told.iter().collect();
        all.sort();
        assert_eq!(all, [0, 1, 2, 3]);
        let handle = pool.spawn_task(|| 5);
        assert_eq!(handle.join().unwrap(), 5);
        assert_eq!(paceline::block_on(pool.spawn_future(async { 6 })).unwrap(), 6);
        pool.shutdown();
    }

    fn global_of_the_current_thread() {
        ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().expect("the thread is there");
        assert_eq!(paceline::current_thread_index(), Some(0));
        assert_eq!(paceline::join(|| 1, || 2), (1, 2));
        paceline::spawn(|| ());
        assert_eq!(paceline::yield_now(), Some(paceline::Yield::Executed));
    }

    fn worker_pool() {
        let error = paceline::workers::WorkerPool::builder().threads(2).build(|_, _: i32| ()).expect_err("no threads");
        assert_eq!(error.kind(), std::io::ErrorKind::Unsupported, "{error}");
        let order = paceline::workers::Order::Completion;
        let built = paceline::workers::WorkerPool::builder().build_with_results(order, |_, n: i32| n);
        assert_eq!(built.map(|_| ()).expect_err("no threads").kind(), std::io::ErrorKind::Unsupported);
    }
}
