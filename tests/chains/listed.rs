//! Enumerations of which groups can be picked from.

/// Defines an enumeration, and for each group of its variants a constant that lists them.
macro_rules! listed {
    (
        $(#[$meta:meta])*
        $name:ident:
        $($(#[$group_meta:meta])* $group:ident = $($variant:ident),+;)+
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($($variant,)+)+
        }

        $($(#[$group_meta])* pub(crate) const $group: &[$name] = &[$($name::$variant),+];)+
    };
}
