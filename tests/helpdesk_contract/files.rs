//! Files: what goes in comes out again, whole, under its name, with the message that it belongs to.

use std::sync::Arc;

use ticketroom::files::{NotCarried, Spool, Spooled};
use ticketroom::helpdesk::{Helpdesk, NewFile};
use ticketroom::model::{File, FileSource, Refusal, RichText, TicketId};

use super::claims::general;
use super::worlds::World;
use crate::common::fixtures::{customer, event, new_message, new_ticket, words};

/// Files on their way to a helpdesk and back.
struct Way {
    _folder: tempfile::TempDir,
    spool: Spool,
}

impl Way {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        Self { _folder: folder, spool }
    }

    async fn file(&self, name: &str, media_type: &str, bytes: &[u8]) -> NewFile {
        let mut into = self.spool.begin(u64::MAX).await.unwrap();
        into.write(bytes).await.unwrap();
        let content: Spooled = into.finish().await.unwrap();
        NewFile { name: name.to_owned(), media_type: media_type.to_owned(), content: Arc::new(content) }
    }

    async fn fetch(&self, helpdesk: &dyn Helpdesk, file: &File, max_bytes: u64) -> Result<Vec<u8>, NotCarried> {
        let FileSource::Helpdesk { message, file } = &file.source else { panic!("not in the helpdesk: {file:?}") };
        let into = self.spool.begin(max_bytes).await.unwrap();
        let spooled = helpdesk.file(message, file, into).await?;
        Ok(std::fs::read(spooled.path()).unwrap())
    }
}

async fn ticket(world: &dyn World) -> TicketId {
    let desk = general(world.helpdesk()).await;
    world.helpdesk().create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap()
}

/// All byte values, in an order that compresses badly.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| (n * 7 + n / 251) as u8).collect()
}

pub async fn files_of_a_message_come_out_as_they_went_in(world: &dyn World) {
    let (helpdesk, way) = (world.helpdesk(), Way::new());
    let id = ticket(world).await;
    let (picture, text) = (bytes(100_001), "Grüße\r\n漢字\n".as_bytes().to_vec());
    let mut new = new_message(&id, customer("ada"), "See both", "m1");
    new.files = vec![
        way.file("Rückgabe 漢字 🦀.png", "image/png", &picture).await,
        way.file("note.txt", "text/plain", &text).await,
    ];
    let message = helpdesk.post(&new).await.unwrap().unwrap();
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    assert_eq!((words(&read.body).as_str(), read.author.name.as_str()), ("See both", "Ada"));
    assert_eq!(read.marker, Some(event("m1")));
    let names: Vec<_> = read.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["Rückgabe 漢字 🦀.png", "note.txt"]);
    assert_eq!(way.fetch(helpdesk, &read.files[0], u64::MAX).await.unwrap(), picture);
    assert_eq!(way.fetch(helpdesk, &read.files[1], u64::MAX).await.unwrap(), text);
    let too_large = way.fetch(helpdesk, &read.files[0], 100_000).await;
    assert_eq!(too_large, Err(NotCarried::Refused(Refusal::TooLarge { max_bytes: 100_000 })));
}

pub async fn a_file_without_words_bears_its_marker_and_its_author(world: &dyn World) {
    let (helpdesk, way) = (world.helpdesk(), Way::new());
    let id = ticket(world).await;
    let mut new = new_message(&id, customer("bob"), "", "m1");
    new.body = RichText::default();
    new.files = vec![way.file("leak.png", "image/png", &bytes(500)).await];
    let message = helpdesk.post(&new).await.unwrap().unwrap();
    assert_eq!(helpdesk.find_message(&id, &event("m1")).await.unwrap(), Some(message.clone()));
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    assert_eq!((read.author.name.as_str(), read.body.is_empty(), read.files.len()), ("Bob", true, 1));
    assert_eq!(read.marker, Some(event("m1")));
}

pub async fn a_ticket_may_be_opened_by_a_file(world: &dyn World) {
    let (helpdesk, way) = (world.helpdesk(), Way::new());
    let desk = general(helpdesk).await;
    let mut new = new_ticket(&desk.id, "leak.png", "one");
    new.body = RichText::default();
    let picture = bytes(3_000);
    new.files = vec![way.file("leak.png", "image/png", &picture).await];
    let id = helpdesk.create_ticket(&new).await.unwrap();
    assert_eq!(helpdesk.find_ticket(&event("one")).await.unwrap(), Some(id.clone()));
    let snapshot = helpdesk.ticket(&id).await.unwrap().unwrap();
    assert_eq!((snapshot.author.unwrap().name.as_str(), snapshot.description.is_empty()), ("Ada", true));
    let [file] = snapshot.files.as_slice() else { panic!("one file: {:?}", snapshot.files) };
    assert_eq!(way.fetch(helpdesk, file, u64::MAX).await.unwrap(), picture);
}

pub async fn a_file_that_is_not_there_is_gone(world: &dyn World) {
    let (helpdesk, way) = (world.helpdesk(), Way::new());
    for id in ["999999", "x", "../1"] {
        let into = way.spool.begin(10).await.unwrap();
        let fetched = helpdesk.file(&ticketroom::model::MessageId::new("1"), id, into).await;
        assert_eq!(fetched.map(drop), Err(NotCarried::Refused(Refusal::Gone)), "{id}");
    }
}
