//! The programs of the book, as tests: each chapter is the documentation of a module, so that `cargo test --doc` compiles and
//! runs every Rust block in it. ci/book.py tells of a chapter that is missing here.

macro_rules! chapters {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($file)]
            mod $name {}
        )*
    };
}

chapters! {
    first_steps: "../../src/first-steps.md",
    files: "../../src/recipes/files.md",
    maps_and_strings: "../../src/recipes/maps-and-strings.md",
    errors: "../../src/recipes/errors.md",
    pool_in_a_static: "../../src/recipes/pool-in-a-static.md",
    divide_and_conquer: "../../src/recipes/divide-and-conquer.md",
    async_service: "../../src/recipes/async-service.md",
    pipeline: "../../src/recipes/pipeline.md",
    workers: "../../src/recipes/workers.md",
    priorities: "../../src/recipes/priorities.md",
    deterministic_sums: "../../src/recipes/deterministic-sums.md",
    scans: "../../src/recipes/scans.md",
    matrices: "../../src/recipes/matrices.md",
    images: "../../src/recipes/images.md",
    which_tool: "../../src/which-tool.md",
    locks_and_stacks: "../../src/locks-and-stacks.md",
    seeing_inside: "../../src/seeing-inside.md",
    tuning: "../../src/tuning.md",
    containers: "../../src/containers.md",
    from_threads: "../../src/from-threads.md",
    from_tokio: "../../src/from-tokio.md",
    from_openmp: "../../src/from-openmp.md",
    from_tbb: "../../src/from-tbb.md",
    from_java: "../../src/from-java.md",
    dependencies: "../../../dependencies.md",
    from_rayon: "../../../from-rayon.md",
}
