//! Pages of an Ogg stream, one after the other: no packet is kept that is longer than any sound needs, however long one is
//! said to be.

use std::io::Read;

use ogg::reading::PageParser;

const HEAD_BYTES: usize = 27;
/// The longest packet of Opus, with room: 48 frames of 1,275 bytes.
const PACKET_BYTES_MAX: usize = 64 * 1024;

pub struct Pages<R>(pub R);

pub struct Page {
    pub serial: u32,
    /// Samples up to here; `None`: no packet ends on this page.
    pub position: Option<u64>,
    goes_on: bool,
    /// Lengths of segments; one below 255 ends its packet.
    lengths: Vec<u8>,
    data: Vec<u8>,
}

impl<R: Read> Iterator for Pages<R> {
    type Item = Page;

    /// `None` at the end, and where a page is broken: what was played was played up to there.
    fn next(&mut self) -> Option<Page> {
        let mut head = [0; HEAD_BYTES];
        self.0.read_exact(&mut head).ok()?;
        if !head.starts_with(b"OggS") {
            return None;
        }
        let number = |from: usize, bytes: usize| {
            head.iter().skip(from).take(bytes).rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let (parser, count) = PageParser::new(head).ok()?;
        let mut lengths = vec![0; count];
        self.0.read_exact(&mut lengths).ok()?;
        let mut data = vec![0; lengths.iter().map(|length| usize::from(*length)).sum()];
        self.0.read_exact(&mut data).ok()?;
        let mut parser = parser;
        parser.parse_segments(lengths.clone());
        // Its checksum.
        parser.parse_packet_data(data.clone()).ok()?;
        let position = Some(number(6, 8)).filter(|at| *at != u64::MAX && lengths.iter().any(|length| *length < 255));
        let serial = u32::try_from(number(14, 4)).ok()?;
        Some(Page { serial, position, goes_on: number(5, 1) & 1 == 1, lengths, data })
    }
}

/// The packets of one stream, put together over its pages.
#[derive(Default)]
pub struct Packets {
    part: Vec<u8>,
    /// The beginning is missing, or it is too long: it is left out.
    is_lost: bool,
}

impl Packets {
    pub fn feed(&mut self, page: &Page, mut each: impl FnMut(&[u8])) {
        if page.goes_on {
            self.is_lost |= self.part.is_empty();
        } else {
            self.part.clear();
            self.is_lost = false;
        }
        let mut rest = page.data.as_slice();
        for length in &page.lengths {
            let Some((segment, behind)) = rest.split_at_checked(usize::from(*length)) else { return };
            rest = behind;
            if self.part.len() + segment.len() > PACKET_BYTES_MAX {
                self.is_lost = true;
            }
            if !self.is_lost {
                self.part.extend_from_slice(segment);
            }
            if *length < 255 {
                if !self.is_lost {
                    each(&self.part);
                }
                self.part.clear();
                self.is_lost = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(goes_on: bool, lengths: &[u8]) -> Page {
        let data = vec![7; lengths.iter().map(|length| usize::from(*length)).sum()];
        Page { serial: 1, position: None, goes_on, lengths: lengths.to_vec(), data }
    }

    #[test]
    fn packets_are_put_together_and_endless_ones_are_left_out() {
        let mut packets = Packets::default();
        let mut found = Vec::new();
        let mut feed = |page: Page| packets.feed(&page, |packet| found.push(packet.len()));
        feed(page(false, &[10, 0, 255, 255]));
        feed(page(true, &[255, 3, 4]));
        // Its beginning is missing.
        feed(page(true, &[5, 6]));
        for n in 0..2 {
            feed(page(n > 0, &[255; 255]));
        }
        feed(page(true, &[1, 2]));
        assert_eq!(found, [10, 0, 768, 4, 6, 2]);
    }
}
