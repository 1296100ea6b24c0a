//! Reads HTML as strictly as nobody else does: whatever is not exactly a tag that we write, in its place, is an error.
//! Browsers repair; what needs no repair means the same to all of them.

/// Tags without attributes that have an end.
const PLAIN: &str = "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code table thead tbody tr th td strong em del u";
const VOID: &[&str] = &["br", "hr"];
const ENTITIES: &[&str] = &["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#x27;", "&nbsp;", "&apos;"];

/// Says what is wrong; `Ok` for what any browser reads as just those elements.
pub fn check(html: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let at = rest.find(['<', '>', '&']).unwrap_or(rest.len());
        rest = &rest[at..];
        if let Some(found) = ENTITIES.iter().find(|entity| rest.starts_with(**entity)) {
            rest = &rest[found.len()..];
        } else if rest.starts_with('&') || rest.starts_with('>') {
            return Err(format!("a bare sign: {:.40}", rest));
        } else if let Some(tag) = rest.strip_prefix('<') {
            let end = tag.find('>').ok_or("a tag without an end")?;
            let (tag, behind) = (&tag[..end], &tag[end + 1..]);
            rest = behind;
            if VOID.contains(&tag) {
                continue;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> ends nothing that is open"));
                }
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let fits = match (name, attributes) {
                ("a", attributes) => {
                    attributes.strip_prefix("href=\"").and_then(|url| url.strip_suffix('"')).is_some_and(is_url)
                }
                ("ol", attributes) if !attributes.is_empty() => {
                    is_between(attributes, "start=\"", |n| n.parse::<u32>().is_ok())
                }
                ("code", attributes) if !attributes.is_empty() => is_between(attributes, "class=\"language-", |name| {
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-_.#".contains(&b))
                }),
                ("span", attributes) => {
                    matches!(attributes, "data-mx-spoiler" | "style=\"background-color: #000; color: #000\"")
                }
                ("font", attributes) => attributes == "face=\"monospace\"",
                (name, "") => PLAIN.split(' ').any(|tag| tag == name),
                _ => false,
            };
            if !fits {
                return Err(format!("<{tag}> is none of ours"));
            }
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

fn is_between(attributes: &str, start: &str, is: impl Fn(&str) -> bool) -> bool {
    attributes.strip_prefix(start).and_then(|value| value.strip_suffix('"')).is_some_and(is)
}

fn is_url(url: &str) -> bool {
    let has_scheme = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    has_scheme && !url.contains(['"', '\'', '<', '>', '`', '\\', ' ', '\n', '\t'])
}

#[cfg(test)]
mod tests {
    use ticketroom::text::{Flavour, Origin, from_html, from_reply_html, to_html};

    use super::check;

    #[test]
    fn what_we_write_of_hostile_html_needs_no_repair() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/html");
        for entry in std::fs::read_dir(folder).unwrap() {
            let (path, flavours) = (entry.unwrap().path(), [Flavour::Matrix, Flavour::Helpdesk]);
            let input = std::fs::read_to_string(&path).unwrap();
            for text in [from_html(&input), from_reply_html(&input, Origin::Mail)] {
                for html in flavours.map(|flavour| to_html(&text, flavour)) {
                    assert_eq!(check(&html), Ok(()), "{}: {html}", path.display());
                }
            }
        }
    }

    #[test]
    fn ours_is_ours_and_anything_else_is_not() {
        for html in [
            "a &amp; b",
            "<p><strong>x</strong><br></p>",
            r#"<ol start="3"><li><a href="https://e.org/?a&amp;b">x</a></li></ol>"#,
            r#"<pre><code class="language-c++">&lt;</code></pre>"#,
            "<span data-mx-spoiler>x</span>",
        ] {
            assert_eq!(check(html), Ok(()), "{html}");
        }
        for html in [
            "a & b",
            "a > b",
            "<",
            "<p>",
            "<p></b>",
            "<p class=\"x\"></p>",
            "<b>x</b>",
            "<script></script>",
            r#"<a href="javascript:x">x</a>"#,
            r#"<a href="https://e.org" onclick="x">x</a>"#,
            r#"<a href='https://e.org'>x</a>"#,
            "<img>",
            "<!-- x -->",
            "&copy;",
        ] {
            assert!(check(html).is_err(), "{html}");
        }
    }
}
