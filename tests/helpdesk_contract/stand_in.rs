//! Claims that need a helpdesk in which much can be made at once: the adapter before the stand-in for Request Tracker.

use std::time::Duration;

use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::request_tracker::{Config, RequestTracker, open};
use ticketroom::model::{Search, Shelf};
use ticketroom::net::{HelpdeskLimits, helpdesk_client};

use crate::tracker::{ARTICLES, BRIDGE_TOKEN, Tracker};

pub fn adapter(tracker: &Tracker, with: impl FnOnce(Config) -> Config) -> RequestTracker {
    let http = helpdesk_client(HelpdeskLimits { timeout: Duration::from_secs(30), parallel: 4 }).unwrap();
    open(with(Config::new(tracker.url.clone(), BRIDGE_TOKEN.to_owned().into())), http).unwrap()
}

/// Which of them are for the desk of the ticket is looked at later.
#[tokio::test]
async fn building_blocks_of_other_desks_leave_none_out() {
    let tracker = Tracker::start().await;
    for n in 0..240 {
        tracker.world().articles.push((format!("Block {n}"), "Elsewhere".to_owned()));
    }
    tracker.world().articles.push(("The last block".to_owned(), "Pumps".to_owned()));
    let class = Some(ARTICLES.to_owned());
    let helpdesk = adapter(&tracker, |config| Config { block_class: class.clone(), article_class: class, ..config });
    let search = |shelf, words: &str| Search { shelf, words: words.to_owned() };
    for words in ["", "block"] {
        let found = helpdesk.search(&search(Shelf::Blocks, words), None).await.unwrap();
        assert_eq!(found.len(), 241);
        assert_eq!(
            found.last().map(|block| (block.title.as_str(), block.desks.as_slice())),
            Some(("The last block", &["Pumps".to_owned()][..]))
        );
    }
    // Of links, which are for all desks, nobody looks through more.
    assert_eq!(helpdesk.search(&search(Shelf::Links, ""), None).await.unwrap().len(), 30);
}
