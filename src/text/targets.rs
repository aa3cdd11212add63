//! Layer 5: collecting into strings, and extending them.
//!
//! The items of each part are joined to a string, in parallel; then the strings of the parts are joined.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::rc::Rc;
use std::sync::Arc;

use super::utf8::Utf8;
use crate::iter::collect::parts::{append, parts_from};
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

/// The most bytes that are reserved for a text of unknown length.
const MOST_SET_ASIDE: usize = 1 << 25;

/// A string that takes the strings of parts.
trait Append: Sized {
    fn append(&mut self, parts: Vec<Self>);
}

impl Append for String {
    fn append(&mut self, parts: Vec<Self>) {
        // SAFETY: only whole strings are appended.
        let bytes = unsafe { self.as_mut_vec() };
        append(bytes, parts.into_iter().map(Self::into_bytes));
    }
}

impl Append for OsString {
    fn append(&mut self, parts: Vec<Self>) {
        let mut parts = parts.into_iter();
        if self.capacity() == 0 {
            *self = parts.next().unwrap_or_default();
        }
        self.reserve(parts.as_slice().iter().map(|part| part.len()).sum());
        self.extend(parts);
    }
}

/// Implements collecting into a string, and extending it, for some types of items.
macro_rules! string_target {
    ($string:ident: $($item:ty $(, $lifetime:lifetime)?;)*) => { $(
        impl$(<$lifetime>)? FromParallelIterator<$item> for $string {
            fn from_par_iter<P>(par_iter: P) -> Self
            where
                P: IntoParallelIterator<Item = $item>,
            {
                let mut string = Self::new();
                string.par_extend(par_iter);
                string
            }
        }

        /// If a closure of the iterator panics, the string is as it was before.
        impl$(<$lifetime>)? ParallelExtend<$item> for $string {
            fn par_extend<P>(&mut self, par_iter: P)
            where
                P: IntoParallelIterator<Item = $item>,
            {
                let par_iter = par_iter.into_par_iter();
                let is_new = self.capacity() == 0;
                // At least about one byte for each item.
                let room = if is_new { par_iter.__len_upper_bound().map_or(0, |most| most.min(MOST_SET_ASIDE)) } else { 0 };
                self.append(parts_from(Self::with_capacity(room), par_iter));
                if is_new && self.capacity() / 4 > self.len() {
                    self.shrink_to_fit();
                }
            }
        }
    )* };
}

string_target! {
    String: &'a str, 'a; String; Box<str>; Cow<'a, str>, 'a;
}

impl FromParallelIterator<char> for String {
    fn from_par_iter<P>(par_iter: P) -> Self
    where
        P: IntoParallelIterator<Item = char>,
    {
        let mut string = Self::new();
        string.par_extend(par_iter);
        string
    }
}

impl<'a> FromParallelIterator<&'a char> for String {
    fn from_par_iter<P>(par_iter: P) -> Self
    where
        P: IntoParallelIterator<Item = &'a char>,
    {
        par_iter.into_par_iter().copied().collect()
    }
}

/// If a closure of the iterator panics, the string is as it was before.
impl ParallelExtend<char> for String {
    fn par_extend<P>(&mut self, par_iter: P)
    where
        P: IntoParallelIterator<Item = char>,
    {
        // SAFETY: the bytes of whole characters are appended, all of them or none.
        let bytes = unsafe { self.as_mut_vec() };
        bytes.par_extend(par_iter.into_par_iter().flat_map_iter(Utf8::of));
    }
}

/// If a closure of the iterator panics, the string is as it was before.
impl<'a> ParallelExtend<&'a char> for String {
    fn par_extend<P>(&mut self, par_iter: P)
    where
        P: IntoParallelIterator<Item = &'a char>,
    {
        self.par_extend(par_iter.into_par_iter().copied());
    }
}

string_target! {
    OsString: &'a OsStr, 'a; OsString; Cow<'a, OsStr>, 'a;
}

/// Implements collecting into other owners of a text, through a `String`.
macro_rules! by_way_of_string {
    ($owner:ty: $($item:ty $(, $lifetime:lifetime)?;)*) => { $(
        impl$(<$lifetime>)? FromParallelIterator<$item> for $owner {
            fn from_par_iter<P>(par_iter: P) -> Self
            where
                P: IntoParallelIterator<Item = $item>,
            {
                String::from_par_iter(par_iter).into()
            }
        }
    )* };
}

by_way_of_string! {
    Box<str>: char; &'a char, 'a; &'a str, 'a; String; Box<str>; Cow<'a, str>, 'a;
}

by_way_of_string! {
    Rc<str>: char; &'a char, 'a; &'a str, 'a; String; Box<str>; Cow<'a, str>, 'a;
}

by_way_of_string! {
    Arc<str>: char; &'a char, 'a; &'a str, 'a; String; Box<str>; Cow<'a, str>, 'a;
}
