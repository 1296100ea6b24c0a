//! The real Synapse: `scripts/start-synapse`, and the little of it that needs no account.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::api::{Api, segment};
use crate::lab::Options;
use crate::ports;
use crate::process::{Process, script};
use crate::{sqlite, wait};

pub const DOMAIN: &str = "ticketroom.test";

pub struct Synapse {
    pub process: Process,
    pub url: String,
    folder: PathBuf,
    environment: [(&'static str, &'static str); 2],
}

impl Synapse {
    pub fn new(folder: &Path, registration: &Path, options: &Options) -> Self {
        let port = ports::free();
        let data = folder.join("synapse");
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        let arguments = vec![path(data.clone()), port.to_string(), path(registration.to_owned())];
        let process = Process::new("synapse", script("start-synapse"), arguments, folder);
        let environment = [("ROOM_VERSION", options.room_version), ("MAX_UPLOAD_SIZE", options.upload_limit)];
        Self { process, url: format!("http://127.0.0.1:{port}"), folder: data, environment }
    }

    pub async fn start(&self) {
        self.process.start(&self.environment);
        let api = self.anybody();
        wait::until("Synapse to answer", || async {
            if let Some(status) = self.process.has_ended() {
                panic!("Synapse ended ({status}):\n{}", self.process.log_tail(20));
            }
            api.get("/health").await.and_then(|answer| match answer.status {
                200 => Ok(()),
                other => Err(format!("status {other}")),
            })
        })
        .await
    }

    pub fn kill9(&self) {
        self.process.kill9();
    }

    pub fn api(&self, token: &str) -> Api {
        Api::new(&self.url, format!("Bearer {token}"))
    }

    fn anybody(&self) -> Api {
        Api::new(&self.url, String::new())
    }

    pub async fn register(&self, localpart: &str, password: &str) {
        let body = json!({"username": localpart, "password": password, "inhibit_login": true,
            "auth": {"type": "m.login.dummy"}});
        self.anybody().post("/_matrix/client/v3/register", &body).await.ok();
    }

    /// What people wrote, as long as it was not encrypted: also what was edited, refused or taken away since.
    pub fn written(&self) -> Vec<String> {
        let sql = "select json_extract(json, '$.content.body') body, json_extract(json, '$.content.formatted_body') html, \
                   json_extract(json, '$.content.\"m.new_content\".body') edited from event_json \
                   where json_extract(json, '$.type') = 'm.room.message' and json_extract(json, '$.sender') not like '@\\_desk\\_%' escape '\\'";
        let rows = sqlite::rows(&self.folder.join("homeserver.db"), sql).expect("the database answers");
        let texts = rows.iter().filter_map(Value::as_object).flat_map(|row| row.values());
        texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// The room behind an alias of ours (`ticket_4`), as soon as there is one.
    pub async fn room_of_alias(&self, token: &str, localpart: &str) -> Result<String, String> {
        let alias = format!("#{localpart}:{DOMAIN}");
        let answer = self.api(token).get(&format!("/_matrix/client/v3/directory/room/{}", segment(&alias))).await?;
        answer.body["room_id"].as_str().map(str::to_owned).ok_or_else(|| format!("{alias}: {}", answer.body))
    }
}
