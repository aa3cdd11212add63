//! Collecting into every kind of string: the outcome is that of std's `collect` and `extend`.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};

const CHARS: [char; 5] = ['a', 'ß', '\u{3000}', '😀', '\n'];
const WORDS: [&str; 5] = ["", "a", "long-ish", "Übergröße", "😀😀"];

fn char_at(n: usize) -> &'static char {
    &CHARS[n % 5]
}

fn word_at(n: usize) -> &'static str {
    WORDS[n % 5]
}

fn cow_at(n: usize) -> Cow<'static, str> {
    if n % 2 == 0 { word_at(n).into() } else { word_at(n).to_string().into() }
}

fn check<S, T>(make: impl Fn(usize) -> T + Sync + Send + Copy)
where
    S: ParallelExtend<T> + FromParallelIterator<T> + Extend<T> + FromIterator<T> + Default + PartialEq + Debug,
    T: Send,
{
    for len in [0, 1, 2, 300] {
        let items = || (0..len).into_par_iter().map(make);
        let mut expected: S = (0..len).map(make).collect();
        let mut parallel: S = items().collect();
        assert_eq!(parallel, expected);
        parallel.par_extend(items().filter(|_| true));
        expected.extend((0..len).map(make));
        assert_eq!(parallel, expected);
    }
}

#[test]
fn strings_agree_with_std() {
    in_pools(|| {
        check::<String, char>(|n| *char_at(n));
        check::<String, &char>(char_at);
        check::<String, &str>(word_at);
        check::<String, String>(|n| word_at(n).into());
        check::<String, Box<str>>(|n| word_at(n).into());
        check::<String, Cow<'_, str>>(cow_at);
    });
}

#[test]
fn strings_of_the_system_agree_with_std() {
    in_pools(|| {
        check::<OsString, &OsStr>(|n| word_at(n).as_ref());
        check::<OsString, OsString>(|n| word_at(n).into());
        check::<OsString, Cow<'_, OsStr>>(|n| match cow_at(n) {
            Cow::Borrowed(word) => OsStr::new(word).into(),
            Cow::Owned(word) => OsString::from(word).into(),
        });
    });
}

#[test]
fn owners_of_texts_hold_what_a_string_would() {
    fn check<T: Send>(make: impl Fn(usize) -> T + Sync + Send + Copy)
    where
        String: FromIterator<T> + FromParallelIterator<T>,
        Box<str>: FromParallelIterator<T>,
        Rc<str>: FromParallelIterator<T>,
        Arc<str>: FromParallelIterator<T>,
    {
        let items = || (0..200).into_par_iter().map(make);
        let expected: String = (0..200).map(make).collect();
        assert_eq!(*items().collect::<Box<str>>(), *expected);
        assert_eq!(*items().collect::<Rc<str>>(), *expected);
        assert_eq!(*items().collect::<Arc<str>>(), *expected);
        assert_eq!(items().collect::<Cow<'_, str>>(), expected);
    }

    in_pools(|| {
        check(|n| *char_at(n));
        check(char_at);
        check(word_at);
        check(|n| word_at(n).to_string());
        check(|n| Box::<str>::from(word_at(n)));
        check(cow_at);
        let os: Cow<'_, OsStr> = WORDS.par_iter().map(OsStr::new).collect();
        assert_eq!(*os, *WORDS.concat());
    });
}

#[test]
fn a_string_is_as_before_when_a_closure_panics() {
    in_pools(|| {
        let mut text = "before".to_string();
        panic_message(|| {
            text.par_extend((0..50).into_par_iter().map(|n| {
                assert!(n != 30);
                'x'
            }));
        });
        assert_eq!(text, "before");
    });
}
