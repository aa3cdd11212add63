//! Tests of the file of a recording: after each write it is an array in JSON.

use super::{MOST_AT_ONCE, TraceFile, piece_len};
use serde_json::Value;
use std::path::PathBuf;
use std::{env, fs, process};

/// A file that is removed in the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        Place(env::temp_dir().join(format!("paceline_{}_{name}.json", process::id())))
    }

    fn numbers(&self) -> Vec<u64> {
        let text = fs::read_to_string(&self.0).unwrap();
        serde_json::from_str::<Vec<Value>>(&text).unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn lines(numbers: std::ops::Range<u64>) -> Vec<u8> {
    numbers.map(|number| format!("{number},\n")).collect::<String>().into_bytes()
}

#[test]
fn it_is_complete_after_each_write() {
    let place = Place::new("complete");
    let mut file = TraceFile::create(&place.0, "0").unwrap();
    assert_eq!(place.numbers(), [0]);
    file.append(&[]).unwrap();
    assert_eq!(place.numbers(), [0]);
    let mut end = 1;
    for more in [1, 2, 10, 5000, 3] {
        file.append(&lines(end..end + more)).unwrap();
        end += more;
        assert!(place.numbers().into_iter().eq(0..end));
    }
}

#[test]
fn a_piece_has_whole_lines_and_fits_a_page() {
    let lines = lines(0..5000);
    let (mut rest, mut pieces) = (lines.as_slice(), 0);
    while !rest.is_empty() {
        let len = piece_len(rest);
        assert!(len < MOST_AT_ONCE && rest[..len].ends_with(b",\n"));
        rest = &rest[len..];
        pieces += 1;
    }
    assert!(pieces <= lines.len() / MOST_AT_ONCE + 2, "{pieces} pieces");
}

#[test]
fn a_line_longer_than_a_page_is_a_piece() {
    let mut lines = vec![b'1'; 2 * MOST_AT_ONCE];
    lines.extend_from_slice(b",\n2,\n");
    assert_eq!(piece_len(&lines), 2 * MOST_AT_ONCE + 2);
}
