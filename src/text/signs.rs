//! Signs that people type and do not mean as Markdown: marked as mere signs before a parser sees them, which would take them out.

use std::borrow::Cow;

/// What may be within an address and mean something else.
const MARKS: [char; 3] = ['_', '*', '~'];
const ADDRESS: &str = "://";
const DEFINITION: &str = "]:";
const WORD_BYTES_MAX: usize = 2000;
const FENCES: [&str; 2] = ["```", "~~~"];

/// `5*10 and 6*12`, `3~5 bar`, `[Model]: X200` and `https://example.org/__main__` stay what they are, as does all code.
pub fn with_mere_signs(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains(['*', '~']) && !markdown.contains(DEFINITION) && !markdown.contains(ADDRESS) {
        return Cow::Borrowed(markdown);
    }
    let mut out = String::with_capacity(markdown.len() + 16);
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        let starts_line = out.is_empty() || out.ends_with('\n');
        let code = if starts_line { code_block(rest) } else { 0 };
        let length = match c {
            _ if code > 0 => code,
            '\\' => rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at),
            '`' => code_span(rest),
            ':' if rest.starts_with(ADDRESS) => address(rest),
            _ => c.len_utf8(),
        };
        let (taken, behind) = rest.split_at(length);
        if taken.starts_with(ADDRESS) {
            push_address(&mut out, taken);
        } else {
            if is_mere_sign(&out, c, behind) {
                out.push('\\');
            }
            out.push_str(taken);
        }
        rest = behind;
    }
    Cow::Owned(out)
}

fn is_mere_sign(before: &str, c: char, behind: &str) -> bool {
    let (last, next) = (before.chars().next_back(), behind.chars().next());
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '*' => is_letter(last) && is_letter(next),
        // Strikes out by two.
        '~' => last != Some('~') && next != Some('~'),
        // A link's definition is shown nowhere. Within `<https://[::1]:80>` it is none.
        ':' => last == Some(']') && !last_word(before).contains('<') && !last_word(before).contains(ADDRESS),
        _ => false,
    }
}

/// It is asked for again and again: as far back as an address reaches.
fn last_word(text: &str) -> &str {
    let near = text.floor_char_boundary(text.len().saturating_sub(WORD_BYTES_MAX));
    text.split_at(near).1.rsplit(char::is_whitespace).next().unwrap_or_default()
}

/// Bytes of the code block that begins with this line; 0: none does.
fn code_block(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next() else { return 0 };
    if first.starts_with("    ") || first.starts_with('\t') {
        return first.len();
    }
    let begins = |line: &str, fence: &str| line.trim_start_matches(['>', ' ']).starts_with(fence);
    let Some(fence) = FENCES.into_iter().find(|fence| begins(first, fence)) else { return 0 };
    let mut is_over = false;
    let inside = lines.take_while(|line| !std::mem::replace(&mut is_over, begins(line, fence)));
    first.len() + inside.map(str::len).sum::<usize>()
}

/// Bytes of the code between as many backticks as it begins with; of those alone, where the paragraph has no more of them.
fn code_span(text: &str) -> usize {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let opening = run(text);
    let mut rest = text.split("\n\n").next().unwrap_or_default().trim_start_matches('`');
    let mut length = opening;
    while let Some(next) = rest.find('`') {
        let (before, behind) = rest.split_at(next);
        let closing = run(behind);
        length += before.len() + closing;
        if closing == opening {
            return length;
        }
        rest = behind.trim_start_matches('`');
    }
    opening
}

/// Bytes of an address from `://` on.
fn address(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "<>[]()|\\`".contains(c)).unwrap_or(text.len())
}

/// Marks within an address are part of it: `__main__.html` is no bold word.
fn push_address(out: &mut String, address: &str) {
    // What stands behind the last letter may end a bold passage.
    let letters = address.rfind(|c: char| c.is_alphanumeric() || c == '/').map_or(0, |last| last + 1);
    // `<https://…>` is taken as it is.
    let is_bare = !last_word(out).contains('<');
    for (place, c) in address.char_indices() {
        if is_bare && place < letters && MARKS.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_markdown_is_marked_and_the_rest_left() {
        for (typed, expected) in [
            ("5*10 and 6*12", r"5\*10 and 6\*12"),
            ("*5* and **6** and wo**rt**", "*5* and **6** and wo**rt**"),
            ("3~5 bar, ~20 °C, ~~gone~~", r"3\~5 bar, \~20 °C, ~~gone~~"),
            ("[10:32:01]: ERROR", r"[10:32:01]\: ERROR"),
            ("[Model]: X200\n> [a]: b", "[Model]\\: X200\n> [a]\\: b"),
            ("<https://[::1]:80> http://[::1]:80", "<https://[::1]:80> http://[::1]:80"),
            ("https://h/_a_c and *https://h/b*", r"https://h/\_a\_c and *https://h/b*"),
            ("`a` https://h/_b_c `c*d`e*f", r"`a` https://h/\_b\_c `c*d`e\*f"),
            ("``a`b*c`` d*e ` f*g", r"``a`b*c`` d\*e ` f\*g"),
            ("`a*b\n\nc*d`", "`a\\*b\n\nc\\*d`"),
            ("```\na*b\n```\nc*d", "```\na*b\n```\nc\\*d"),
            ("> ~~~\n> a*b\n> ~~~", "> ~~~\n> a*b\n> ~~~"),
            ("    a*b\n\tc*d\ne*f", "    a*b\n\tc*d\ne\\*f"),
            (r"a\*b\`c*d", r"a\*b\`c\*d"),
            ("[x](https://h/_a_c) é*ü", r"[x](https://h/\_a\_c) é\*ü"),
            ("ends in \\", "ends in \\"),
        ] {
            assert_eq!(with_mere_signs(typed), expected);
        }
    }
}
