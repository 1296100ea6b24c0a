//! One test's world: a Synapse, a Request Tracker and the bridge, made for it and gone with it.

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bridge::{AS_TOKEN, Bridge, HS_TOKEN, Settings};
use crate::person::Person;
use crate::postgres::Postgres;
use crate::proxy::Proxy;
use crate::synapse::{DOMAIN, Synapse};
use crate::tracker::Tracker;

/// Letters: what is shorter may stand in a log by accident.
const SHORTEST_PIECE: usize = 10;

pub struct Options {
    pub room_version: &'static str,
    pub on_postgres: bool,
    /// Agents who have a Matrix account; the others work in Request Tracker only.
    pub agents: &'static [&'static str],
    /// More sections of the configuration, as one JSON object.
    pub config: &'static str,
    /// Localparts of people in whose own lists the bridge may put things in order.
    pub acts_for: &'static [&'static str],
    /// Quotas; there are no others.
    pub quotas: &'static [(&'static str, u64)],
    /// The largest file that Synapse takes.
    pub upload_limit: &'static str,
    /// Whether the bridge talks to Request Tracker through `Lab::proxy`.
    pub behind_proxy: bool,
}

impl Default for Options {
    fn default() -> Self {
        let (config, acts_for, quotas) = ("{}", &[] as &[_], &[] as &[_]);
        Self {
            room_version: "12",
            on_postgres: false,
            agents: &["anna", "bert"],
            config,
            acts_for,
            quotas,
            upload_limit: "50M",
            behind_proxy: false,
        }
    }
}

pub struct Lab {
    pub synapse: Synapse,
    pub tracker: Tracker,
    pub bridge: Bridge,
    pub postgres: Option<Postgres>,
    proxy: Option<Proxy>,
    folder: PathBuf,
}

/// Runs a test in a lab, and where it fails prints what both sides hold and what the servers logged.
pub async fn run<Test, Running>(options: Options, test: Test)
where
    Test: FnOnce(Arc<Lab>) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    let lab = Arc::new(Lab::start(&options).await);
    let outcome = tokio::spawn(test(Arc::clone(&lab))).await;
    if let Err(failure) = outcome {
        eprintln!("{}\nall that was written lies in {}", lab.picture().await, lab.folder.display());
        std::panic::resume_unwind(failure.into_panic());
    }
    lab.must_have_logged_no_secrets();
    let folder = lab.folder.clone();
    // Servers that still run would write into what is being removed.
    drop(lab);
    let _ = std::fs::remove_dir_all(folder);
}

impl Lab {
    /// Neither a token nor an address of a person nor what people wrote, whatever happened.
    fn must_have_logged_no_secrets(&self) {
        let log = self.bridge.process.log();
        assert!(log.contains("ticketroom"), "it logs where we look");
        let token = self.tracker.token("BRIDGE");
        let tokens = [AS_TOKEN, HS_TOKEN, token.as_str()];
        let people =
            ["clara", "anna", "bert", "dora", "eve", "erik", "mallory"].map(|name| format!("@{name}:{DOMAIN}"));
        let mails = ["carla@example.org", "dora@example.org", "eve@example.org"];
        let addresses = people.iter().map(String::as_str).chain(mails);
        let written = self.written();
        let written = written.iter().flat_map(|text| pieces(text));
        for secret in tokens.into_iter().chain(addresses).chain(written) {
            let line = || log.lines().find(|line| line.contains(secret));
            assert!(!log.contains(secret), "the log tells {secret}: {:?}", line());
        }
    }

    /// What people wrote on either side: subjects, what stands in the tickets, names of files, messages.
    fn written(&self) -> Vec<String> {
        let of_ticket = |ticket: u64| {
            let subject = self.tracker.ticket(ticket).ok().and_then(|it| it["subject"].as_str().map(str::to_owned));
            let words = self.tracker.words(ticket).into_iter().map(|entry| entry.body);
            subject.into_iter().chain(words).chain(self.tracker.file_names(ticket)).collect::<Vec<_>>()
        };
        self.tracker.tickets().into_iter().flat_map(of_ticket).chain(self.synapse.written()).collect()
    }

    async fn start(options: &Options) -> Self {
        let folder = make_folder();
        let bridge = Bridge::new(&folder, options.acts_for);
        let synapse = Synapse::new(&folder, &bridge.registration, options);
        let tracker = Tracker::new(&folder);
        let postgres = options.on_postgres.then(|| Postgres::new(&folder));
        tokio::join!(synapse.start(), tracker.start(), async {
            if let Some(postgres) = &postgres {
                postgres.start().await;
            }
        });
        let proxy = match options.behind_proxy {
            true => Some(tracker.behind_proxy().await),
            false => None,
        };
        let sqlite = format!("sqlite:{}", folder.join("ticketroom.db").display());
        bridge.configure(&Settings {
            homeserver: &synapse.url,
            tracker: proxy.as_ref().map_or(&tracker.url, |proxy| proxy.url.as_str()),
            tracker_token: &tracker.token("BRIDGE"),
            database: &postgres.as_ref().map_or(sqlite, Postgres::uri),
            agents: options.agents,
            config: options.config,
            quotas: options.quotas,
        });
        let lab = Self { synapse, tracker, bridge, postgres, proxy, folder };
        lab.bridge.start().await;
        lab
    }

    /// Between the bridge and Request Tracker.
    pub fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().expect("the options ask for it")
    }

    /// Gone with the lab, if the test passes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub async fn person(&self, localpart: &str, name: &str) -> Person {
        Person::new(&self.synapse, localpart, name).await
    }

    pub async fn anna(&self) -> Person {
        self.person("anna", "Anna on Matrix").await
    }

    pub async fn bert(&self) -> Person {
        self.person("bert", "Bert on Matrix").await
    }

    pub async fn clara(&self) -> Person {
        self.person("clara", "Clara Customer").await
    }
}

/// What of a text, or of the HTML that it is, would be recognised in a log: lines and what stands between tags.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '<', '>']).map(str::trim).filter(|piece| piece.chars().count() >= SHORTEST_PIECE)
}

/// Below /tmp, where PostgreSQL's own user can enter it.
fn make_folder() -> PathBuf {
    let folder = Path::new("/tmp").join(format!("ticketroom-e2e-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o711)).expect("its rights can be set");
    folder
}
