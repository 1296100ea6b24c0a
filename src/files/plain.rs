//! Whether bytes are text in whatever encoding, and whether that text is a program or a page in disguise.

use std::io::{self, Read};

const BLOCK_BYTES: usize = 64 * 1024;
/// What a page or a script begins with stands within this many characters.
const HEAD_CHARS: usize = 1024;

/// How programs call these; a sentence about PowerShell is none.
const CALLS: [&str; 3] = ["powershell -", "powershell.exe ", "powershell /"];
/// Of Windows' script host scripts use the object; the program of that name stands in error messages.
const SCRIPT_HOST: &str = "wscript.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    Text,
    /// Markup or a program that a browser or a shell would run; what it is called.
    Active(&'static str),
    /// No text at all.
    Binary,
}

/// Reads it to its end, in blocks.
pub fn look(mut from: impl Read) -> io::Result<Plain> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut head = Vec::new();
    let mut wide = None;
    let mut offset = 0_usize;
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            break;
        }
        let bytes = block.get(..read).unwrap_or_default();
        if head.len() < 4 * HEAD_CHARS {
            head.extend_from_slice(bytes.get(..bytes.len().min(4 * HEAD_CHARS - head.len())).unwrap_or_default());
        }
        let wide = *wide.get_or_insert_with(|| is_wide(bytes));
        let odd = |(at, byte): (usize, &u8)| match wide {
            None => is_odd(*byte),
            // In UTF-16 every other byte is zero in most languages; a whole zero character is no text.
            Some(big) => (offset + at) % 2 == usize::from(!big) && *byte == 0 && zero_before(bytes, at),
        };
        if bytes.iter().enumerate().any(odd) {
            return Ok(Plain::Binary);
        }
        offset += read;
    }
    Ok(active(&decoded(&head, wide.flatten())).map_or(Plain::Text, Plain::Active))
}

/// `Some(big)`: UTF-16 in that byte order, as its mark says.
fn is_wide(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        _ => None,
    }
}

/// Control characters that no text has. Bytes above 0x7f are letters in one encoding or another.
fn is_odd(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x08) || byte == 0x7f
}

fn zero_before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&0)
}

fn decoded(head: &[u8], wide: Option<bool>) -> String {
    match wide {
        None => String::from_utf8_lossy(head).into_owned(),
        Some(big) => {
            let units = head.chunks_exact(2).map(|pair| match (pair, big) {
                ([a, b], true) => u16::from_be_bytes([*a, *b]),
                ([a, b], false) => u16::from_le_bytes([*a, *b]),
                _ => 0,
            });
            char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
        }
    }
}

fn active(head: &str) -> Option<&'static str> {
    let head: String =
        head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().take(HEAD_CHARS).collect();
    if head.starts_with("#!") {
        return Some("Script");
    }
    let lower = head.to_ascii_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
    if begins(&["@echo off", "<?php", "<%", "<job", "<package", "#requires ", "set-executionpolicy"])
        || is_function(&lower)
        || CALLS.iter().any(|call| lower.contains(call))
        || lower.split(SCRIPT_HOST).skip(1).any(|behind| !behind.starts_with("exe"))
    {
        return Some("Script");
    }
    if lower.contains("<svg") {
        return Some("SVG");
    }
    // A page may begin with comments or nothing but a tag.
    let tags = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<iframe",
        "<meta ",
        "<title",
        "<style",
        "<table",
        "<div",
        "<img",
    ];
    if lower.starts_with('<') && tags.iter().any(|tag| lower.contains(tag))
        || lower.contains("<script")
        || lower.contains("<!doctype html")
    {
        return Some("HTML");
    }
    lower.starts_with("<?xml").then_some("XML")
}

/// A sentence may begin with this word, too ("Function test of pump 7", "Function key(s) stuck"): in a program a name follows
/// and, with or without what is given to it, what is done.
fn is_function(lower: &str) -> bool {
    let Some(named) = lower.strip_prefix("function ").map(str::trim_start) else { return false };
    let behind = named.trim_start_matches(|c: char| c.is_alphanumeric() || "_$-:.".contains(c));
    if behind.len() == named.len() {
        return false;
    }
    let Some(given) = behind.trim_start().strip_prefix('(') else { return behind.trim_start().starts_with('{') };
    // In some languages the line's end is enough; in sentences there is a blank before a bracket.
    let ends = |done: &str| done.is_empty() || done.starts_with(['\r', '\n']);
    let is_close = behind.starts_with('(');
    let Some((_, done)) = given.split_once(')') else { return is_close };
    let done = done.trim_start_matches([' ', '\t', ')']);
    done.trim_start().starts_with('{') || is_close && ends(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_about_a_function_is_no_program() {
        for text in [
            "Function test of pump 7",
            "function {x}",
            "Function test (pump 7) passed",
            "Function test (pump 7)\nIt runs.",
            "Function test (pump 7",
            "FUNCTION KEY(S) stuck",
            "Function: none",
        ] {
            assert_eq!(look(text.as_bytes()).unwrap(), Plain::Text, "{text:?}");
        }
        for program in [
            "function run(a, b) { return a }",
            "function run (a = b())\n{",
            "Function Get-Pump {",
            "function global:Get-Pump\r\n{",
            "function Get-Pump ($name) {",
            "Function Run(a)\r\n  MsgBox a\r\nEnd Function",
            "function run(a,\n",
        ] {
            assert_eq!(look(program.as_bytes()).unwrap(), Plain::Active("Script"), "{program:?}");
        }
    }

    #[test]
    fn text_is_text_in_every_encoding_and_active_content_is_not() {
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("Grüße <b>".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, expected) in [
            (b"Hello\r\nworld\t!".to_vec(), Plain::Text),
            ("Grüße 漢字 🦀".as_bytes().to_vec(), Plain::Text),
            (b"Gr\xfc\xdfe".to_vec(), Plain::Text),
            (utf16, Plain::Text),
            (b"a < b and <c> d".to_vec(), Plain::Text),
            (b"a\0b".to_vec(), Plain::Binary),
            (b"MZ\x90\x00\x03".to_vec(), Plain::Binary),
            (b"#!/bin/sh\nrm -rf /".to_vec(), Plain::Active("Script")),
            (b"  <!DOCTYPE html><p>x".to_vec(), Plain::Active("HTML")),
            (b"<!-- x --><html>".to_vec(), Plain::Active("HTML")),
            (b"<?xml version='1.0'?><svg xmlns='x'/>".to_vec(), Plain::Active("SVG")),
            (b"<?php phpinfo();".to_vec(), Plain::Active("Script")),
            (b"rem x\r\n  PowerShell -enc abc".to_vec(), Plain::Active("Script")),
            (b"@powershell -nop x".to_vec(), Plain::Active("Script")),
            (b"cmd /c start powershell.exe -enc abc".to_vec(), Plain::Active("Script")),
            (b"WScript.Echo 1".to_vec(), Plain::Active("Script")),
            (b"Set s = CreateObject(\"WScript.Shell\")".to_vec(), Plain::Active("Script")),
            (b"I opened PowerShell as told. It says:\nwscript.exe was not found".to_vec(), Plain::Text),
        ] {
            assert_eq!(look(bytes.as_slice()).unwrap(), expected, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
