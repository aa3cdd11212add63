//! Layer 4: a stand-in for std's `Try`, which is not stable.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::task::Poll;

/// The types that the fallible methods work with: `Option`, `Result`, `ControlFlow`, and `Poll` of a
/// `Result` or of an `Option` of one.
///
/// Sealed: no other crate can name it.
#[diagnostic::on_unimplemented(
    message = "expected an `Option`, a `Result` or a `ControlFlow`, found `{Self}`",
    label = "`{Self}` cannot tell that the loop is to end"
)]
pub trait Try {
    /// The value on success.
    type Output;

    /// The value on failure.
    type Residual;

    /// Makes a success.
    fn from_output(output: Self::Output) -> Self;

    /// Makes a failure.
    fn from_residual(residual: Self::Residual) -> Self;

    /// `Continue` on success, `Break` on failure.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

impl<T> Try for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;

    fn from_output(output: T) -> Self {
        Some(output)
    }

    fn from_residual(_residual: Self::Residual) -> Self {
        None
    }

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Some(output) => ControlFlow::Continue(output),
            None => ControlFlow::Break(None),
        }
    }
}

impl<T, E> Try for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;

    fn from_output(output: T) -> Self {
        Ok(output)
    }

    fn from_residual(residual: Self::Residual) -> Self {
        let Err(error) = residual;
        Err(error)
    }

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(output) => ControlFlow::Continue(output),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<B, C> Try for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;

    fn from_output(output: C) -> Self {
        ControlFlow::Continue(output)
    }

    fn from_residual(residual: Self::Residual) -> Self {
        let ControlFlow::Break(value) = residual;
        ControlFlow::Break(value)
    }

    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            ControlFlow::Continue(output) => ControlFlow::Continue(output),
            ControlFlow::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<T, E> Try for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;

    fn from_output(output: Poll<T>) -> Self {
        output.map(Ok)
    }

    fn from_residual(residual: Self::Residual) -> Self {
        let Err(error) = residual;
        Poll::Ready(Err(error))
    }

    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
            Poll::Ready(Ok(output)) => ControlFlow::Continue(Poll::Ready(output)),
            Poll::Ready(Err(error)) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E> Try for Poll<Option<Result<T, E>>> {
    type Output = Poll<Option<T>>;
    type Residual = Result<Infallible, E>;

    fn from_output(output: Poll<Option<T>>) -> Self {
        output.map(|item| item.map(Ok))
    }

    fn from_residual(residual: Self::Residual) -> Self {
        let Err(error) = residual;
        Poll::Ready(Some(Err(error)))
    }

    fn branch(self) -> ControlFlow<Self::Residual, Poll<Option<T>>> {
        match self {
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
            Poll::Ready(None) => ControlFlow::Continue(Poll::Ready(None)),
            Poll::Ready(Some(Ok(output))) => ControlFlow::Continue(Poll::Ready(Some(output))),
            Poll::Ready(Some(Err(error))) => ControlFlow::Break(Err(error)),
        }
    }
}
