//! Each type is read as it was written, and nothing is left over.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::panic::catch_unwind;

use super::Transfer;

#[track_caller]
fn travels<T: Transfer + PartialEq + Debug>(value: T) {
    let mut bytes = Vec::new();
    value.write(&mut bytes);
    // What follows is left alone.
    bytes.push(99);
    let mut unread = bytes.as_slice();
    assert_eq!(T::read(&mut unread), value);
    assert_eq!(unread, [99]);
}

#[test]
fn values_are_read_as_they_were_written() {
    travels((u8::MAX, u16::MAX, u32::MAX, u64::MAX));
    travels((i8::MIN, i16::MIN, i32::MIN, i64::MIN));
    travels((u128::MAX, i128::MIN, usize::MAX, isize::MIN));
    travels((1.5_f32, f64::MIN_POSITIVE, f64::NEG_INFINITY));
    travels(((), true, false, '\u{10FFFF}'));
    travels((String::from("Säntis"), String::new()));
    travels([Some(3_u8), None]);
    travels(vec![vec![(); 3], vec![]]);
    travels((vec![[1_u16, 2], [3, 4]],));
    travels(HashMap::from([(1_u8, String::from("one")), (2, String::from("two"))]));
    travels(BTreeMap::from([('a', 1.0), ('b', 2.0)]));
}

#[test]
fn a_float_keeps_its_bits() {
    let bits = 0x7FF8_0000_DEAD_BEEF;
    let mut bytes = Vec::new();
    f64::from_bits(bits).write(&mut bytes);
    assert_eq!(f64::read(&mut bytes.as_slice()).to_bits(), bits);
}

#[test]
fn bytes_of_another_type_are_refused() {
    let read: [fn(); 4] = [
        || _ = u32::read(&mut [1, 2, 3].as_slice()),
        || _ = String::read(&mut [9, 0, 0, 0, 0, 0, 0, 0, b'a'].as_slice()),
        || _ = String::read(&mut [1, 0, 0, 0, 0, 0, 0, 0, 0xFF].as_slice()),
        || _ = char::read(&mut [0, 0, 0, 1].map(|byte| byte * 0xFF).as_slice()),
    ];
    for read in read {
        assert!(catch_unwind(read).is_err());
    }
}
