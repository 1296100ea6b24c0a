//! Which characters from outside we let into a text, and which into a name.

use std::borrow::Cow;

/// Characters that have no place in any text: they are invisible, and break databases or change how others are read.
///
/// Joiners (U+200C, U+200D) and direction marks (U+200E, U+200F) stay: Persian, Hindi, emoji and Hebrew need them.
pub fn is_unwanted(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{feff}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' => true,
        _ => (c as u32) & 0xfffe == 0xfffe,
    }
}

/// Characters that show nothing by themselves; a name made of them would look empty or like another one's.
pub fn is_invisible(c: char) -> bool {
    is_unwanted(c)
        || matches!(c,
            '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{17b4}' | '\u{17b5}')
}

/// Whether the text shows anything at all.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !is_invisible(c))
}

/// Characters that belong to the one before: a text is not cut in front of them.
pub fn is_joined(c: char) -> bool {
    matches!(c,
        '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// The text without unwanted characters, with `\n` as the only line break.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    // ASCII above the control characters is what nearly every text consists of.
    if text.bytes().all(|b| (b' '..0x7f).contains(&b) || b == b'\n' || b == b'\t') || !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\u{a0}' => out.push(' '),
            c if is_unwanted(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_odd(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{a0}') || is_unwanted(c)
}
