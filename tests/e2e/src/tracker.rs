//! The real Request Tracker: `scripts/start-rt`, and people who work in it over its REST interface.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::api::{Api, install_tls, segment};
use crate::ports;
use crate::process::{Process, project, script};
use crate::proxy::Proxy;
use crate::wait;

pub struct Tracker {
    pub process: Process,
    pub url: String,
    pub(crate) folder: PathBuf,
}

impl Tracker {
    pub fn new(folder: &Path) -> Self {
        let port = ports::free();
        let data = folder.join("rt");
        let arguments = vec![data.to_string_lossy().into_owned(), port.to_string()];
        let process = Process::new("rt", script("start-rt"), arguments, folder);
        Self { process, url: format!("http://127.0.0.1:{port}"), folder: data }
    }

    pub async fn start(&self) {
        self.process.start(&[]);
        // The first start of all makes the database that later ones copy.
        wait::until_within(3 * wait::PATIENCE, "Request Tracker to answer", || async {
            if let Some(status) = self.process.has_ended() {
                panic!("Request Tracker ended ({status}):\n{}", self.process.log_tail(20));
            }
            let token = self.tokens().remove("BRIDGE").ok_or("no tokens yet")?;
            let answer = self.api(&token).get("/REST/2.0/rt").await?;
            if answer.status == 200 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.body)) }
        })
        .await
    }

    pub fn kill9(&self) {
        self.process.kill9();
    }

    /// Runs the seed again, as an admin does who wants hints to be given to the bridge at this address.
    pub fn give_hints(&self, bridge: &str, token: &str) {
        let file = self.folder.join("hint-token");
        std::fs::write(&file, format!("{token}\n")).expect("the token can be written");
        let output = std::process::Command::new("/usr/sbin/rt-setup-database-5")
            .args(["--action", "insert", "--datafile"])
            .arg(project().join("helpdesk/request-tracker/seed.pl"))
            .env("RT_SITE_CONFIG", self.folder.join("RT_SiteConfig.pm"))
            .env("RT_SITE_CONFIG_DIR", "/dev/null")
            .envs([("RT_DBA_USER", "none"), ("RT_DBA_PASSWORD", "none"), ("TICKETROOM_HINT_URL", bridge)])
            .env("TICKETROOM_HINT_TOKEN_FILE", &file)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("Request Tracker's own program: run scripts/install");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("everything is in place"), "{said}");
    }

    /// A proxy in front of it, for whoever shall not notice.
    #[allow(clippy::disallowed_methods, reason = "the tests' own client, beside the product's")]
    pub async fn behind_proxy(&self) -> Proxy {
        install_tls();
        Proxy::start(&self.url.parse().expect("an address"), &reqwest::Client::new()).await
    }

    fn tokens(&self) -> HashMap<String, String> {
        let text = std::fs::read_to_string(self.folder.join("tokens.env")).unwrap_or_default();
        let pair = |line: &str| line.split_once("_TOKEN=").map(|(name, token)| (name.to_owned(), token.to_owned()));
        text.lines().filter_map(pair).collect()
    }

    pub fn token(&self, name: &str) -> String {
        self.tokens().remove(name).unwrap_or_else(|| panic!("no {name}_TOKEN in tokens.env"))
    }

    fn api(&self, token: &str) -> Api {
        Api::new(&self.url, format!("token {token}"))
    }

    /// A mail to a ticket as the mail gateway hands it over, which answers another one where that is named.
    pub async fn mail(&self, from: &str, ticket: u64, answered: Option<&str>, html: &str) {
        let answered = answered.map(|id| format!("In-Reply-To: {id}\n")).unwrap_or_default();
        let message = format!(
            "From: {from}\nTo: rt@desk.example.org\nSubject: Re: [ticketroom #{ticket}] x\nMIME-Version: 1.0\n\
             Content-Type: text/html; charset=utf-8\n{answered}\n{html}\n"
        );
        let fields = [("queue", "General"), ("action", "correspond"), ("message", message.as_str())];
        let answer = self.api("").post_fields("/REST/1.0/NoAuth/mail-gateway", &fields).await;
        assert!(answer.starts_with("ok"), "{answer}");
    }

    /// Somebody with an account: `ANNA`, `BERT`, `CARLA`, `ROOT`.
    pub fn person(&self, name: &str) -> TrackerPerson {
        TrackerPerson { api: self.api(&self.token(name)) }
    }
}

