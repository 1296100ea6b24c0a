//! The texts by area: each area is a file here and one in each language's folder.

mod commands;
mod common;
mod desk;
mod door;
mod drafts;
mod files;
mod manner;
mod rooms;
mod ticket;

use super::source::Source;

/// A message as the code uses it: its name is its function's.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    pub id: &'static str,
    pub arguments: &'static [&'static str],
}

pub struct Area {
    pub name: &'static str,
    pub messages: &'static [Message],
    /// One for each language that is built in.
    pub sources: &'static [Source],
}

macro_rules! areas {
    ($($name:ident),* $(,)?) => {
        &[$(Area {
            name: stringify!($name),
            messages: $name::MESSAGES,
            sources: &[
                Source {
                    language: "en",
                    text: include_str!(concat!("../../../locales/en/", stringify!($name), ".ftl")),
                },
                Source {
                    language: "de",
                    text: include_str!(concat!("../../../locales/de/", stringify!($name), ".ftl")),
                },
            ],
        }),*]
    };
}

pub const AREAS: &[Area] = areas![common, ticket, desk, door, commands, manner, drafts, files, rooms];

/// Declares messages: each becomes a function of `Words` with the arguments that the message is filled with. One that
/// nobody calls is told by the compiler.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),* $(,)?);)*) => {
        impl<'t> $crate::texts::Words<'t> {
            $(
                $(#[$doc])*
                pub(crate) fn $name(self $(, $argument: impl Into<$crate::texts::Argument<'t>>)*) -> String {
                    self.say(stringify!($name), &[$((stringify!($argument), $argument.into())),*])
                }
            )*
        }

        pub(super) const MESSAGES: &[super::Message] = &[
            $(super::Message { id: stringify!($name), arguments: &[$(stringify!($argument)),*] }),*
        ];
    };
}
use messages;
