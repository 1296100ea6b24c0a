//! The oracle: what was acknowledged is an obligation. It knows all that was written, is shown all that can be read, and
//! counts what is missing, doubled, reordered within a ticket, changed or invented.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::files::File;
use crate::notices::Oddities;

/// Which side somebody wrote on; it is read on the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum From {
    Matrix,
    Helpdesk,
    /// A draft in the desk's room: it is read in the ticket's room,
    Draft,
    /// and in the helpdesk.
    DraftInHelpdesk,
    /// A video session, which leaves more than one thing.
    Session(Trace),
}

/// What a video session leaves, in the order of `Trace::ALL`: in the room the invitation with its link and the notice of its
/// end, in the helpdesk the link, and a comment on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trace {
    Invitation,
    End,
    Link,
    Comment,
    EndComment,
}

impl Trace {
    pub const ALL: [Self; 5] = [Self::Invitation, Self::End, Self::Link, Self::Comment, Self::EndComment];
}

impl From {
    pub const BOTH: [Self; 2] = [Self::Matrix, Self::Helpdesk];
    const DRAFT: [Self; 2] = [Self::Draft, Self::DraftInHelpdesk];

    /// How ids say it. Those of a draft are the same on both sides, those of a session wherever it leaves something.
    fn letter(self) -> char {
        match self {
            Self::Matrix => 'm',
            Self::Helpdesk => 'h',
            Self::Draft | Self::DraftInHelpdesk => 'd',
            Self::Session(_) => 'v',
        }
    }
}

/// A ticket (by its place among those of the run), and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    pub ticket: usize,
    pub from: From,
}

#[derive(Clone, Debug)]
struct Written {
    id: String,
    text: String,
    acknowledged: bool,
    /// It was refused for good: it is to be reported where it was written, and not to arrive.
    doomed: bool,
}

/// All that was written, by channel and in order.
#[derive(Clone, Debug, Default)]
pub struct Book {
    tag: String,
    channels: BTreeMap<Channel, Vec<Written>>,
}

/// Where a written message stands in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub channel: Channel,
    at: usize,
}

/// What can be read on the other side of each channel: one text for each message, in order.
#[derive(Clone, Debug, Default)]
pub struct Read {
    texts: BTreeMap<Channel, Vec<String>>,
    /// What the bridge said itself, and should not have.
    pub oddities: Oddities,
    pub speakers: Speakers,
}

/// Under which accounts replies of the helpdesk's agent and drafts of the other one are said: each has one.
#[derive(Clone, Debug, Default)]
pub struct Speakers([BTreeSet<String>; 2]);

impl Speakers {
    pub fn note(&mut self, of_draft: bool, speaker: &str) {
        self.0[usize::from(of_draft)].insert(speaker.to_owned());
    }

    fn confused(&self) -> Option<String> {
        let [replies, drafts] = &self.0;
        let is_clear = replies.len() <= 1 && drafts.len() <= 1 && replies.is_disjoint(drafts);
        (!is_clear).then(|| format!("replies are said by {replies:?}, drafts by {drafts:?}"))
    }
}

impl Read {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn insert(&mut self, channel: Channel, texts: Vec<String>) {
        self.texts.insert(channel, texts);
    }
}

