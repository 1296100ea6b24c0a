//! Long texts in several parts, so that nothing of them is lost where a message may only be so large.

use super::limit::{chars_in, cut_at, event_bytes, limit};
use crate::model::{Block, Inline, RichText};

/// The text in parts that each need at most `bytes_max` bytes in an event, in order and without loss. Beyond
/// `parts_max` parts the last one is cut and ends with `rest`.
pub fn split(text: RichText, bytes_max: usize, parts_max: usize, rest: &str) -> Vec<RichText> {
    let mut parts = Vec::new();
    halves(text, bytes_max, &mut parts);
    if parts.len() > parts_max {
        parts.truncate(parts_max);
        if let Some(last) = parts.last_mut() {
            // What it says needs room, too.
            let (mut cut, _) = limit(std::mem::take(last), bytes_max.saturating_sub(4 * rest.len() + 32));
            cut.blocks.push(Block::Paragraph(vec![Inline::Italic(vec![Inline::Text(rest.to_owned())])]));
            *last = cut;
        }
    }
    parts
}

fn halves(text: RichText, bytes_max: usize, parts: &mut Vec<RichText>) {
    if event_bytes(&text) <= bytes_max {
        parts.push(text);
        return;
    }
    let chars = chars_in(&text.blocks);
    let mut take = chars / 2;
    let (first, second) = blocks(text.blocks.clone(), &mut take);
    if first.is_empty() || second.is_empty() {
        // One thing that can't be parted, such as an address longer than any message.
        parts.push(limit(text, bytes_max).0);
        return;
    }
    halves(RichText { blocks: first }, bytes_max, parts);
    halves(RichText { blocks: second }, bytes_max, parts);
}

type Parted<T> = (Vec<T>, Vec<T>);

/// Paragraphs, items and rows stay whole where they can; words of a line belong to no other line.
#[derive(PartialEq)]
enum Cut {
    Between,
    Within,
}

/// The first `take` characters, and the rest; `take` becomes what is still to be taken.
fn blocks(all: Vec<Block>, take: &mut usize) -> Parted<Block> {
    part(
        all,
        take,
        Cut::Between,
        |block| chars_in(std::slice::from_ref(block)),
        |block, take| match block {
            Block::Paragraph(content) => pair(inlines(content, take), Block::Paragraph),
            Block::Heading(level, content) => pair(inlines(content, take), |content| Block::Heading(level, content)),
            Block::Quote(content) => pair(blocks(content, take), Block::Quote),
            Block::List { start, items } => {
                let (first, second) = items_of(items, take);
                let behind = u32::try_from(first.len()).unwrap_or(u32::MAX);
                let next = start.map(|start| start.saturating_add(behind));
                let list = |start, items: Vec<_>| (!items.is_empty()).then_some(Block::List { start, items });
                (list(start, first), list(next, second))
            }
            Block::Code { language, text } => {
                let (first, second) = lines(&text, take);
                let code = |text: String| (!text.is_empty()).then(|| Block::Code { language: language.clone(), text });
                (code(first), code(second))
            }
            Block::Table { header, rows } => {
                let size = |row: &Vec<Vec<Inline>>| row.iter().map(|cell| chars_of(cell)).sum();
                let (first, second) = part(rows, take, Cut::Between, size, |row, _| (None, Some(row)));
                let table = |header, rows: Vec<_>| (!rows.is_empty()).then_some(Block::Table { header, rows });
                (table(header, first), table(false, second))
            }
            Block::Rule => (None, Some(Block::Rule)),
        },
    )
}

fn items_of(items: Vec<Vec<Block>>, take: &mut usize) -> Parted<Vec<Block>> {
    part(items, take, Cut::Between, |item| chars_in(item), |item, take| pair(blocks(item, take), |item| item))
}

fn inlines(all: Vec<Inline>, take: &mut usize) -> Parted<Inline> {
    part(
        all,
        take,
        Cut::Within,
        |inline| chars_of(std::slice::from_ref(inline)),
        |inline, take| match inline {
            Inline::Text(text) => words(&text, take, Inline::Text),
            Inline::Code(text) => words(&text, take, Inline::Code),
            Inline::Bold(content) => pair(inlines(content, take), Inline::Bold),
            Inline::Italic(content) => pair(inlines(content, take), Inline::Italic),
            Inline::Strike(content) => pair(inlines(content, take), Inline::Strike),
            Inline::Underline(content) => pair(inlines(content, take), Inline::Underline),
            Inline::Spoiler(content) => pair(inlines(content, take), Inline::Spoiler),
            Inline::Link { url, content } => {
                pair(inlines(content, take), |content| Inline::Link { url: url.clone(), content })
            }
            Inline::Break => (None, Some(Inline::Break)),
        },
    )
}

/// Whole things as long as they fit, the one in which the cut falls in two, the others behind.
fn part<T>(
    all: Vec<T>,
    take: &mut usize,
    cut: Cut,
    size: impl Fn(&T) -> usize,
    two: impl Fn(T, &mut usize) -> (Option<T>, Option<T>),
) -> Parted<T> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for one in all {
        let chars = size(&one);
        if !second.is_empty() || *take == 0 {
            second.push(one);
        } else if chars <= *take {
            *take -= chars;
            first.push(one);
        } else if cut == Cut::Between && !first.is_empty() {
            second.push(one);
        } else {
            let (before, behind) = two(one, take);
            first.extend(before);
            second.extend(behind);
            *take = 0;
        }
    }
    (first, second)
}

