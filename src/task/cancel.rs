//! `CancelToken`: tells once, to every holder of a copy, that work is no longer wanted.
//!
//! `cancel/README.md` says what `cancel`, `child_token` and `on_cancel` do to the tree of tokens, and in which order.

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::lock::Mutex;
use crate::sync::once::OnceLock;
use crate::task::timer::Alarm;
use crossbeam_utils::CachePadded;
use std::fmt;
use std::mem;
use std::sync::{Arc, Weak};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// Stops work that is no longer wanted: loops by
/// [`with_cancel`](crate::extra::ParallelIteratorExt::with_cancel), jobs of scopes by
/// [`Scope::spawn_with_cancel`](crate::Scope::spawn_with_cancel), and your own code wherever it asks
/// [`is_cancelled`](Self::is_cancelled).
///
/// Copies made by `clone` are the same token. A [child](Self::child_token) is cancelled with its parent, but can be
/// cancelled alone. A token that is cancelled stays so. Nothing is interrupted: an item or a job that has begun runs to
/// its end, unless it asks the token itself. No method blocks, except for a moment while another thread adds or removes
/// a child.
///
/// ```
/// use paceline::CancelToken;
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// let token = CancelToken::new();
/// let squares: Vec<u64> = (0..1_000_000_u64)
///     .into_par_iter()
///     .with_cancel(&token)
///     .map(|n| {
///         if n == 1000 {
///             token.cancel();
///         }
///         n * n
///     })
///     .collect();
/// // The results until then, in order. The token tells whether they are all.
/// assert!(squares.is_sorted());
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct CancelToken {
    node: Arc<TokenNode>,
}

/// The node of a token, which its copies share.
#[derive(Default)]
struct TokenNode {
    /// Alone on its cache lines: loops read it for every item, while other threads count references beside it.
    is_cancelled: CachePadded<AtomicBool>,
    listeners: Mutex<Listeners>,
    /// Empty in a token that is no child.
    parent: OnceLock<ListenerLink>,
    /// Empty in a token that no time cancels.
    alarm: OnceLock<Alarm>,
}

/// The listeners of a token, in the order in which they came.
///
/// 1. The keys in `places` ascend, and no key is used twice.
/// 2. At most half of the places are empty.
#[derive(Default)]
struct Listeners {
    next: u64,
    places: Vec<ListenerPlace>,
    empty: usize,
}

/// A key, and the listener that has not been taken out.
type ListenerPlace = (u64, Option<Listener>);

impl Listeners {
    fn add(&mut self, listener: Listener) -> u64 {
        let key = self.next;
        self.next += 1;
        self.places.push((key, Some(listener)));
        key
    }

    /// Takes a listener out, if it is there. Its place stays empty until half of the places are; so the time is
    /// logarithmic on average over many calls.
    fn remove(&mut self, key: u64) -> Option<Listener> {
        let place = self.places.binary_search_by_key(&key, |place| place.0).ok()?;
        let listener = self.places[place].1.take()?;
        self.empty += 1;
        if self.empty > self.places.len() / 2 {
            self.places.retain(|place| place.1.is_some());
            self.places.shrink_to(2 * self.places.len());
            self.empty = 0;
        }
        Some(listener)
    }
}

/// A child or a call that must be told when the token is cancelled.
enum Listener {
    Child(Weak<TokenNode>),
    Call(Box<dyn FnOnce() + Send>),
}

/// The place of a listener in a token's list.
struct ListenerLink {
    node: Arc<TokenNode>,
    key: u64,
}

