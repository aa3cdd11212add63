//! Scopes, whose jobs come to them in several ways.

use super::program::{Body, Kind, Member};
use super::run::{body, job};
use super::world::{Must, Ticket, World};
use paceline::{BroadcastContext, CancelToken, Priority, Scope, ScopeFifo};
use std::sync::Arc;

/// A scope with these jobs.
pub(crate) fn scope(world: &Arc<World>, kind: Kind, members: &[(Member, Body)]) {
    let open = |scope: &Scope<'_>| in_lifo(world, scope, members);
    match kind {
        Kind::Lifo => paceline::scope(open),
        Kind::InPlace => paceline::in_place_scope(open),
        Kind::Fifo => paceline::scope_fifo(|scope| in_fifo(world, scope, members)),
    }
}

/// A job of a scope.
type Run = Box<dyn FnOnce() + Send>;

/// The two kinds of scope have methods of different names.
macro_rules! spawn_members {
    ($name:ident, $scope:ident, $spawn:ident, $spawn_with:expr, $spawn_with_cancel:ident) => {
        fn $name(world: &Arc<World>, scope: &$scope<'_>, members: &[(Member, Body)]) {
            let token = CancelToken::new();
            let mut handles = Vec::new();
            for (member, ops) in members {
                match member {
                    Member::Spawned => {
                        let (_, run) = job(world, Must::Run, ops);
                        scope.$spawn(|_| _ = run());
                    }
                    Member::High => {
                        let (_, run) = job(world, Must::Run, ops);
                        $spawn_with(scope, Priority::High, Box::new(move || _ = run()));
                    }
                    Member::Low => {
                        let (_, run) = job(world, Must::Run, ops);
                        $spawn_with(scope, Priority::Low, Box::new(move || _ = run()));
                    }
                    Member::Nested => {
                        let ((_, run), (_, inner)) =
                            (job(world, Must::Run, ops), job(world, Must::Run, &Body::default()));
                        scope.$spawn(|scope| {
                            scope.$spawn(|_| _ = inner());
                            _ = run();
                        });
                    }
                    Member::Broadcast => {
                        let (ticket, ops) = (Ticket::new(world, Must::End), Arc::clone(ops));
                        scope.spawn_broadcast(move |_, _: BroadcastContext<'_>| body(ticket.world(), &ops));
                    }
                    Member::BroadcastNested => {
                        let (ticket, ops) = (Ticket::new(world, Must::End), Arc::clone(ops));
                        scope.spawn_broadcast(move |scope, _: BroadcastContext<'_>| {
                            let (_, run) = job(ticket.world(), Must::Run, &ops);
                            scope.$spawn(|_| _ = run());
                        });
                    }
                    Member::TaskJoined => {
                        let (number, run) = job(world, Must::Run, ops);
                        handles.push((number, scope.spawn_task(|_| run())));
                    }
                    Member::TaskLeft => {
                        let (_, run) = job(world, Must::Run, ops);
                        drop(scope.spawn_task(|_| run()));
                    }
                    Member::Cancelled => {
                        let (_, run) = job(world, Must::End, ops);
                        scope.$spawn_with_cancel(&token, |_| _ = run());
                    }
                }
            }
            token.cancel();
            for (number, handle) in handles {
                // A panic is one that was planned: a scope's jobs have no other.
                if let Ok(got) = handle.join() {
                    world.check(got == number, || format!("a scope's task gives {got} in place of {number}"));
                }
            }
        }
    };
}

spawn_members!(
    in_lifo,
    Scope,
    spawn,
    |scope: &Scope<'_>, priority, run: Run| scope.spawn_with(priority, move |_| run()),
    spawn_with_cancel
);
// A FIFO scope has no priorities.
spawn_members!(
    in_fifo,
    ScopeFifo,
    spawn_fifo,
    |scope: &ScopeFifo<'_>, _, run: Run| scope.spawn_fifo(move |_| run()),
    spawn_fifo_with_cancel
);
