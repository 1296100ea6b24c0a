//! A request that hangs at the homeserver and breaks when it dies: a `/sync` of a user who is in no room, so that nothing
//! wakes it. Spec: <https://spec.matrix.org/v1.18/client-server-api/#syncing>.

use std::time::Duration;

use ruma::UserId;
use ruma::api::client::filter::FilterDefinition;
use ruma::api::client::sync::sync_events::v3;
use ruma::presence::PresenceState;

use super::call_error::CallError;
use super::client::Homeserver;

/// Returns after `hold`, with where to go on; without `since` at once.
pub async fn hang(
    homeserver: &Homeserver,
    user: &UserId,
    since: Option<String>,
    hold: Duration,
) -> Result<String, CallError> {
    let mut request = v3::Request::new();
    request.since = since;
    request.filter = Some(FilterDefinition::ignore_all().into());
    request.set_presence = PresenceState::Offline;
    request.timeout = Some(hold);
    Ok(homeserver.call(user, request).await?.next_batch)
}
