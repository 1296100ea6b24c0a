//! What the homeserver says: that it is one, that it knows us, and by which name.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{ping, right, wrong};
use crate::{config::Config, helpdesk::Finding, net};

/// The first version of the specification with the ping that asks the homeserver to call us.
const NEEDED_VERSION: &str = "v1.7";
/// Shorter than in the bridge: somebody sits and waits.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The homeserver's address and our token, for a few plain calls.
pub struct Caller<'a> {
    client: Client,
    pub config: &'a Config,
}

/// What came back: the status and the JSON, if it was any.
pub struct Reply {
    pub status: StatusCode,
    pub json: Value,
}

impl Reply {
    pub fn text(&self, key: &str) -> &str {
        self.json.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Caller<'_> {
    /// With our token.
    pub async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Reply, String> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = self.config.appservice.as_token.expose_secret();
        let mut request = self.client.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        reply(request).await
    }

    /// Without our token: Synapse refuses even `/versions` with one that it does not know.
    async fn versions(&self) -> Result<Reply, String> {
        reply(self.client.get(self.url(&["_matrix", "client", "versions"]))).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.config.homeserver.address.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        url
    }
}

async fn reply(request: RequestBuilder) -> Result<Reply, String> {
    let response = request.timeout(TIMEOUT).send().await.map_err(net::why)?;
    let status = response.status();
    let body = net::read_limited(response, net::ANSWER_MAX_BYTES).await.map_err(|error| error.to_string())?;
    Ok(Reply { status, json: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

/// Stops at the first thing without which the rest can't be found out.
pub async fn check(config: &Config) -> Vec<Finding> {
    let client = match net::homeserver_client() {
        Ok(client) => client,
        Err(error) => return vec![wrong("homeserver", net::why(error))],
    };
    let caller = Caller { client, config };
    let mut findings = Vec::new();
    let steps = async {
        findings.push(reachable(&caller).await?);
        findings.extend(known(&caller).await?);
        findings.push(bot(&caller).await?);
        findings.extend(ping::check(&caller).await);
        Ok::<(), Finding>(())
    };
    if let Err(last) = steps.await {
        findings.push(last);
    }
    findings
}

async fn reachable(caller: &Caller<'_>) -> Result<Finding, Finding> {
    let name = "homeserver answers";
    let reply = caller
        .versions()
        .await
        .map_err(|why| wrong(name, format!("{why}: start the homeserver, or correct homeserver.address")))?;
    if reply.status.is_redirection() {
        return Err(wrong(name, "it sends us elsewhere: set homeserver.address to where it really answers"));
    }
    let Some(versions) = reply.json.get("versions").and_then(Value::as_array) else {
        let status = reply.status.as_u16();
        return Err(wrong(name, format!("what answers (HTTP {status}) is no homeserver: correct homeserver.address")));
    };
    if !versions.iter().any(|version| version == NEEDED_VERSION) {
        return Err(wrong(name, format!("it does not speak Matrix {NEEDED_VERSION}: update it")));
    }
    Ok(right(name))
}

/// The sender of the registration always exists, and its id tells the homeserver's own name.
async fn known(caller: &Caller<'_>) -> Result<Vec<Finding>, Finding> {
    let name = "homeserver knows our as_token";
    let reply = whoami(caller, &[]).await.map_err(|why| wrong(name, format!("{why}: try again")))?;
    match reply.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let mend = "it refuses it: name registration.yaml in the homeserver's app_service_config_files, restart the homeserver, \
                        and see that appservice.as_token is the one in that file";
            return Err(wrong(name, mend));
        }
        status => {
            return Err(wrong(name, format!("it answers HTTP {}: look into its log", status.as_u16())));
        }
    }
    let id = reply.text("user_id");
    let (localpart, domain) = id.trim_start_matches('@').split_once(':').unwrap_or_default();
    let (homeserver, appservice) = (&caller.config.homeserver, &caller.config.appservice);
    let domain_finding = if domain == homeserver.domain {
        right(format!("homeserver's name is {domain}"))
    } else {
        // All that follows would fail for this one reason.
        let mend =
            format!("it calls itself {domain}: set homeserver.domain to that, and mend the registration's namespaces");
        return Err(wrong(format!("homeserver's name is {}", homeserver.domain), mend));
    };
    let sender = if localpart == appservice.sender_localpart {
        right("homeserver knows our sender_localpart")
    } else {
        let mend = format!("it knows {localpart}: correct the registration that it has loaded, and restart it");
        wrong("homeserver knows our sender_localpart", mend)
    };
    Ok(vec![right(name), domain_finding, sender])
}

async fn bot(caller: &Caller<'_>) -> Result<Finding, Finding> {
    let bot = caller.config.bot.as_str();
    let name = format!("homeserver lets us act as {bot}");
    let reply = whoami(caller, &[("user_id", bot)]).await.map_err(|why| wrong(&name, format!("{why}: try again")))?;
    if reply.status == StatusCode::OK {
        return Ok(right(name));
    }
    // Synapse refuses both with M_FORBIDDEN; only the words tell a bot that is not made yet from one that never can be.
    if reply.text("error").contains("not registered") {
        return Ok(right(format!("{name} (made at the first start)")));
    }
    Ok(wrong(
        name,
        "it is outside of the registration's users: correct namespaces.users in the registration and restart the homeserver",
    ))
}

async fn whoami(caller: &Caller<'_>, query: &[(&str, &str)]) -> Result<Reply, String> {
    caller.call(Method::GET, &["_matrix", "client", "v3", "account", "whoami"], query, None).await
}

/// Asks the homeserver to call us.
pub async fn ping(caller: &Caller<'_>) -> Result<Reply, String> {
    let id = caller.config.appservice.id.as_str();
    let body = json!({ "transaction_id": "ticketroom-check" });
    caller.call(Method::POST, &["_matrix", "client", "v1", "appservice", id, "ping"], &[], Some(body)).await
}