impl CancelToken {
    /// Makes a token that is not cancelled.
    ///
    /// ```
    /// assert!(!paceline::CancelToken::new().is_cancelled());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the token, its copies and its children, and theirs. Does nothing if it is cancelled already.
    ///
    /// A thread that has seen the token cancelled sees what the calling thread wrote before.
    ///
    /// ```
    /// let token = paceline::CancelToken::new();
    /// let (copy, child) = (token.clone(), token.child_token());
    /// token.cancel();
    /// assert!(copy.is_cancelled() && child.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        let mut calls = Vec::new();
        let mut reached = vec![Arc::clone(&self.node)];
        // A list instead of recursion: a chain of children may be long.
        while let Some(node) = reached.pop() {
            for (_, listener) in node.cancel() {
                match listener {
                    Some(Listener::Call(call)) => calls.push(call),
                    Some(Listener::Child(child)) => {
                        if let Some(child) = child.upgrade() {
                            reached.push(child);
                        }
                    }
                    None => {}
                }
            }
        }
        for call in calls {
            call();
        }
    }

    /// True if the token, or one that it descends from, has been cancelled. Costs one load.
    ///
    /// ```
    /// let token = paceline::CancelToken::new();
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag().is_cancelled()
    }

    /// Makes a token that is cancelled when this one is, and that can be cancelled without this one.
    ///
    /// The parent forgets a child when its last copy is dropped.
    ///
    /// ```
    /// let search = paceline::CancelToken::new();
    /// let (left, right) = (search.child_token(), search.child_token());
    /// left.cancel();
    /// assert!(!right.is_cancelled() && !search.is_cancelled());
    /// search.cancel();
    /// assert!(right.is_cancelled());
    /// ```
    #[must_use]
    pub fn child_token(&self) -> Self {
        let child = Self::new();
        match self.node.listen(Listener::Child(Arc::downgrade(&child.node))) {
            Ok(key) => {
                let link = ListenerLink { node: Arc::clone(&self.node), key };
                let linked = child.node.parent.set(link);
                debug_assert!(linked.is_ok(), "a new token has no parent");
            }
            Err(_) => child.cancel(),
        }
        child
    }

    /// A call that cancels the token, if a copy of it is left. It keeps none itself.
    pub(super) fn canceller(&self) -> impl FnOnce() + Send + 'static + use<> {
        let node = Arc::downgrade(&self.node);
        move || {
            if let Some(node) = node.upgrade() {
                CancelToken { node }.cancel();
            }
        }
    }

    /// Keeps the alarm of a new token until its last copy is dropped.
    pub(super) fn keep(&self, alarm: Alarm) {
        let is_kept = self.node.alarm.set(alarm).is_ok();
        debug_assert!(is_kept, "a new token has no alarm");
    }

    /// Registers `call`. The thread that cancels the token calls it once, unless the registration is dropped before. If
    /// the token is cancelled already, this call makes it at once.
    ///
    /// `call` must not panic. It may use the token. It may still run when the registration has been dropped.
    pub(crate) fn on_cancel(&self, call: impl FnOnce() + Send + 'static) -> Registration {
        let key = match self.node.listen(Listener::Call(Box::new(call))) {
            Ok(key) => key,
            Err(Listener::Call(call)) => {
                call();
                return Registration { link: None };
            }
            Err(Listener::Child(_)) => unreachable!("a call was registered"),
        };
        Registration { link: Some(ListenerLink { node: Arc::clone(&self.node), key }) }
    }

    /// The flag alone, for loops.
    #[inline]
    pub(crate) fn flag(&self) -> CancelFlag<'_> {
        CancelFlag(&self.node.is_cancelled)
    }
}

impl TokenNode {
    /// Adds a listener. Gives it back if the token is cancelled.
    fn listen(&self, listener: Listener) -> Result<u64, Listener> {
        let mut listeners = self.listeners.lock();
        // Relaxed suffices: a thread that cancels sets the flag and then takes this lock. If it took the lock before
        // this thread, the lock shows the flag; else that thread will find the listener.
        if self.is_cancelled.load(Ordering::Relaxed) {
            return Err(listener);
        }
        Ok(listeners.add(listener))
    }

    /// Sets the flag, and takes out the listeners. There are none if another thread has set the flag: that one tells
    /// them.
    fn cancel(&self) -> Vec<ListenerPlace> {
        // Release pairs with the acquire in `CancelFlag::is_cancelled`: a thread that sees the flag sees the writes
        // before it.
        let was_cancelled = self.is_cancelled.swap(true, Ordering::Release);
        // They are told outside the lock, because they may want it.
        if was_cancelled { Vec::new() } else { mem::take(&mut *self.listeners.lock()).places }
    }
}

impl ListenerLink {
    /// Takes the listener out, if no other thread has.
    fn cut(&self) {
        // In a forked child the list may be lost.
        let Some(mut listeners) = self.node.listeners.lock_unless_abandoned() else { return };
        let removed = listeners.remove(self.key);
        drop(listeners);
        // The listener is dropped outside the lock, because its contents may want it.
        drop(removed);
    }
}

impl Drop for TokenNode {
    /// Leaves the parent. That may drop the parent, and so on: a loop, because a chain of children may be long.
    fn drop(&mut self) {
        let mut link = self.parent.take();
        while let Some(ListenerLink { node, .. }) = link.inspect(ListenerLink::cut) {
            link = Arc::into_inner(node).and_then(|mut parent| parent.parent.take());
        }
    }
}

/// A call that is made when a token is cancelled. Dropping this takes the call out.
#[must_use = "the call is taken out when this is dropped"]
pub(crate) struct Registration {
    /// `None` if the call was made at once.
    link: Option<ListenerLink>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            link.cut();
        }
    }
}

/// A token's flag, at which a loop looks for every item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelFlag<'t>(&'t AtomicBool);

impl CancelFlag<'_> {
    /// As [`CancelToken::is_cancelled`].
    #[inline(always)]
    pub(crate) fn is_cancelled(self) -> bool {
        // Acquire pairs with the release in `TokenNode::cancel`.
        self.0.load(Ordering::Acquire)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken").field("is_cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("was_told", &self.link.is_none()).finish()
    }
}
