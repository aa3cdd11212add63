//! Every public entry point on a target that has no threads and no clock: each exported function calls some, and panics
//! if they give another value than they should.
//!
//! `run.mjs` calls each on an instance of its own. A function named `refuses_…` has to panic with a message that says why,
//! because what it waits for takes a second thread.

mod adaptors;
mod fork;
mod pools;
mod slices;
mod sources;
mod streams;
mod tasks;
mod terminals;

use std::panic;
use std::sync::{Once, OnceLock};

static MESSAGE: OnceLock<String> = OnceLock::new();

/// Keeps the first panic's message for [`message`]; the panic itself ends the instance.
fn keep_message() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(Box::new(|info| _ = MESSAGE.set(info.to_string()))));
}

/// Where the message of the panic lies that ended a call; the upper half is its length.
#[unsafe(no_mangle)]
extern "C" fn message() -> u64 {
    let text = MESSAGE.get().map_or("", String::as_str);
    (text.len() as u64) << 32 | text.as_ptr() as u64
}

/// Exports functions without arguments.
macro_rules! exported {
    ($(fn $name:ident() $body:block)*) => {
        $(
            #[unsafe(export_name = concat!(module_path!(), "::", stringify!($name)))]
            extern "C" fn $name() {
                crate::keep_message();
                $body
            }
        )*
    };
}
pub(crate) use exported;
