//! Which jobs a thread takes, and which first: isolated calls and priorities, through public names alone.

mod gate;
mod isolate;
mod isolate_helpers;
mod priority;
