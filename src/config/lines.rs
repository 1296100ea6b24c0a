//! In which line of a YAML text a key stands: the library tells this only of what it can't read at all.

use std::collections::BTreeMap;

/// Lines by path (`agents[1].matrix`). Flow style on one line is known by the key in front of it.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    by_path: BTreeMap<String, usize>,
    repeated: Option<usize>,
}

struct Frame {
    indent: usize,
    path: String,
    item: bool,
}

impl Lines {
    pub fn of(text: &str) -> Self {
        let mut walk = Walk::default();
        for (i, line) in text.lines().enumerate() {
            walk.line(i + 1, line);
        }
        Self { by_path: walk.by_path, repeated: walk.repeated }
    }

    /// The first line whose key stood there before.
    pub fn repeated(&self) -> Option<usize> {
        self.repeated
    }

    pub fn exactly(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The line of the key, or of the nearest key around it.
    pub fn near(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(line) = self.exactly(path) {
                return line;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => return 1,
            }
        }
    }
}

#[derive(Default)]
struct Walk {
    by_path: BTreeMap<String, usize>,
    repeated: Option<usize>,
    stack: Vec<Frame>,
    items: BTreeMap<String, usize>,
    /// A block scalar (`|`, `>`) goes on as long as lines are indented more than this.
    scalar: Option<usize>,
}

impl Walk {
    fn line(&mut self, number: usize, line: &str) {
        let mut content = line.trim_start_matches(' ');
        let mut indent = line.len() - content.len();
        if content.trim().is_empty() {
            return;
        }
        if self.scalar.is_some_and(|outer| indent > outer) {
            return;
        }
        self.scalar = None;
        if content.starts_with('#') || content.starts_with("---") {
            return;
        }
        while let Some(rest) = item(content) {
            self.stack_for_item(indent, number);
            let inner = rest.trim_start_matches(' ');
            indent += content.len() - inner.len();
            content = inner;
        }
        if let Some((key, value)) = key(content) {
            while self.stack.last().is_some_and(|frame| frame.indent >= indent) {
                self.stack.pop();
            }
            let path = match self.stack.last() {
                Some(frame) => format!("{}.{key}", frame.path),
                None => key.to_owned(),
            };
            let first = *self.by_path.entry(path.clone()).or_insert(number);
            if first != number {
                self.repeated.get_or_insert(number);
            }
            self.stack.push(Frame { indent, path, item: false });
            if value.starts_with(['|', '>']) {
                self.scalar = Some(indent);
            }
        }
    }

    fn stack_for_item(&mut self, indent: usize, number: usize) {
        while self.stack.last().is_some_and(|frame| frame.indent > indent || (frame.indent == indent && frame.item)) {
            self.stack.pop();
        }
        let parent = self.stack.last().map(|frame| frame.path.clone()).unwrap_or_default();
        let index = self.items.entry(parent.clone()).or_default();
        let path = format!("{parent}[{index}]");
        *index += 1;
        self.by_path.entry(path.clone()).or_insert(number);
        self.stack.push(Frame { indent, path, item: true });
    }
}

fn item(content: &str) -> Option<&str> {
    if content == "-" { Some("") } else { content.strip_prefix("- ") }
}

fn key(content: &str) -> Option<(&str, &str)> {
    let (key, value) = match content.split_once(": ") {
        Some((key, value)) => (key, value),
        None => (content.trim_end().strip_suffix(':')?, ""),
    };
    let key = key.trim().trim_matches(['"', '\'']);
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '<'));
    plain.then(|| (key, value.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_items_and_nested_keys_are_found_in_their_lines() {
        let lines = Lines::of(
            "# top\na:\n  b: 1\n  # c: no\n  d: |\n    e: text\n  f: 2\nlist:\n- x: 1\n  y: 2\n- x: 3\nother:\n  - z: {q: 1}\n",
        );
        for (path, line) in [
            ("a", 2),
            ("a.b", 3),
            ("a.d", 5),
            ("a.f", 7),
            ("list[0].x", 9),
            ("list[0].y", 10),
            ("list[1].x", 11),
            ("other", 12),
            ("other[0].z", 13),
        ] {
            assert_eq!(lines.exactly(path), Some(line), "{path}");
        }
        assert_eq!(lines.exactly("a.d.e"), None, "text of a block scalar is no key");
    }

    #[test]
    fn a_key_that_is_not_there_is_reported_at_the_nearest_around_it() {
        let lines = Lines::of("a:\n  b: 1\nlist:\n  - {x: 1}\n");
        assert_eq!(lines.near("a.missing"), 1);
        assert_eq!(lines.near("list[0].x"), 4);
        assert_eq!(lines.near("nothing.at.all"), 1);
    }
}
