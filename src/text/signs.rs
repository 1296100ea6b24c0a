//! Signs that people type and do not mean as Markdown: something else stands for them while it is parsed, which would take
//! them out. A backslash before them would do within words, and be shown within code, addresses and HTML.

use std::borrow::Cow;

/// A sign, and what stands for it meanwhile: characters that are none, which no text of people has.
const STANDS_FOR: [(char, char); 9] = [
    ('*', '\u{fdd0}'),
    ('_', '\u{fdd1}'),
    ('~', '\u{fdd2}'),
    (':', '\u{fdd3}'),
    ('>', '\u{fdd4}'),
    ('&', '\u{fdd5}'),
    ('\\', '\u{fdd6}'),
    ('.', '\u{fdd7}'),
    (')', '\u{fdd8}'),
];
/// What may be within an address and mean something else.
const MARKS: [char; 3] = ['_', '*', '~'];
const ADDRESS: &str = "://";
/// Definitions of links that are looked for in the whole text.
const DEFINITIONS_MAX: usize = 100;
/// HTML's longest name of a character has 31 letters.
const ENTITY_BYTES_MAX: usize = 32;

/// `5*10 and 6*12`, `3~5 bar`, `>5 bar`, `[Model]: X200`, `&auml;`, `\\server`, a lone `2021.` and
/// `https://example.org/__main__` stay what they are: `restored` has them again.
pub fn as_meant(markdown: &str) -> Cow<'_, str> {
    let may_mislead = markdown.contains(['*', '~', '>', '&', '\\'])
        || markdown.contains("]:")
        || markdown.contains(ADDRESS)
        || markdown.lines().any(is_lone_number);
    if !may_mislead || markdown.contains(STANDS_FOR.map(|(_, other)| other)) {
        return Cow::Borrowed(markdown);
    }
    let mut out = String::with_capacity(markdown.len() + 16);
    let (mut rest, mut definitions, mut label) = (markdown, 0, 0);
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with(ADDRESS) { address(rest) } else { c.len_utf8() };
        let (taken, behind) = rest.split_at(length);
        if taken.len() > c.len_utf8() {
            push_address(&mut out, taken);
        } else if is_mere_sign(&out, c, behind) {
            let is_meant = c == ':' && {
                definitions += 1;
                let label = out.split_at(label).1;
                definitions <= DEFINITIONS_MAX && is_used(label, behind, markdown)
            };
            out.push(if is_meant { c } else { stands_for(c) });
        } else {
            if c == '[' {
                label = out.len();
            }
            out.push(c);
        }
        rest = behind;
    }
    Cow::Owned(out)
}

/// With the signs themselves again.
pub fn restored(text: &str) -> Cow<'_, str> {
    if !text.contains(STANDS_FOR.map(|(_, other)| other)) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| STANDS_FOR.iter().find(|(_, other)| *other == c).map_or(c, |(sign, _)| *sign);
    Cow::Owned(text.chars().map(sign).collect())
}

fn stands_for(sign: char) -> char {
    STANDS_FOR.iter().find(|(known, _)| *known == sign).map_or(sign, |(_, other)| *other)
}

fn is_mere_sign(before: &str, c: char, behind: &str) -> bool {
    let (last, next) = (before.chars().next_back(), behind.chars().next());
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '*' => is_letter(last) && is_letter(next) && (is_digit(last) || is_digit(next)),
        // Strikes out by two.
        '~' => last != Some('~') && next != Some('~'),
        '>' => is_digit(next) && last.is_none_or(|last| last == '\n'),
        // Whoever types an entity means its letters.
        '&' => last != Some('\\') && is_entity(behind),
        // Two are how a share's name begins.
        '\\' => next == Some('\\') || last == Some(stands_for('\\')),
        // A list of one item that says nothing.
        '.' | ')' => {
            let front = before.trim_end_matches(|c: char| c.is_ascii_digit());
            let is_number = front.len() < before.len() && (front.is_empty() || front.ends_with('\n'));
            let rest = if is_number { behind.trim_start_matches([' ', '\t', '\r']) } else { behind };
            is_number && (rest.is_empty() || rest.starts_with('\n'))
        }
        // A link's definition is shown nowhere.
        ':' => last == Some(']'),
        _ => false,
    }
}

