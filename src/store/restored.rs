//! The mark that the database is an older copy than what was run on: `ticketroom restored` sets it, delivery takes it away.

use super::open::file_of;
use super::{Step, StoreError, open};

/// The cursor whose text is the mark; empty: there is none.
pub const RESTORED: &str = "restored";

/// While nobody runs on it: whoever does would not see the mark.
pub async fn mark_restored(uri: &str, now_ms: i64) -> Result<(), StoreError> {
    if let Some(file) = file_of(uri)?
        && !file.exists()
    {
        return Err(StoreError::Refused(format!("there is no {}: put the copy there first", file.display())));
    }
    let opened = open(uri).await?;
    let mark = Step { cursors: vec![(RESTORED, now_ms.to_string())], ..Step::default() };
    opened.backend.commit(opened.fence, now_ms, &[mark]).await?;
    Ok(())
}
