//! Which transactions are asked for: those that can tell something.

use serde_json::json;

use super::wire::{FieldDefinition, List};
use super::{RequestTracker, create};
use crate::model::Failure;

/// Mails that were sent tell nothing, and a change of owner is told by `Set` already.
pub(super) const TELLING: &str =
    "Type != 'EmailRecord' AND Type != 'CommentEmailRecord' AND Type != 'SetWatcher' AND Type != 'SystemError'";

/// As TicketSQL. Of custom fields only those that we read: Request Tracker cuts changes of fields that we may not see from a
/// page only after it was filled, so that many of them would leave nothing of it.
pub(super) async fn telling(rt: &RequestTracker) -> Result<String, Failure> {
    if let Some(known) = rt.telling.get(&()) {
        return Ok(known);
    }
    let telling = match fields(rt).await? {
        Some(fields) => {
            let ours: String = fields.iter().map(|id| format!(" OR Field = '{id}'")).collect();
            format!("{TELLING} AND (Type != 'CustomField'{ours})")
        }
        None => TELLING.to_owned(),
    };
    rt.telling.put((), telling.clone());
    Ok(telling)
}

/// `None`: one that we need is not shown to us, and may be all the same in the tickets of some queue.
async fn fields(rt: &RequestTracker) -> Result<Option<Vec<u64>>, Failure> {
    let internal = rt.config.internal.as_ref().map(|internal| internal.field.as_str());
    let mut filter = vec![json!({ "field": "LookupType", "value": "RT::Queue-RT::Ticket" })];
    for name in [create::DEVICE, create::TEMPLATE].into_iter().chain(internal) {
        filter.push(json!({ "field": "Name", "value": name }));
    }
    let query = [("fields", "Name"), ("per_page", "100")];
    let found: List<FieldDefinition> = rt.client.search(&["customfields"], &query, &filter.into()).await?.ok()?;
    let found: Vec<FieldDefinition> = found.into_iter().filter(|field| field.id > 0).collect();
    let is_shown = |name: &str| found.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    Ok(internal.is_none_or(is_shown).then(|| found.iter().map(|field| field.id).collect()))
}
