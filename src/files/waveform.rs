//! How loud an Opus stream is over time, for the little picture that clients draw of a voice message.

use ropus::{Channels, DecodeMode, Decoder};

const RATE: u32 = 48_000;
/// The longest packet: 120 ms.
const SAMPLES_MAX: usize = 5_760;
/// Loudness is first noted in steps of 20 ms.
const STEP_SAMPLES: usize = 960;
/// Longer ones are no voice messages that anybody looks at, and decoding costs time: 20 minutes.
const STEPS_MAX: usize = 20 * 60 * 50;
const POINTS_MAX: usize = 100;
/// As MSC1767 has it.
const LOUDEST: f32 = 1024.0;

pub struct Waveform {
    decoder: Decoder,
    samples: Vec<i16>,
    /// Samples at the beginning that are not played.
    skip: usize,
    /// Of the step that is being filled: the sum of squares, and of how many samples.
    sum: f32,
    count: usize,
    steps: Vec<f32>,
    headers: u8,
    given_up: bool,
}

impl Waveform {
    /// `headers`: packets in front of the sound.
    pub fn new(skip: u64, headers: u8) -> Option<Self> {
        Some(Self {
            // Two channels are mixed into one.
            decoder: Decoder::new(RATE, Channels::Mono).ok()?,
            samples: vec![0; SAMPLES_MAX],
            skip: usize::try_from(skip).unwrap_or(usize::MAX),
            sum: 0.0,
            count: 0,
            steps: Vec::new(),
            headers,
            given_up: false,
        })
    }

    pub fn feed(&mut self, packet: &[u8]) {
        if self.headers > 0 {
            self.headers -= 1;
            return;
        }
        if self.given_up || packet.is_empty() {
            return;
        }
        if self.steps.len() >= STEPS_MAX {
            self.given_up = true;
            return;
        }
        let Ok(decoded) = self.decoder.decode(packet, &mut self.samples, DecodeMode::Normal) else { return };
        for sample in self.samples.get(..decoded).unwrap_or_default() {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            let value = f32::from(*sample) / f32::from(i16::MAX);
            self.sum += value * value;
            self.count += 1;
            if self.count == STEP_SAMPLES {
                self.steps.push((self.sum / STEP_SAMPLES as f32).sqrt());
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    /// Empty where it is not known.
    pub fn finish(self) -> Vec<u16> {
        let loudest = self.steps.iter().copied().fold(0.0_f32, f32::max);
        if self.given_up || self.steps.is_empty() || !loudest.is_finite() {
            return Vec::new();
        }
        let points = self.steps.len().min(POINTS_MAX);
        let point = |index: usize| {
            let (from, to) = (index * self.steps.len() / points, (index + 1) * self.steps.len() / points);
            let loud = self.steps.get(from..to).unwrap_or_default().iter().copied().fold(0.0_f32, f32::max);
            // Silence from beginning to end stays flat.
            let share = if loudest > f32::EPSILON { loud / loudest } else { 0.0 };
            (share * LOUDEST).round() as u16
        };
        (0..points).map(point).collect()
    }
}
