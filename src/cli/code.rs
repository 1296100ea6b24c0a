//! `ticketroom code`: intake codes, made and looked at beside the running bridge.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ruma::OwnedUserId;
use secrecy::ExposeSecret;

use super::{qr, runtime, say};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config};
use crate::matrix::{Ghosts, Homeserver, HomeserverOptions};
use crate::model::{Code, CodeId, DeskId};
use crate::store::{self, Backend};
use crate::{net, text};

const ID_CHARS_MAX: usize = 40;

#[derive(Args)]
pub struct Codes {
    #[command(subcommand)]
    what: What,
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = "config.yaml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Makes a code; it works at once, also while the bridge runs
    Add(Add),
    /// Lists all codes
    List,
    /// Takes a code out of use: nobody can open tickets by it any more
    Disable { id: String },
    /// Puts a disabled code into use again
    Enable { id: String },
    /// Shows a code's QR code in the terminal, or writes it into files
    Qr(Qr),
}

#[derive(Args)]
struct Add {
    /// What the tickets are about, as people call it
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// A template of the configuration: queue, subject, priority, first words
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Language in which customers are spoken to: en, de
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// What the contact is called in Matrix [default: the device, then "Support"]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The code itself: a-z, 0-9 and `-`; everybody who guesses it can write to it [default: random]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

#[derive(Args)]
struct Qr {
    id: String,
    /// Writes a picture of pixels
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Writes a picture that can be printed at any size
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub fn run(codes: Codes) -> anyhow::Result<()> {
    let config = config::load(&codes.config)?;
    net::install_crypto_provider();
    runtime()?.block_on(async {
        let uri = config.database.uri.expose_secret();
        // The first code may be made before the first start.
        if !matches!(codes.what, What::Add(_)) {
            store::must_exist(uri)?;
        }
        let store = store::beside(uri).await?;
        match codes.what {
            What::Add(add) => make(add, &config, &*store).await,
            What::List => list(&config, &*store).await,
            What::Disable { id } => switch(&*store, id, true).await,
            What::Enable { id } => switch(&*store, id, false).await,
            What::Qr(wanted) => draw(&wanted, &config, &*store).await,
        }
    })
}

async fn make(add: Add, config: &Config, store: &dyn Backend) -> anyhow::Result<()> {
    let code = new_code(add, config)?;
    if !store.add_code(&code, SystemClock.now_ms()).await? {
        bail!("there is a code `{}` already → choose another --id", code.id);
    }
    let contact = contact(config, &code.id);
    say(format!("Code {} is made. Customers write to {contact}:", code.id));
    say(format!("  {}", link(&contact)));
    say(format!("  ticketroom code qr {} shows it as a QR code", code.id));
    if let Err(error) = introduce(config, &contact, &code.name).await {
        say(format!("The homeserver does not know the contact yet ({error:#}): the bridge makes it later."));
    }
    Ok(())
}

fn new_code(add: Add, config: &Config) -> anyhow::Result<Code> {
    let line = |text: String| Some(text).filter(|text| !text.trim().is_empty()).map(|text| text::clean_name(&text));
    let id = match add.id {
        Some(id) => id,
        None => net::code_id()?,
    };
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > ID_CHARS_MAX || !id.chars().all(allowed) {
        bail!(
            "--id has other signs than a-z, 0-9 and `-`, or more than {ID_CHARS_MAX} → it becomes part of a Matrix id"
        );
    }
    if let Some(template) = &add.template
        && !config.templates.iter().any(|known| known.name == *template)
    {
        let names: Vec<&str> = config.templates.iter().map(|template| template.name.as_str()).collect();
        bail!(
            "the configuration has no template `{template}` → add it to templates, or name one of: {}",
            names.join(", ")
        );
    }
    if let Some(language) = &add.language
        && config.texts.in_language(language).is_none()
    {
        let known: Vec<String> = config.texts.languages().map(|words| words.code().to_owned()).collect();
        bail!("Ticketroom does not speak `{language}` → name one of: {}", known.join(", "));
    }
    let device = add.device.and_then(line);
    let words =
        add.language.as_ref().and_then(|it| config.texts.in_language(it)).unwrap_or_else(|| config.texts.words());
    let by_device =
        || device.as_ref().map_or_else(|| words.contact(), |device| words.contact_of_device(device.as_str()));
    let name = add.name.and_then(line).unwrap_or_else(by_device);
    Ok(Code { id: CodeId::new(id), name, device, template: add.template, language: add.language, disabled: false })
}

/// The account of the contact, so that clients show its name before anybody wrote to it.
async fn introduce(config: &Config, contact: &OwnedUserId, name: &str) -> anyhow::Result<()> {
    let options = HomeserverOptions {
        address: config.homeserver.address.clone(),
        as_token: config.appservice.as_token.clone(),
        request_timeout: net::HOMESERVER_TIMEOUT,
    };
    let homeserver = Arc::new(Homeserver::new(options, net::homeserver_client()?));
    Ok(Ghosts::new(homeserver, config.bot.clone()).ensure(contact, name).await?)
}

async fn list(config: &Config, store: &dyn Backend) -> anyhow::Result<()> {
    let codes = store.codes().await?;
    if codes.is_empty() {
        say("There is no code yet: ticketroom code add --device NAME makes one.");
    }
    for code in codes {
        let part = |name: &str, part: &Option<String>| part.as_ref().map(|part| format!(", {name} {part}"));
        let parts = [part("device", &code.device), part("template", &code.template), part("language", &code.language)];
        let parts: String = parts.into_iter().flatten().collect();
        let state = if code.disabled { ", DISABLED" } else { "" };
        let is_known = |name: &String| config.templates.iter().any(|known| known.name == *name);
        let lost = if code.template.as_ref().is_none_or(is_known) { "" } else { ", TEMPLATE NOT IN THE CONFIGURATION" };
        say(format!("{}: {}{parts}{lost}{state}, {}", code.id, code.name, contact(config, &code.id)));
    }
    Ok(())
}

async fn switch(store: &dyn Backend, id: String, disabled: bool) -> anyhow::Result<()> {
    let code = CodeId::new(id);
    if !store.disable_code(&code, disabled).await? {
        bail!("there is no code `{code}` → ticketroom code list shows them");
    }
    say(format!("Code {code} is {}.", if disabled { "disabled" } else { "in use" }));
    Ok(())
}

async fn draw(wanted: &Qr, config: &Config, store: &dyn Backend) -> anyhow::Result<()> {
    let id = CodeId::new(&wanted.id);
    let code =
        store.code(&id).await?.with_context(|| format!("there is no code `{id}` → ticketroom code list shows them"))?;
    let link = link(&contact(config, &code.id));
    let picture = qr::Picture::of(&link)?;
    let write = |file: &Path, content: &[u8]| {
        std::fs::write(file, content).with_context(|| format!("can't write {}", file.display()))?;
        say(format!("{} is written.", file.display()));
        anyhow::Ok(())
    };
    if let Some(file) = &wanted.png {
        write(file, &picture.png()?)?;
    }
    if let Some(file) = &wanted.svg {
        write(file, picture.svg().as_bytes())?;
    }
    if wanted.png.is_none() && wanted.svg.is_none() {
        say(picture.terminal(std::io::stdout().is_terminal()));
    }
    say(format!("{}: {link}", code.name));
    if code.disabled {
        say(format!("This code is disabled: ticketroom code enable {id} puts it into use again."));
    }
    Ok(())
}

fn contact(config: &Config, code: &CodeId) -> OwnedUserId {
    config.settings(DeskId::new(""), &[]).contact(code)
}

/// Opens the contact in whatever client its reader has.
fn link(contact: &OwnedUserId) -> String {
    contact.matrix_to_uri().to_string()
}
