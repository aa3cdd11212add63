//! Layer 5: the bytes of a character.

/// Iterates over the bytes of a character in UTF-8.
pub(super) struct Utf8 {
    bytes: [u8; 4],
    next: usize,
    len: usize,
}

impl Utf8 {
    #[inline]
    pub(super) fn of(char: char) -> Self {
        if char.is_ascii() {
            return Self { bytes: [char as u8, 0, 0, 0], next: 0, len: 1 };
        }
        let mut bytes = [0; 4];
        let len = char.encode_utf8(&mut bytes).len();
        Self { bytes, next: 0, len }
    }
}

impl Iterator for Utf8 {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes[..self.len].get(self.next)?;
        self.next += 1;
        Some(byte)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.len - self.next;
        (left, Some(left))
    }

    #[inline]
    fn fold<A, F: FnMut(A, u8) -> A>(self, init: A, mut f: F) -> A {
        if self.len == 1 && self.next == 0 {
            // A special case, because most characters have one byte and need no loop.
            return f(init, self.bytes[0]);
        }
        self.bytes[self.next..self.len].iter().fold(init, |so_far, &byte| f(so_far, byte))
    }
}
