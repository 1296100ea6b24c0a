//! The oracle: what was acknowledged is an obligation. It knows all that was written, is shown all that can be read, and
//! counts what is missing, doubled, reordered within a ticket, changed or invented.

use std::collections::{BTreeMap, HashMap};

/// Which side somebody wrote on; it is read on the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum From {
    Matrix,
    Helpdesk,
}

impl From {
    pub const BOTH: [Self; 2] = [Self::Matrix, Self::Helpdesk];
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
pub type Read = BTreeMap<Channel, Vec<String>>;

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
        let side = if channel.from == From::Matrix { 'm' } else { 'h' };
        let written = self.channels.entry(channel).or_default();
        let at = written.len();
        let id = format!("q{}{side}{}n{at}q", self.tag, channel.ticket);
        let text = format!("{id} {words}").trim_end().to_owned();
        written.push(Written { id, text: text.clone(), acknowledged: false, doomed: false });
        (Entry { channel, at }, text)
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
    fn id_in<'a>(&self, text: &'a str) -> Option<&'a str> {
        let start = text.find(&format!("q{}", self.tag))?;
        let length = text[start + 1..].find('q')?;
        Some(&text[start..start + length + 2])
    }

    pub fn judge(&self, read: &Read) -> Verdict {
        let mut verdict = Verdict::default();
        let nothing = Vec::new();
        for (channel, written) in &self.channels {
            self.judge_channel(written, read.get(channel).unwrap_or(&nothing), &mut verdict);
        }
        for (_, texts) in read.iter().filter(|(channel, _)| !self.channels.contains_key(channel)) {
            verdict.invented.extend(texts.iter().cloned());
        }
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
