//! What can be sent to another rank: `Transfer`, and its implementations for std's types.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// A value that can be sent to another rank, as bytes.
///
/// A type of yours implements it by its fields, in one order:
///
/// ```
/// use paceline_mpi::Transfer;
///
/// #[derive(Debug, PartialEq)]
/// struct Reading {
///     station: String,
///     degrees: f64,
/// }
///
/// impl Transfer for Reading {
///     fn write(&self, bytes: &mut Vec<u8>) {
///         self.station.write(bytes);
///         self.degrees.write(bytes);
///     }
///
///     fn read(bytes: &mut &[u8]) -> Self {
///         Reading { station: String::read(bytes), degrees: f64::read(bytes) }
///     }
/// }
///
/// let reading = Reading { station: "Säntis".into(), degrees: -7.5 };
/// let mut bytes = Vec::new();
/// reading.write(&mut bytes);
/// let mut unread = bytes.as_slice();
/// assert_eq!(Reading::read(&mut unread), reading);
/// assert!(unread.is_empty());
/// ```
///
/// Numbers travel in little-endian order, `usize` as 64 bits.
pub trait Transfer: Sized {
    /// Appends the value to `bytes`.
    ///
    /// ```
    /// use paceline_mpi::Transfer;
    ///
    /// let mut bytes = Vec::new();
    /// 513_u16.write(&mut bytes);
    /// assert_eq!(bytes, [1, 2]);
    /// ```
    fn write(&self, bytes: &mut Vec<u8>);

    /// Reads a value that [`write`](Self::write) has written, and moves `bytes` to what follows it.
    ///
    /// ```
    /// use paceline_mpi::Transfer;
    ///
    /// let mut bytes = [1, 2, 3].as_slice();
    /// assert_eq!(u16::read(&mut bytes), 513);
    /// assert_eq!(bytes, [3]);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `bytes` ends early or holds no such value: the ranks do not run the same program.
    fn read(bytes: &mut &[u8]) -> Self;
}

/// Takes the first `len` bytes.
fn take<'b>(bytes: &mut &'b [u8], len: usize) -> &'b [u8] {
    let (taken, rest) = bytes.split_at_checked(len).expect("a message from another rank ends early");
    *bytes = rest;
    taken
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Transfer for $number {
            #[inline]
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Self {
                let number = take(bytes, size_of::<Self>());
                Self::from_le_bytes(number.try_into().expect("as many bytes as were taken"))
            }
        }
    )*};
}

numbers! { u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64 }

impl Transfer for usize {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        (*self as u64).write(bytes);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Self {
        u64::read(bytes).try_into().expect("a number from another rank fits no usize of this one")
    }
}

impl Transfer for isize {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        (*self as i64).write(bytes);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Self {
        i64::read(bytes).try_into().expect("a number from another rank fits no isize of this one")
    }
}

impl Transfer for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn read(bytes: &mut &[u8]) -> Self {
        u8::read(bytes) != 0
    }
}

impl Transfer for char {
    fn write(&self, bytes: &mut Vec<u8>) {
        u32::from(*self).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        char::from_u32(u32::read(bytes)).expect("a message from another rank holds no char where one should be")
    }
}

impl Transfer for () {
    fn write(&self, _bytes: &mut Vec<u8>) {}

    fn read(_bytes: &mut &[u8]) -> Self {}
}

impl Transfer for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.len().write(bytes);
        bytes.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let len = usize::read(bytes);
        let text = take(bytes, len).to_vec();
        String::from_utf8(text).expect("a message from another rank holds no UTF-8 where a string should be")
    }
}

impl<T: Transfer> Transfer for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(bytes: &mut &[u8]) -> Self {
        bool::read(bytes).then(|| T::read(bytes))
    }
}

impl<T: Transfer, const N: usize> Transfer for [T; N] {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(bytes: &mut &[u8]) -> Self {
        std::array::from_fn(|_| T::read(bytes))
    }
}

/// Writes the number of items, and the items.
fn write_all<T>(items: impl ExactSizeIterator<Item = T>, bytes: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    items.len().write(bytes);
    items.for_each(|item| write(item, bytes));
}

/// Reads what [`write_all`] has written.
fn read_all<T, C: FromIterator<T>>(bytes: &mut &[u8], read: impl Fn(&mut &[u8]) -> T) -> C {
    let len = usize::read(bytes);
    (0..len).map(|_| read(bytes)).collect()
}

impl<T: Transfer> Transfer for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_all(self.iter(), bytes, T::write);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        read_all(bytes, T::read)
    }
}

/// The two of an entry of a map.
fn write_entry<K: Transfer, V: Transfer>((key, value): (&K, &V), bytes: &mut Vec<u8>) {
    key.write(bytes);
    value.write(bytes);
}

impl<K: Transfer + Eq + Hash, V: Transfer, S: BuildHasher + Default> Transfer for HashMap<K, V, S> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_all(self.iter(), bytes, write_entry);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        read_all(bytes, <(K, V)>::read)
    }
}

impl<K: Transfer + Ord, V: Transfer> Transfer for BTreeMap<K, V> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_all(self.iter(), bytes, write_entry);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        read_all(bytes, <(K, V)>::read)
    }
}

macro_rules! tuples {
    ($(($($name:ident $field:tt),*))*) => {$(
        impl<$($name: Transfer),*> Transfer for ($($name,)*) {
            #[inline]
            fn write(&self, bytes: &mut Vec<u8>) {
                $(self.$field.write(bytes);)*
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Self {
                ($($name::read(bytes),)*)
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
}
