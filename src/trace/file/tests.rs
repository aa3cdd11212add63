//! Tests of the file of a recording: after each write it is an array in JSON.

use super::{END, GROWTH, MOST_AT_ONCE, SEPARATOR, TraceFile};
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

fn append(file: &mut TraceFile, numbers: std::ops::Range<u64>) {
    for number in numbers {
        file.append(|text| text.extend_from_slice(format!("{SEPARATOR}{number}").as_bytes())).unwrap();
    }
}

#[test]
fn it_is_complete_after_each_write() {
    let place = Place::new("complete");
    let mut file = TraceFile::create(&place.0, "0").unwrap();
    assert_eq!(place.numbers(), [0]);
    file.flush().unwrap();
    assert_eq!(place.numbers(), [0]);
    let mut end = 1;
    for more in [1, 2, 10, 20_000, 3] {
        append(&mut file, end..end + more);
        assert!(place.numbers().into_iter().eq(0..place.numbers().len() as u64), "also before it is flushed");
        file.flush().unwrap();
        end += more;
        assert!(place.numbers().into_iter().eq(0..end));
    }
}

#[test]
fn it_ends_with_the_array() {
    let place = Place::new("ended");
    let mut file = TraceFile::create(&place.0, "0").unwrap();
    append(&mut file, 1..5000);
    assert!(fs::metadata(&place.0).unwrap().len() % GROWTH as u64 > 0, "the first element was there before it grew");
    file.finish().unwrap();
    assert!(fs::read_to_string(&place.0).unwrap().ends_with("4999\n]\n"));
    assert_eq!(place.numbers().len(), 5000);
}

/// A write that the system cuts short between two pages is rare only if few writes have more than one.
#[test]
fn a_write_has_whole_elements_and_fits_a_page() {
    let place = Place::new("pages");
    let mut file = TraceFile::create(&place.0, "0").unwrap();
    let mut writes = Vec::new();
    for number in 1..5000 {
        let before = file.end;
        append(&mut file, number..number + 1);
        writes.extend((file.end > before).then(|| (file.end - before) as usize + END.len()));
    }
    assert!(writes.iter().all(|&bytes| bytes <= MOST_AT_ONCE));
    assert!(writes.iter().all(|&bytes| bytes > MOST_AT_ONCE - 10), "as much as there is room for: {writes:?}");
    assert!(writes.len() >= 5, "{writes:?}");
}

#[test]
fn an_element_longer_than_a_page_is_written_alone() {
    let place = Place::new("long");
    let mut file = TraceFile::create(&place.0, "0").unwrap();
    append(&mut file, 1..3);
    let long = 10 * GROWTH;
    file.append(|text| text.extend_from_slice(format!("{SEPARATOR}3{}", " ".repeat(long)).as_bytes())).unwrap();
    assert_eq!(place.numbers(), [0, 1, 2]);
    append(&mut file, 4..5);
    assert_eq!(place.numbers(), [0, 1, 2, 3]);
    file.finish().unwrap();
    assert_eq!(place.numbers(), [0, 1, 2, 3, 4]);
}
