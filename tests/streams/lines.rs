//! The lines of readers: as std has them, whatever the blocks are, with errors in their place and a bound on what is read.

use crate::gauge::pool;
use paceline::extra::prelude::*;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const TEXTS: &[&str] = &[
    "",
    "\n",
    "\r\n",
    "\n\n\n",
    "one",
    "one\r",
    "one\ntwo",
    "one\r\ntwo\n",
    "\none\n\ntwo\r\r\n three \u{e4}\u{20ac}\u{1f6b2}\n",
    "a line that is longer than the blocks that are read at a time\nand\nshort\nones",
];

/// Gives so many bytes at a time, and is interrupted before each.
struct Dribble<R> {
    reader: R,
    most: usize,
    is_interrupted: bool,
}

impl<R> Dribble<R> {
    fn new(reader: R, most: usize) -> Self {
        Dribble { reader, most, is_interrupted: false }
    }
}

impl<R: Read> Read for Dribble<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.most);
        self.reader.read(&mut buffer[..most])
    }
}

/// Fails when all has been read.
fn failing(text: &'static str) -> impl Read + Send + 'static {
    struct Failure;
    impl Read for Failure {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    text.as_bytes().chain(Failure)
}

#[test]
fn blocks_are_whole_lines_and_nothing_is_lost() {
    for text in TEXTS {
        for size in [1, 2, 3, 7, 100] {
            for most in [1, 3, 100] {
                let reader = Dribble::new(text.as_bytes(), most);
                let blocks: Vec<Vec<u8>> = reader.line_blocks().block_size(size).map(Result::unwrap).collect();
                assert_eq!(blocks.concat(), text.as_bytes());
                assert!(blocks.iter().all(|block| !block.is_empty()));
                let whole = blocks.iter().rev().skip(1);
                assert!(whole.into_iter().all(|block| block.last() == Some(&b'\n')));
            }
        }
    }
}

#[test]
fn lines_are_those_of_std() {
    for text in TEXTS {
        let expected: Vec<String> = Cursor::new(text).lines().map(Result::unwrap).collect();
        for window in [1, 8] {
            for most in [1, 5, 1000] {
                let lines = Dribble::new(text.as_bytes(), most).par_lines_ordered(window, str::to_owned);
                assert_eq!(lines.map(Result::unwrap).collect::<Vec<_>>(), expected, "{text:?}");
            }
        }
    }
}

#[test]
fn a_line_that_is_no_text_is_an_error_in_its_place() {
    let bytes: &[u8] = b"one\nt\xffo\r\nthree\r\n\nfive\xc3";
    let std = Cursor::new(bytes).lines().map(|line| line.map_err(|error| error.kind()));
    let ours = bytes.par_lines_ordered(4, str::to_owned).map(|line| line.map_err(|error| error.kind()));
    assert_eq!(ours.collect::<Vec<_>>(), std.collect::<Vec<_>>());
}

#[test]
fn an_error_of_the_reader_comes_behind_the_lines_before_it_and_is_the_last() {
    let mut lines = failing("one\ntwo\nthr").par_lines_ordered(4, str::len);
    assert_eq!(lines.next().unwrap().unwrap(), 3);
    assert_eq!(lines.next().unwrap().unwrap(), 3);
    assert_eq!(lines.next().unwrap().unwrap_err().to_string(), "broken");
    assert!(lines.next().is_none());
    let mut blocks = failing("one\ntwo").line_blocks();
    assert_eq!(blocks.next().unwrap().unwrap(), b"one\n");
    assert!(blocks.next().unwrap().is_err());
    assert!(blocks.next().is_none());
}

/// A text without an end is read no further than the window.
#[test]
fn no_more_than_the_window_is_read() {
    struct Endless(Arc<AtomicUsize>);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.fetch_add(buffer.len(), SeqCst);
            buffer.fill(b'\n');
            Ok(buffer.len())
        }
    }
    const BLOCK: usize = 64 << 10;
    for window in [1, 4] {
        let (pool, read) = (pool(2), Arc::new(AtomicUsize::new(0)));
        let reader = Endless(Arc::clone(&read));
        let mut lines = pool.install(|| reader.par_lines_ordered(window, str::len));
        let mut handed = 0;
        for _ in 0..20 * BLOCK {
            assert_eq!(lines.next().unwrap().unwrap(), 0);
            handed += 1;
            // The block in the reader's hands is beside the window.
            let begun = usize::div_ceil(handed, BLOCK);
            let between = read.load(SeqCst) - begun * BLOCK;
            assert!(between <= window * BLOCK, "{between} bytes");
        }
        drop(lines);
        pool.shutdown();
    }
}

#[test]
fn a_scope_takes_a_reader_that_cannot_be_sent_and_a_closure_that_borrows() {
    let text = (0..10_000).map(|n| format!("line {n}\n")).collect::<String>();
    let wanted = String::from("99");
    let expected: Vec<&str> = text.lines().filter(|line| line.contains(&wanted)).collect();
    let found = paceline::in_place_scope(|s| {
        // As a locked standard input.
        let lock = std::sync::Mutex::new(text.as_bytes());
        let mut reader = lock.lock().unwrap();
        let blocks = reader.by_ref().line_blocks().block_size(1000);
        let hits = blocks.par_map_ordered_in(s, 8, |block| {
            let block = String::from_utf8(block.unwrap()).unwrap();
            block.lines().filter(|line| line.contains(&wanted)).map(str::to_owned).collect::<Vec<_>>()
        });
        hits.flatten().collect::<Vec<_>>()
    });
    assert_eq!(found, expected);
}