/// What stands behind its `&`.
fn is_entity(behind: &str) -> bool {
    let name = behind.strip_prefix('#').unwrap_or(behind);
    let letters = name.bytes().take(ENTITY_BYTES_MAX).take_while(u8::is_ascii_alphanumeric).count();
    letters > 0 && name.as_bytes().get(letters) == Some(&b';')
}

fn is_lone_number(line: &str) -> bool {
    let number = line.trim_end().strip_suffix(['.', ')']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// Whether it is the definition of a link that stands elsewhere. `label`: `[…]`.
fn is_used(label: &str, behind: &str, markdown: &str) -> bool {
    let target = behind.trim_start_matches([' ', '\t', '<']);
    ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
        && markdown.matches(&*restored(label)).nth(1).is_some()
}

/// Bytes of an address from `://` on.
fn address(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "<>[]()|\\`".contains(c)).unwrap_or(text.len())
}

/// Marks within an address are part of it: `__main__.html` is no bold word.
fn push_address(out: &mut String, address: &str) {
    // What stands behind the last letter may end a bold passage.
    let letters = address.rfind(|c: char| c.is_alphanumeric() || c == '/').map_or(0, |last| last + 1);
    let is_part = |(place, c): &(usize, char)| *place < letters && MARKS.contains(c);
    out.extend(address.char_indices().map(|at| if is_part(&at) { stands_for(at.1) } else { at.1 }));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it is parsed, with `¤` for each sign that is none of Markdown.
    fn parsed(typed: &str) -> String {
        let parsed = as_meant(typed);
        assert_eq!(restored(&parsed), typed);
        parsed.replace(STANDS_FOR.map(|(_, other)| other), "¤")
    }

    #[test]
    fn what_is_no_markdown_is_found_and_the_rest_left() {
        for (typed, expected) in [
            ("5*10 and 6*12 and a*b*c", "5¤10 and 6¤12 and a*b*c"),
            ("*5* and **6** and wo**rt**", "*5* and **6** and wo**rt**"),
            ("3~5 bar, ~20 °C, ~~gone~~", "3¤5 bar, ¤20 °C, ~~gone~~"),
            (">5 bar\n>7\n> quoted\n5 > 4", "¤5 bar\n¤7\n> quoted\n5 > 4"),
            ("[10:32:01]: ERROR", "[10:32:01]¤ ERROR"),
            ("[Model]: X200\n> [a]: b", "[Model]¤ X200\n> [a]¤ b"),
            ("[Home]: https://h", "[Home]¤ https://h"),
            (
                "[here], [docs][1]\n\n[here]: https://h\n[1]: <http://i>",
                "[here], [docs][1]\n\n[here]: https://h\n[1]: <http://i>",
            ),
            ("https://h/_a_c and *https://h/b*", "https://h/¤a¤c and *https://h/b*"),
            ("[x](https://h/_a_c) é*ü 这*很重要*的", "[x](https://h/¤a¤c) é*ü 这*很重要*的"),
            ("~~~\na\n~~~", "~~~\na\n~~~"),
            ("&auml; &#228; & b &c", "¤auml; ¤#228; & b &c"),
            ("[R&lt;D]\n\n[R&lt;D]: https://h", "[R¤lt;D]\n\n[R¤lt;D]: https://h"),
            ("\\\\server\\share \\*a\\*", "¤¤server\\share \\*a\\*"),
            ("built?\n2021. \n3) \n4. Dec.", "built?\n2021¤ \n3¤ \n4. Dec."),
        ] {
            assert_eq!(parsed(typed), expected);
        }
    }
}