pub struct TrackerPerson {
    api: Api,
}

impl TrackerPerson {
    pub async fn open(&self, queue: &str, subject: &str, requestor: &str, html: &str) -> u64 {
        self.open_with(queue, subject, requestor, html, json!({})).await
    }

    pub async fn open_with(&self, queue: &str, subject: &str, requestor: &str, html: &str, fields: Value) -> u64 {
        let ticket = json!({"Queue": queue, "Subject": subject, "Requestor": requestor, "Content": html,
            "ContentType": "text/html", "CustomFields": fields});
        let id = self.api.post("/REST/2.0/ticket", &ticket).await.ok()["id"].clone();
        id.as_u64().or_else(|| id.as_str()?.parse().ok()).unwrap_or_else(|| panic!("no ticket id in {id}"))
    }

    pub async fn reply(&self, ticket: u64, html: &str) {
        let message = json!({"Content": html, "ContentType": "text/html"});
        self.api.post(&format!("/REST/2.0/ticket/{ticket}/correspond"), &message).await.ok();
    }

    /// With files, as from RT's own page.
    pub async fn reply_with_files(&self, ticket: u64, html: &str, files: &[(&str, &str, Vec<u8>)]) {
        let message = json!({"Content": html, "ContentType": "text/html"});
        let mut form = Form::new().percent_encode_noop().text("JSON", message.to_string());
        for (name, media_type, bytes) in files {
            let part = Part::bytes(bytes.clone()).file_name((*name).to_owned()).mime_str(media_type);
            form = form.part("Attachments", part.expect("a media type"));
        }
        self.api.post_form(&format!("/REST/2.0/ticket/{ticket}/correspond"), form).await.ok();
    }

    /// A mail as the mail gateway hands it over.
    pub async fn mail(&self, message: &str) {
        let form =
            Form::new().text("queue", "General").text("action", "correspond").text("message", message.to_owned());
        let answer = self.api.post_form("/REST/1.0/NoAuth/mail-gateway", form).await;
        assert!(answer.body.as_str().is_some_and(|said| said.starts_with("ok")), "{answer:?}");
    }

    /// As the mail gateway of an agent's mail program would: plain text.
    pub async fn reply_plain(&self, ticket: u64, text: &str) {
        let message = json!({"Content": text, "ContentType": "text/plain"});
        self.api.post(&format!("/REST/2.0/ticket/{ticket}/correspond"), &message).await.ok();
    }

    pub async fn reply_with_fields(&self, ticket: u64, text: &str, fields: Value) {
        let message = json!({"Content": text, "ContentType": "text/plain", "TxnCustomFields": fields});
        self.api.post(&format!("/REST/2.0/ticket/{ticket}/correspond"), &message).await.ok();
    }

    pub async fn comment(&self, ticket: u64, text: &str) {
        let message = json!({"Content": text, "ContentType": "text/plain"});
        self.api.post(&format!("/REST/2.0/ticket/{ticket}/comment"), &message).await.ok();
    }

    /// RT answers 200 with a text also where it refused: what matters is read back by the test.
    pub async fn change(&self, ticket: u64, fields: Value) {
        self.api.ask(Method::PUT, &format!("/REST/2.0/ticket/{ticket}"), Some(&fields)).await.expect("RT answers").ok();
    }

    pub async fn take(&self, ticket: u64) {
        self.api.put(&format!("/REST/2.0/ticket/{ticket}/take"), &json!({})).await.ok();
    }

    pub async fn make_customer(&self, login: &str, name: &str, more: Value) {
        let mut user = json!({"Name": login, "RealName": name, "Privileged": 0});
        if let (Some(user), Some(more)) = (user.as_object_mut(), more.as_object()) {
            user.extend(more.clone());
        }
        self.api.post("/REST/2.0/user", &user).await.ok();
    }

    /// All that RT says of a ticket.
    pub async fn ticket(&self, ticket: u64) -> Value {
        self.api.get(&format!("/REST/2.0/ticket/{ticket}")).await.expect("RT answers").ok()
    }

    pub async fn user(&self, login: &str) -> Value {
        self.api.get(&format!("/REST/2.0/user/{}", segment(login))).await.expect("RT answers").ok()
    }
}
