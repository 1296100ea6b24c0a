//! A QR code as PNG, as SVG and as text for a terminal.

use std::fmt::Write;

use anyhow::Context;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around it, as the standard wants them.
const QUIET: usize = 4;
/// Pixels of a module: a code of 49 modules is 456 pixels wide.
const PIXELS: usize = 8;

/// The modules with their quiet zone, row by row.
pub struct Picture {
    width: usize,
    dark: Vec<bool>,
}

impl Picture {
    pub fn of(text: &str) -> anyhow::Result<Self> {
        // A quarter of it may be dirty or torn off.
        let code = QrCode::with_error_correction_level(text, EcLevel::Q).context("this does not fit into a QR code")?;
        let inner = code.width();
        let width = inner + 2 * QUIET;
        let mut dark = vec![false; width * width];
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let at = (index / inner + QUIET) * width + index % inner + QUIET;
            if let Some(module) = dark.get_mut(at) {
                *module = color == Color::Dark;
            }
        }
        Ok(Self { width, dark })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark.get(y * self.width + x).copied().unwrap_or_default()
    }

    pub fn png(&self) -> anyhow::Result<Vec<u8>> {
        let side = self.width * PIXELS;
        let shades = (0..side * side).map(|at| {
            let (x, y) = (at % side / PIXELS, at / side / PIXELS);
            if self.is_dark(x, y) { 0 } else { u8::MAX }
        });
        let mut file = Vec::new();
        let length = u32::try_from(side)?;
        let mut encoder = png::Encoder::new(&mut file, length, length);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&shades.collect::<Vec<u8>>())?;
        Ok(file)
    }

    pub fn svg(&self) -> String {
        let mut path = String::new();
        for y in 0..self.width {
            for x in (0..self.width).filter(|x| self.is_dark(*x, y)) {
                // Writing into a String can't fail.
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        let width = self.width;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// Two rows in a line; `colours`: black on white whatever the terminal's own are.
    pub fn terminal(&self, colours: bool) -> String {
        let (on, off) = if colours { ("\u{1b}[97;40m", "\u{1b}[0m") } else { ("", "") };
        let lines = (0..self.width).step_by(2).map(|y| {
            let line: String = (0..self.width)
                .map(|x| match (self.is_dark(x, y), y + 1 < self.width && self.is_dark(x, y + 1)) {
                    (true, true) => ' ',
                    (true, false) => '▄',
                    (false, true) => '▀',
                    (false, false) => '█',
                })
                .collect();
            format!("{on}{line}{off}")
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://matrix.to/#/@_desk_code_k7f3q9x2m4pw8rtz:example.org";

    fn read(width: usize, shade: impl FnMut(usize, usize) -> u8) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, shade);
        let grids = image.detect_grids();
        grids.first().unwrap().decode().unwrap().1
    }

    #[test]
    fn the_png_is_read_back_by_another_program() {
        let file = Picture::of(LINK).unwrap().png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let width = info.width as usize;
        assert_eq!(read(width, |x, y| pixels[y * width + x]), LINK);
    }

    #[test]
    fn the_terminal_shows_the_same() {
        let shown = Picture::of(LINK).unwrap().terminal(false);
        let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
        let width = lines[0].len();
        let light = |x: usize, y: usize| {
            let upper = y.is_multiple_of(2);
            let sign = lines[y / 2][x];
            sign == '█' || (upper && sign == '▀') || (!upper && sign == '▄')
        };
        assert_eq!(read(width * 4, |x, y| if light(x / 4, y / 4) { 255 } else { 0 }), LINK);
    }

    #[test]
    fn the_svg_draws_the_same() {
        let svg = Picture::of(LINK).unwrap().svg();
        let (_, path) = svg.rsplit_once("d=\"M").unwrap();
        let squares = path.split("h1v1h-1z").filter_map(|square| square.trim_start_matches('M').split_once(' '));
        let dark: std::collections::HashSet<(usize, usize)> =
            squares.filter_map(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?))).collect();
        let (_, width) = svg.split_once("viewBox=\"0 0 ").unwrap();
        let width: usize = width.split_once(' ').unwrap().0.parse().unwrap();
        assert_eq!(read(width * 4, |x, y| if dark.contains(&(x / 4, y / 4)) { 0 } else { 255 }), LINK);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Picture::of(&"x".repeat(3000)).is_err());
    }
}
