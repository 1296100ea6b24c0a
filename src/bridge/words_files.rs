//! What the bot says about files.

use crate::model::Refusal;

pub fn not_passed_on(name: &str, why: &Refusal) -> String {
    format!("“{name}” was not passed on to the helpdesk: {}.", reason(why))
}

pub fn not_shown(name: &str, why: &Refusal) -> String {
    format!("“{name}”, which was attached in the helpdesk, can't be shown here: {}.", reason(why))
}

fn reason(why: &Refusal) -> String {
    match why {
        Refusal::TooLarge { max_bytes } => format!("it is larger than {}", size(*max_bytes)),
        Refusal::NotAllowed { what } => format!("files of this type ({what}) are not accepted"),
        Refusal::Disguised { what, named } => format!("it is named like {named}, but its content is {what}"),
        Refusal::TooManyPixels => "it is a picture with too many pixels".to_owned(),
        Refusal::Empty => "it is empty".to_owned(),
        Refusal::Gone => "it is not there any more".to_owned(),
    }
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{} KiB", bytes.div_ceil(1024)) }
}
