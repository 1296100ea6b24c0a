//! `ticketroom generate`: a configuration (the sample with the given values put in) and its registration.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{
    environment::Environment, lines::Lines, listeners::is_loopback, load::parse, registration::Registration, values,
};

/// The manual is the template: who generates a configuration has every option explained in it.
const SAMPLE: &str = include_str!("../../config.sample.yaml");

/// What only the administrator can know.
#[derive(Clone, Debug)]
pub struct Wishes {
    pub domain: String,
    pub homeserver: String,
    pub helpdesk_url: String,
    pub appservice_address: Option<String>,
}

/// Where the two files are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub config: PathBuf,
    pub registration: PathBuf,
}

/// Writes both files, readable by their owner alone. Nothing that exists is overwritten.
pub fn generate(wishes: &Wishes, folder: &Path, [as_token, hs_token]: [String; 2]) -> anyhow::Result<Generated> {
    check(wishes)?;
    let files = Generated { config: folder.join("config.yaml"), registration: folder.join("registration.yaml") };
    for file in [&files.config, &files.registration] {
        if file.try_exists().with_context(|| format!("can't look for {}", file.display()))? {
            bail!("{} exists and is not overwritten → move it away, or name another folder with --out", file.display());
        }
    }
    let config = fill_in(wishes, as_token, hs_token);
    let registration = registration_of(&config)?;
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    write_new(&files.config, &config)?;
    if let Err(error) = write_new(&files.registration, &registration) {
        // Half a pair would only be in the way of the next try.
        let _ = fs::remove_file(&files.config);
        return Err(error);
    }
    Ok(files)
}

fn check(wishes: &Wishes) -> anyhow::Result<()> {
    let refused = [
        ("--domain", values::server_name(&wishes.domain).err()),
        ("--homeserver", values::origin_url(&wishes.homeserver).err()),
        ("--helpdesk-url", values::tracker_url(&wishes.helpdesk_url).err()),
        ("--appservice-address", wishes.appservice_address.as_deref().and_then(|it| values::origin_url(it).err())),
    ];
    let lines: Vec<String> = refused
        .into_iter()
        .filter_map(|(option, wrong)| wrong.map(|wrong| format!("{option} {} → {}", wrong.wrong, wrong.mend)))
        .collect();
    if lines.is_empty() { Ok(()) } else { bail!(lines.join("\n")) }
}

fn fill_in(wishes: &Wishes, as_token: String, hs_token: String) -> String {
    let mut values = vec![
        ("homeserver.address", Value::from(wishes.homeserver.as_str())),
        ("homeserver.domain", Value::from(wishes.domain.as_str())),
        ("appservice.as_token", Value::from(as_token)),
        ("appservice.hs_token", Value::from(hs_token)),
        ("helpdesk.request_tracker.url", Value::from(wishes.helpdesk_url.as_str())),
    ];
    if let Some(address) = &wishes.appservice_address {
        values.push(("appservice.address", Value::from(address.as_str())));
        values.extend(listen_for(address));
    }
    let keys = Lines::of(SAMPLE);
    let mut lines: Vec<String> = SAMPLE.lines().map(str::to_owned).collect();
    for (path, value) in values {
        if let Some(line) = keys.exactly(path).and_then(|number| lines.get_mut(number.saturating_sub(1)))
            && let Some((key, _)) = line.split_once(':')
        {
            // A JSON value is a YAML value, whatever signs it holds.
            *line = format!("{key}: {value}");
        }
    }
    lines.join("\n") + "\n"
}

/// Where to listen so that the homeserver finds us at that address. Behind TLS there is a proxy: then the defaults hold.
fn listen_for(address: &str) -> Vec<(&'static str, Value)> {
    let Ok(url) = values::origin_url(address) else { return Vec::new() };
    if url.scheme() != "http" {
        return Vec::new();
    }
    let mut values: Vec<_> =
        url.port_or_known_default().map(|port| ("appservice.port", Value::from(port))).into_iter().collect();
    if !url.host().is_some_and(|host| is_loopback(&host)) {
        values.push(("appservice.hostname", Value::from("0.0.0.0")));
    }
    values
}

/// The registration is made from the file just filled in; the helpdesk's token, still missing there, has no part in it.
fn registration_of(config: &str) -> anyhow::Result<String> {
    let stand_in = Environment::from_iter([("TICKETROOM_HELPDESK__REQUEST_TRACKER__TOKEN", "not-known-yet")]);
    let config = parse("config.yaml", Path::new(""), config, &stand_in)?;
    Registration::of(&config)
        .to_yaml()
        .map_err(|error| anyhow::anyhow!("the registration can't be written: {}", error.message))
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("can't write {}", path.display()))
}
