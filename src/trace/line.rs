//! A line of the file while it is put together, of short pieces.
//!
//! Each piece is copied as if it had the greatest length that it can have, and the next piece overwrites the rest.
//! That takes a few instructions; a copy of an unknown length is a call.

/// The greatest length of a text in a line.
const TEXT: usize = 48;

/// Room for a line: two texts, three numbers and what stands between them.
const ROOM: usize = 256;

/// A text of at most [`TEXT`] bytes.
#[derive(Debug)]
pub(super) struct LineText {
    bytes: [u8; TEXT],
    len: usize,
}

impl LineText {
    /// Panics if the text is too long.
    pub(super) const fn new(text: &str) -> Self {
        let (mut bytes, mut place) = ([0; TEXT], 0);
        while place < text.len() {
            bytes[place] = text.as_bytes()[place];
            place += 1;
        }
        LineText { bytes, len: text.len() }
    }
}

/// The line. It panics if it gets longer than its room.
#[derive(Debug)]
pub(super) struct EventLine {
    bytes: [u8; ROOM],
    len: usize,
}

impl EventLine {
    pub(super) const fn new() -> Self {
        EventLine { bytes: [0; ROOM], len: 0 }
    }

    /// Appends the first `len` bytes of a piece.
    #[inline(always)]
    fn push<const N: usize>(&mut self, piece: &[u8; N], len: usize) {
        self.bytes[self.len..self.len + N].copy_from_slice(piece);
        self.len += len;
    }

    #[inline(always)]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.push(bytes, N);
    }

    #[inline(always)]
    pub(super) fn text(&mut self, text: &LineText) {
        self.push(&text.bytes, text.len);
    }

    /// Appends a number.
    #[inline(always)]
    pub(super) fn number(&mut self, number: u64) {
        if number < EIGHT_DIGITS {
            self.short_number(number);
        } else {
            let (digits, len) = long_number(number);
            self.push(&digits, len);
        }
    }

    /// Appends a number of at most eight digits.
    #[inline(always)]
    fn short_number(&mut self, number: u64) {
        let digits = digits(number);
        // The first digit is in the lowest byte. The last one is written even if it is 0.
        let zeros = (digits | (1 << 56)).trailing_zeros() / 8;
        self.push(&((digits | ASCII_ZEROS) >> (8 * zeros)).to_le_bytes(), 8 - zeros as usize);
    }

    /// Appends the last eight digits of a number.
    #[inline(always)]
    fn last_digits(&mut self, number: u64) {
        self.push(&(digits(number % EIGHT_DIGITS) | ASCII_ZEROS).to_le_bytes(), 8);
    }

    /// Appends so many nanoseconds as microseconds, with three places.
    #[inline(always)]
    pub(super) fn micros(&mut self, nanos: u64) {
        self.number(nanos / 1000);
        let rest = (nanos % 1000) as u32;
        let [hundreds, tens, ones] = [rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8);
        self.push(&[b'.', hundreds, tens, ones], 4);
    }

    /// Moves the line to the end of the vector; it is empty then.
    #[inline(always)]
    pub(super) fn move_to(&mut self, text: &mut Vec<u8>) {
        text.extend_from_slice(&self.bytes[..self.len]);
        self.len = 0;
    }
}

/// The digits of a number with more than eight, and how many they are.
#[inline(never)]
fn long_number(number: u64) -> ([u8; 20], usize) {
    let (mut line, high) = (EventLine::new(), number / EIGHT_DIGITS);
    if high < EIGHT_DIGITS {
        line.short_number(high);
    } else {
        line.short_number(high / EIGHT_DIGITS);
        line.last_digits(high);
    }
    line.last_digits(number);
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&line.bytes[..20]);
    (bytes, line.len)
}

/// The first number with more than eight digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// Eight times the character `0`.
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number that has no more, one in each byte, the first in the lowest.
///
/// The number is halved three times, and both halves are divided at once: by ten thousand, by a hundred, and by ten. The
/// division is a multiplication and a shift, exact for numbers as small as these.
#[inline(always)]
fn digits(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 5243) >> 19) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - tens * 10) << 8)
}

#[cfg(all(test, not(any(loom, sim))))]
mod tests {
    use super::{EIGHT_DIGITS, EventLine, LineText};

    fn written(write: impl FnOnce(&mut EventLine)) -> String {
        let (mut line, mut text) = (EventLine::new(), Vec::new());
        write(&mut line);
        line.move_to(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_line_is_moved_behind_the_text_and_begins_anew() {
        let (mut line, mut text) = (EventLine::new(), b"at ".to_vec());
        line.number(17);
        line.text(&LineText::new(", or "));
        line.move_to(&mut text);
        line.bytes(b"later");
        line.move_to(&mut text);
        assert_eq!(text, b"at 17, or later");
    }

    #[test]
    fn numbers_have_all_their_digits() {
        let around = |number: u64| [number - 1, number, number + 1];
        let powers = (0..19).map(|power| 10_u64.pow(power)).flat_map(around);
        let samples = (0..64).map(|bits| 0x9e37_79b9_7f4a_7c15_u64 >> bits);
        for number in powers.chain(samples).chain([0, u64::MAX, 12_345_678, 100_020_003]) {
            assert_eq!(written(|line| line.number(number)), number.to_string());
        }
    }

    #[test]
    fn each_group_of_four_digits_is_right() {
        for four in 0..10_000 {
            assert_eq!(written(|line| line.number(four)), four.to_string());
            let eight = EIGHT_DIGITS - 10_000 + four;
            assert_eq!(written(|line| line.number(eight)), eight.to_string());
            assert_eq!(written(|line| line.number(four * 10_000)), (four * 10_000).to_string());
        }
    }

    #[test]
    fn microseconds_have_three_places() {
        for (nanos, expected) in [(0, "0.000"), (7, "0.007"), (1_250, "1.250"), (u64::MAX, "18446744073709551.615")] {
            assert_eq!(written(|line| line.micros(nanos)), expected);
        }
    }
}
