//! How long a sound is and, for a voice message, how loud over time.

use std::fs::File;
use std::io::{self, BufReader};
use std::panic::catch_unwind;
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::pages::{Packets, Pages};
use super::waveform::Waveform;
use super::{Kind, Sound};
use crate::model::FileKind;

/// Packets that are counted at most where no header tells the length: a day of them.
const PACKETS_MAX: u64 = 5_000_000;
const OPUS_RATE: u64 = 48_000;

/// Blocks. `None`: it is no sound, or one that can't be measured.
pub fn look(path: &Path, kind: &Kind) -> io::Result<Option<Sound>> {
    let measure = match kind.word {
        "opus" | "vorbis" | "ogg" => in_ogg,
        "aac" | "flac" | "m4a" | "mp3" | "wav" => elsewhere,
        // The same containers hold films.
        "matroska" | "webm" if kind.shown_as == FileKind::Audio => elsewhere,
        _ => return Ok(None),
    };
    // A parser that panics costs the length, not the sound: a player may know better.
    catch_unwind(|| measure(path, kind)).unwrap_or(Ok(None))
}

/// How the positions of a stream count, and what belongs to no sound yet.
struct Stream {
    rate: u64,
    skipped: u64,
    waveform: Option<Waveform>,
}

fn in_ogg(path: &Path, _: &Kind) -> io::Result<Option<Sound>> {
    let mut pages = Pages(BufReader::new(File::open(path)?));
    let Some(first) = pages.next() else { return Ok(None) };
    let (mut packets, mut heads) = (Packets::default(), Vec::new());
    packets.feed(&first, |packet| heads.push(packet.to_vec()));
    let Some(mut stream) = heads.first().and_then(|head| begin(head)) else { return Ok(None) };
    let is_voice = stream.waveform.is_some();
    let mut end = first.position.unwrap_or_default();
    let mut feed = |packet: &[u8]| {
        if let Some(waveform) = &mut stream.waveform {
            waveform.feed(packet);
        }
    };
    heads.iter().skip(1).for_each(|packet| feed(packet));
    // What is broken further on was played up to there.
    for page in pages.filter(|page| page.serial == first.serial) {
        end = end.max(page.position.unwrap_or_default());
        packets.feed(&page, &mut feed);
    }
    let samples = end.saturating_sub(stream.skipped);
    let duration_ms = (u128::from(samples) * 1000 / u128::from(stream.rate.max(1))).try_into().unwrap_or(u64::MAX);
    let waveform = stream.waveform.map(Waveform::finish).unwrap_or_default();
    Ok((duration_ms > 0).then_some(Sound { duration_ms, waveform, is_voice }))
}

fn begin(head: &[u8]) -> Option<Stream> {
    let at = |range| head.get(range).unwrap_or_default();
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let stream = |rate, skipped, waveform| Some(Stream { rate, skipped, waveform });
    if head.starts_with(b"OpusHead") {
        let skipped = little(at(10..12));
        // Several streams in one packet are music, not a voice.
        let is_plain = head.get(18) == Some(&0);
        return stream(OPUS_RATE, skipped, is_plain.then(|| Waveform::new(skipped, 1)).flatten());
    }
    if head.starts_with(b"\x01vorbis") {
        return stream(little(at(12..16)), 0, None);
    }
    if head.starts_with(b"\x7fFLAC") {
        // 20 bits within the stream's description, which begins behind two headers.
        let rate = at(27..30).iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) >> 4;
        return stream(rate, 0, None);
    }
    if head.starts_with(b"Speex   ") {
        return stream(little(at(36..40)), 0, None);
    }
    None
}

/// By the headers, or by counting.
fn elsewhere(path: &Path, kind: &Kind) -> io::Result<Option<Sound>> {
    let stream = MediaSourceStream::new(Box::new(File::open(path)?), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(ending) = kind.endings.first() {
        hint.with_extension(ending);
    }
    let probe = symphonia::default::get_probe();
    let Ok(mut format) = probe.probe(&hint, stream, FormatOptions::default(), MetadataOptions::default()) else {
        return Ok(None);
    };
    let Some(track) = format.default_track(TrackType::Audio) else { return Ok(None) };
    let (id, Some(base), told) = (track.id, track.time_base, track.duration) else { return Ok(None) };
    let is_voice = matches!(&track.codec_params, Some(CodecParameters::Audio(audio))
        if audio.codec == CODEC_ID_OPUS && audio.channels.as_ref().is_none_or(|channels| channels.count() <= 2));
    let mut waveform = is_voice.then(|| Waveform::new(0, 0)).flatten();
    // These have no length of their own, or none that can be relied on: it is guessed from the first packets.
    let is_counted = matches!(kind.word, "aac" | "mp3" | "matroska" | "webm");
    let units = match told.filter(|_| !is_counted) {
        Some(told) => told.get(),
        None => {
            let mut end = End::default();
            for _ in 0..PACKETS_MAX {
                match format.next_packet() {
                    Ok(Some(packet)) if packet.track_id == id => {
                        end.note(packet.pts.get(), packet.dur.get());
                        if let Some(waveform) = &mut waveform {
                            waveform.feed(&packet.data);
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break,
                }
            }
            end.units()
        }
    };
    let (numer, denom) = (u128::from(base.numer.get()), u128::from(base.denom.get()));
    let duration_ms = u64::try_from(u128::from(units) * 1000 * numer / denom).unwrap_or(u64::MAX);
    let waveform = waveform.map(Waveform::finish).unwrap_or_default();
    Ok((duration_ms > 0).then_some(Sound { duration_ms, waveform, is_voice }))
}

/// Where the last packet ends. One that does not say how long it is, is as long as the one before.
#[derive(Default)]
struct End {
    begin: i64,
    length: i64,
}

impl End {
    fn note(&mut self, begin: i64, length: u64) {
        let length = i64::try_from(length).ok().filter(|length| *length > 0);
        self.length = length.unwrap_or_else(|| begin.saturating_sub(self.begin));
        self.begin = begin;
    }

    fn units(&self) -> u64 {
        u64::try_from(self.begin.saturating_add(self.length)).unwrap_or(0)
    }
}