impl<const N: usize> std::convert::From<[(Channel, Vec<String>); N]> for Read {
    fn from(texts: [(Channel, Vec<String>); N]) -> Self {
        Self { texts: texts.into(), ..Self::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many were acknowledged.
    pub obligations: usize,
    pub missing: Vec<String>,
    pub doubled: Vec<String>,
    pub reordered: Vec<String>,
    pub changed: Vec<String>,
    pub invented: Vec<String>,
}

impl Verdict {
    pub fn is_clean(&self) -> bool {
        self.counts() == [0; 5]
    }

    /// Missing, doubled, reordered, changed, invented.
    pub fn counts(&self) -> [usize; 5] {
        [&self.missing, &self.doubled, &self.reordered, &self.changed, &self.invented].map(Vec::len)
    }

    /// What another world's is besides.
    pub fn add(&mut self, other: Self) {
        self.obligations += other.obligations;
        self.missing.extend(other.missing);
        self.doubled.extend(other.doubled);
        self.reordered.extend(other.reordered);
        self.changed.extend(other.changed);
        self.invented.extend(other.invented);
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [missing, doubled, reordered, changed, invented] = self.counts();
        write!(
            f,
            "{} acknowledged: {missing} missing, {doubled} doubled, {reordered} reordered, {changed} changed, \
             {invented} invented",
            self.obligations
        )?;
        for (what, which) in [
            ("missing", &self.missing),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("changed", &self.changed),
            ("invented", &self.invented),
        ] {
            for one in which.iter().take(20) {
                write!(f, "\n  {what}: {one}")?;
            }
        }
        Ok(())
    }
}

impl Book {
    /// `tag` sets this run's ids apart from all others.
    pub fn new(tag: &str) -> Self {
        Self { tag: tag.to_owned(), channels: BTreeMap::new() }
    }

    /// A new message of this channel: its text begins with an id that is nowhere else.
    pub fn write(&mut self, channel: Channel, words: &str) -> (Entry, String) {
        let at = self.written_in(channel);
        let id = self.nth(channel, at);
        let text = format!("{id} {words}").trim_end().to_owned();
        let written = Written { id, text: text.clone(), acknowledged: false, doomed: false };
        self.channels.entry(channel).or_default().push(written);
        (Entry { channel, at }, text)
    }

    /// The id of the message that was written there as this one, from 0 on.
    pub fn nth(&self, channel: Channel, at: usize) -> String {
        format!("q{}{}{}n{at}q", self.tag, channel.from.letter(), channel.ticket)
    }

    /// The same of a file: its name is the text, and what it holds is read back, too.
    pub fn write_file(&mut self, channel: Channel) -> (Entry, File) {
        let (entry, _) = self.write(channel, "");
        let file = File::new(self.id(entry), entry.at);
        self.of(entry).text = file.described();
        (entry, file)
    }

    /// The same of a draft, which is to come to both sides; `becomes` says what is to be read of what is typed.
    pub fn write_draft(
        &mut self,
        ticket: usize,
        words: &str,
        becomes: impl Fn(&str) -> String,
    ) -> ([Entry; 2], String) {
        let [room, helpdesk] = From::DRAFT.map(|from| self.write(Channel { ticket, from }, words));
        for entry in [room.0, helpdesk.0] {
            self.of(entry).text = becomes(&room.1);
        }
        ([room.0, helpdesk.0], room.1)
    }

    /// The same of a video session: one entry for each thing that it is to leave.
    pub fn write_session(&mut self, ticket: usize) -> [Entry; 5] {
        Trace::ALL.map(|trace| self.write(Channel { ticket, from: From::Session(trace) }, "").0)
    }

    /// How much was written in this channel so far.
    pub fn written_in(&self, channel: Channel) -> usize {
        self.channels.get(&channel).map_or(0, Vec::len)
    }

    /// Whether a draft's id stands in it.
    pub fn is_draft(&self, text: &str) -> bool {
        self.side_of(text) == Some(From::Draft.letter())
    }

    /// Whether it was written in the helpdesk.
    pub fn is_from_helpdesk(&self, text: &str) -> bool {
        self.side_of(text) == Some(From::Helpdesk.letter())
    }

    /// Whether somebody wrote it whose next words do not wait for an answer.
    pub fn is_plain(&self, id: &str) -> bool {
        From::BOTH.iter().any(|from| self.side_of(id) == Some(from.letter()))
    }

    fn side_of(&self, text: &str) -> Option<char> {
        self.id_in(text)?.get(1 + self.tag.len()..)?.chars().next()
    }

    /// Whether this is of something that was refused for good.
    pub fn is_doomed(&self, text: &str) -> bool {
        let id = self.id_in(text);
        self.channels.values().flatten().any(|one| one.doomed && Some(one.id.as_str()) == id)
    }

    /// How much of this channel was refused for good.
    pub fn doomed_in(&self, channel: Channel) -> usize {
        self.channels.get(&channel).map_or(0, |written| written.iter().filter(|one| one.doomed).count())
    }

    /// Whoever took it said so: from now on it is an obligation.
    pub fn acknowledged(&mut self, entry: Entry) {
        self.of(entry).acknowledged = true;
    }

    /// It will be refused for good.
    pub fn doomed(&mut self, entry: Entry) {
        self.of(entry).doomed = true;
    }

    pub fn id(&self, entry: Entry) -> &str {
        &self.channels[&entry.channel][entry.at].id
    }

    fn of(&mut self, entry: Entry) -> &mut Written {
        &mut self.channels.get_mut(&entry.channel).expect("a known channel")[entry.at]
    }

    /// The id within a text, if any of this run's is there.
    pub fn id_in<'a>(&self, text: &'a str) -> Option<&'a str> {
        let start = text.find(&format!("q{}", self.tag))?;
        let length = text[start + 1..].find('q')?;
        Some(&text[start..start + length + 2])
    }

    pub fn judge(&self, read: &Read) -> Verdict {
        let mut verdict = Verdict::default();
        let nothing = Vec::new();
        for (channel, written) in &self.channels {
            self.judge_channel(written, read.texts.get(channel).unwrap_or(&nothing), &mut verdict);
        }
        for (_, texts) in read.texts.iter().filter(|(channel, _)| !self.channels.contains_key(channel)) {
            verdict.invented.extend(texts.iter().cloned());
        }
        verdict.changed.extend(read.speakers.confused());
        verdict.doubled.extend(read.oddities.doubled.iter().cloned());
        verdict.invented.extend(read.oddities.invented.iter().cloned());
        verdict
    }

    fn judge_channel(&self, written: &[Written], read: &[String], verdict: &mut Verdict) {
        let places: HashMap<&str, usize> = written.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
        let mut times = vec![0_usize; written.len()];
        let mut latest = None;
        for text in read {
            let Some(at) = self.id_in(text).and_then(|id| places.get(id).copied()) else {
                verdict.invented.push(text.clone());
                continue;
            };
            let one = &written[at];
            times[at] += 1;
            if times[at] > 1 {
                verdict.doubled.push(one.id.clone());
                continue;
            }
            if one.doomed {
                verdict.invented.push(one.text.clone());
            }
            if *text != one.text {
                verdict.changed.push(format!("{text:?} instead of {:?}", one.text));
            }
            if latest.is_some_and(|latest| at < latest) {
                verdict.reordered.push(one.id.clone());
            }
            latest = latest.max(Some(at));
        }
        for (one, times) in written.iter().zip(times) {
            verdict.obligations += usize::from(one.acknowledged);
            if one.acknowledged && !one.doomed && times == 0 {
                verdict.missing.push(one.id.clone());
            }
        }
    }
}
