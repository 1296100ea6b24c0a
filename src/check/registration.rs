//! Whether the registration that lies beside the configuration still says the same.

use std::{fs, io::ErrorKind, path::Path};

use super::{right, wrong};
use crate::{
    config::{Config, Registration},
    helpdesk::Finding,
};

pub fn check(config: &Config, config_file: &Path) -> Finding {
    let file = config_file.with_file_name("registration.yaml");
    let name = format!("registration {}", file.display());
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        // It may lie where only the homeserver finds it; then what the homeserver says has to do.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return right(format!("{name} is not here; only what the homeserver knows of it is checked"));
        }
        Err(error) => return wrong(name, format!("it can't be read: {error}: let Ticketroom's user read it")),
    };
    match Registration::from_yaml(&text) {
        Err(error) => wrong(name, format!("it can't be read: {}: correct line {}", error.message, error.line)),
        Ok(found) => match found.differs_from(&Registration::of(config)).as_slice() {
            [] => right(format!("{name} fits the configuration")),
            keys => {
                let keys = keys.join(", ");
                wrong(
                    name,
                    format!("it differs from the configuration in {keys}: correct it and restart the homeserver"),
                )
            }
        },
    }
}
