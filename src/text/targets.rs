//! Layer 5: collecting into strings, and extending them.
//!
//! The items of each part are put together in a string of the part's own, in parallel; the strings of the parts, of
//! which there are few, are then put together on the calling thread.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::rc::Rc;
use std::sync::Arc;

use crate::iter::collect::parts::parts;
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend};

/// Lets a string be collected into and extended by some types of items.
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
                let mut parts = parts::<Self, _>(par_iter.into_par_iter()).into_iter();
                if self.capacity() == 0 {
                    *self = parts.next().unwrap_or_default();
                }
                self.reserve(parts.as_slice().iter().map(|part| part.len()).sum());
                self.extend(parts);
            }
        }
    )* };
}

string_target! {
    String: char; &'a char, 'a; &'a str, 'a; String; Box<str>; Cow<'a, str>, 'a;
}

string_target! {
    OsString: &'a OsStr, 'a; OsString; Cow<'a, OsStr>, 'a;
}

/// Lets owners of a text be collected into, by way of a `String`.
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
