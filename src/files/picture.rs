//! How large a picture is, and small pictures of it.

use std::fs::File;
use std::io::{self, BufReader, Cursor};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{Kind, Picture, Thumbnail, dimensions};

/// More than any camera makes; whoever opens one has a use for so much memory, or is meant to have none left.
const PIXELS_MAX: u64 = 100_000_000;
/// Up to here it is decoded: a hundred megabytes of memory.
const DECODED_PIXELS_MAX: u64 = 32_000_000;
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Readers may take the whole file into memory.
const DECODED_FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// As homeservers make them.
const THUMBNAIL_WIDTH: u32 = 800;
const THUMBNAIL_HEIGHT: u32 = 600;
/// A blurhash is a few colours: more pixels say no more.
const BLUR_PIXELS: u32 = 32;

/// Blocks. Whether it has so many pixels that nobody should open it.
pub fn is_bomb(path: &Path, kind: &Kind) -> io::Result<bool> {
    let Some(format) = format(kind) else { return Ok(false) };
    let is_too_large = |(width, height): (u32, u32)| u64::from(width) * u64::from(height) > PIXELS_MAX;
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let head = dimensions::read(BufReader::new(file))?;
    if head.is_some_and(is_too_large) {
        return Ok(true);
    }
    // The reader of JPEG takes the whole file into memory for what its head says: only where that is broken, and the reader
    // (as clients do) looks behind what it does not know.
    if format == ImageFormat::Jpeg && (head.is_some() || bytes > DECODED_FILE_BYTES_MAX) {
        return Ok(false);
    }
    let mut reader = ImageReader::open(path)?;
    reader.set_format(format);
    Ok(match reader.into_dimensions() {
        Ok(size) => is_too_large(size),
        // More than the reader would ever open.
        Err(ImageError::Limits(_)) => true,
        Err(_) => false,
    })
}

/// Blocks. `None`: no picture that we can read.
pub fn look(path: &Path, kind: &Kind) -> io::Result<Option<Picture>> {
    let Some(format) = format(kind) else { return Ok(None) };
    let file = File::open(path)?;
    if file.metadata()?.len() > DECODED_FILE_BYTES_MAX {
        let size = dimensions::read(BufReader::new(file))?;
        return Ok(size.map(|(width, height)| Picture { width, height, blurhash: None, thumbnail: None }));
    }
    let mut reader = ImageReader::new(BufReader::new(file));
    reader.set_format(format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let Ok(mut decoder) = reader.into_decoder() else { return Ok(None) };
    let (width, height) = decoder.dimensions();
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let is_on_side = matches!(
        turned,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (wide, high) = if is_on_side { (height, width) } else { (width, height) };
    let mut picture = Picture { width: wide, height: high, blurhash: None, thumbnail: None };
    if u64::from(width) * u64::from(height) > DECODED_PIXELS_MAX {
        return Ok(Some(picture));
    }
    // A broken one keeps its size: clients show what they can of it.
    let Ok(mut decoded) = DynamicImage::from_decoder(decoder) else { return Ok(Some(picture)) };
    let is_large = wide > THUMBNAIL_WIDTH || high > THUMBNAIL_HEIGHT;
    if is_large {
        decoded = decoded.thumbnail(
            if is_on_side { THUMBNAIL_HEIGHT } else { THUMBNAIL_WIDTH },
            if is_on_side { THUMBNAIL_WIDTH } else { THUMBNAIL_HEIGHT },
        );
    }
    decoded.apply_orientation(turned);
    picture.blurhash = blurhash(&decoded);
    if is_large {
        picture.thumbnail = thumbnail(&decoded);
    }
    Ok(Some(picture))
}

fn format(kind: &Kind) -> Option<ImageFormat> {
    match kind.word {
        "gif" => Some(ImageFormat::Gif),
        "jpeg" => Some(ImageFormat::Jpeg),
        "png" => Some(ImageFormat::Png),
        _ => None,
    }
}

fn thumbnail(small: &DynamicImage) -> Option<Thumbnail> {
    // What can be seen through needs PNG.
    let (format, media_type) = match small.color().has_alpha() {
        true => (ImageFormat::Png, "image/png"),
        false => (ImageFormat::Jpeg, "image/jpeg"),
    };
    let mut bytes = Cursor::new(Vec::new());
    let plain = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(small.to_rgb8()) } else { small.clone() };
    plain.write_to(&mut bytes, format).ok()?;
    Some(Thumbnail { width: small.width(), height: small.height(), media_type, bytes: bytes.into_inner() })
}

fn blurhash(picture: &DynamicImage) -> Option<String> {
    let small = picture.thumbnail(BLUR_PIXELS, BLUR_PIXELS).to_rgba8();
    let (across, down) = if small.width() >= small.height() { (4, 3) } else { (3, 4) };
    blurhash::encode(across, down, small.width(), small.height(), &small).ok()
}