fn pair<T, U>((first, second): Parted<T>, whole: impl Fn(Vec<T>) -> U) -> (Option<U>, Option<U>) {
    let made = |content: Vec<T>| (!content.is_empty()).then(|| whole(content));
    (made(first), made(second))
}

fn words(text: &str, take: &mut usize, make: impl Fn(String) -> Inline) -> (Option<Inline>, Option<Inline>) {
    let (first, second) = text.split_at(cut_at(text, *take));
    let made = |text: &str| (!text.is_empty()).then(|| make(text.to_owned()));
    (made(first), made(second))
}

/// Code is parted between two lines where it has some.
fn lines(text: &str, take: &mut usize) -> (String, String) {
    let at = text.char_indices().nth(*take).map_or(text.len(), |(at, _)| at);
    let (first, second) = text.split_at(at);
    match first.rfind('\n') {
        Some(line) if line > 0 => {
            let (first, second) = text.split_at(line);
            (first.to_owned(), second.strip_prefix('\n').unwrap_or(second).to_owned())
        }
        _ => (first.to_owned(), second.to_owned()),
    }
}

fn chars_of(inlines: &[Inline]) -> usize {
    let chars = |inline: &Inline| match inline {
        Inline::Text(text) | Inline::Code(text) => text.chars().count(),
        Inline::Bold(content)
        | Inline::Italic(content)
        | Inline::Strike(content)
        | Inline::Underline(content)
        | Inline::Spoiler(content)
        | Inline::Link { content, .. } => chars_of(content),
        Inline::Break => 1,
    };
    inlines.iter().map(chars).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{from_html, from_plain, to_plain};
    use super::*;

    const REST: &str = "The rest is in the helpdesk.";

    /// Without numbers: an item in two parts shows its number twice.
    fn letters(text: &RichText) -> String {
        to_plain(text).chars().filter(|c| c.is_alphabetic()).collect()
    }

    fn check(text: RichText, bytes_max: usize) -> Vec<RichText> {
        let parts = split(text.clone(), bytes_max, usize::MAX, REST);
        assert!(parts.iter().all(|part| event_bytes(part) <= bytes_max), "each fits");
        assert_eq!(parts.iter().map(letters).collect::<String>(), letters(&text), "nothing is lost or moved");
        parts
    }

    #[test]
    fn a_short_text_is_one_part() {
        assert_eq!(check(RichText::plain("Hello"), 100).len(), 1);
    }

    #[test]
    fn a_long_line_is_parted_between_words() {
        let parts = check(from_plain(&"words ".repeat(2_000)), 5_000);
        assert!(parts.len() < 10, "{}", parts.len());
        assert!(parts.iter().all(|part| !to_plain(part).trim().starts_with("ords")));
    }

    #[test]
    fn a_word_without_end_is_parted_somewhere() {
        check(from_plain(&"x".repeat(9_000)), 1_000);
    }

    #[test]
    fn formatted_text_keeps_its_words_and_its_form() {
        let item = "<li>one <b>bold word</b> and a <a href=\"https://example.org\">link with text</a></li>";
        let html = format!(
            "<h1>Head</h1><ul>{}</ul><pre>{}</pre><blockquote><p>{}</p></blockquote><table>{}</table>",
            item.repeat(60),
            "fn main() {}\n".repeat(200),
            "quoted words ".repeat(200),
            "<tr><td>a cell</td><td>another one</td></tr>".repeat(60),
        );
        let parts = check(from_html(&html), 3_000);
        assert!(matches!(parts.last().and_then(|part| part.blocks.last()), Some(Block::Table { .. })));
    }

    #[test]
    fn numbering_goes_on() {
        let html = format!("<ol>{}</ol>", "<li>a line of some words</li>".repeat(100));
        let parts = check(from_html(&html), 3_000);
        let starts: Vec<u32> = parts
            .iter()
            .filter_map(|part| match part.blocks.first() {
                Some(Block::List { start, .. }) => *start,
                _ => None,
            })
            .collect();
        assert_eq!(starts.first(), Some(&1));
        assert_eq!(parts.iter().map(|part| to_plain(part).matches("a line of some words").count()).sum::<usize>(), 100);
        assert!(starts.len() == parts.len() && starts.is_sorted(), "{starts:?}");
    }

    #[test]
    fn too_many_parts_end_with_where_the_rest_is() {
        let parts = split(from_plain(&"words ".repeat(5_000)), 2_000, 3, REST);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| event_bytes(part) <= 2_000));
        assert!(to_plain(&parts[2]).contains(REST));
    }

    #[test]
    fn what_cannot_be_parted_is_cut() {
        let url = format!("https://example.org/{}", "x".repeat(5_000));
        let link = Inline::Link { url, content: vec![Inline::Text("a".to_owned())] };
        let parts = split(RichText { blocks: vec![Block::Paragraph(vec![link])] }, 1_000, 10, REST);
        assert!(!parts.is_empty() && parts.len() < 3);
    }
}
