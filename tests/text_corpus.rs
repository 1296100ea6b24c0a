//! Claims about text in and out: a corpus of mails, client output and hostile HTML with what must become of each, and
//! what must hold for all of them.
//!
//! A new case: put `NAME.html`, `NAME.txt` or `NAME.md` into `tests/corpus/KIND/` (`page`: a reply written in the helpdesk; hostile
//! HTML: `tests/hostile/html/`), and beside it what it becomes as
//! `NAME.expected.html` (Matrix) and, if that matters, `NAME.expected.txt` (plain).

#![allow(clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ruma::html::{Html, NodeData, NodeRef};
use ticketroom::model::{Block, Inline, RichText};
use ticketroom::text::{
    Flavour, Mark, Origin, clean_name, excerpt, from_html, from_markdown, from_plain, from_reply_html,
    from_reply_plain, is_plain, limit, linkify, strip_quoted, title, to_html, to_plain,
};

const KINDS: [&str; 4] = ["mail", "page", "matrix", "hostile"];

fn from_mail_html(html: &str) -> RichText {
    from_reply_html(html, Origin::Mail)
}

fn from_mail_plain(text: &str) -> RichText {
    from_reply_plain(text, Origin::Mail)
}

struct Case {
    name: String,
    path: PathBuf,
    input: String,
}

fn cases(kind: &str) -> Vec<Case> {
    let folder = if kind == "hostile" { "hostile/html".to_owned() } else { format!("corpus/{kind}") };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases: Vec<Case> = fs::read_dir(&folder)
        .expect("tests/corpus is part of the repository")
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| !path.to_string_lossy().contains(".expected."))
        .map(|path| Case {
            name: format!("{kind}/{}", path.file_name().unwrap_or_default().to_string_lossy()),
            input: fs::read_to_string(&path).expect("the corpus is UTF-8"),
            path,
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

impl Case {
    fn read(&self) -> RichText {
        let ending = self.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let reply = match self.name.split('/').next() {
            Some("mail") => Some(Origin::Mail),
            Some("page") => Some(Origin::Page),
            _ => None,
        };
        match (reply, ending) {
            (Some(origin), "html") => from_reply_html(&self.input, origin),
            (Some(origin), _) => from_reply_plain(&self.input, origin),
            (None, "html") => from_html(&self.input),
            (None, "md") => from_markdown(&self.input),
            (None, _) => from_plain(&self.input),
        }
    }

    fn expected(&self, ending: &str) -> Option<String> {
        fs::read_to_string(self.path.with_extension(format!("expected.{ending}"))).ok()
    }
}

fn check_corpus(kind: &str, at_least: usize) {
    let cases = cases(kind);
    assert!(cases.len() >= at_least, "{kind}: only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let text = case.read();
        let html = case.expected("html").unwrap_or_else(|| panic!("{} has no .expected.html", case.name));
        let outcomes =
            [("html", Some(html), to_html(&text, Flavour::Matrix)), ("txt", case.expected("txt"), to_plain(&text))];
        for (ending, expected, found) in outcomes {
            if expected.as_ref().is_some_and(|expected| expected.trim_end_matches('\n') != found) {
                wrong.push(format!(
                    "{} as {ending}:\n  {found:?}\nexpected\n  {:?}",
                    case.name,
                    expected.unwrap_or_default()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn replies_written_in_the_helpdesk_keep_dashes_that_stand_over_no_signature() {
    check_corpus("page", 7);
}

#[test]
fn mails_come_without_the_past_and_with_all_words_of_their_author() {
    check_corpus("mail", 30);
}

#[test]
fn what_matrix_clients_write_keeps_its_formatting() {
    check_corpus("matrix", 25);
}

#[test]
fn hostile_html_becomes_harmless_text() {
    check_corpus("hostile", 80);
}

/// Every input of the corpus through every reader, and the large ones that are made here.
fn all_texts() -> Vec<(String, RichText)> {
    type Reader = fn(&str) -> RichText;
    let readers: [(&str, Reader); 5] = [
        ("from_html", from_html),
        ("from_reply_html", from_mail_html),
        ("from_markdown", from_markdown),
        ("from_plain", from_plain),
        ("from_reply_plain", from_mail_plain),
    ];
    let corpus = KINDS.iter().flat_map(|kind| cases(kind)).map(|case| (case.name, case.input));
    let inputs: Vec<(String, String)> = corpus.chain(large(1_000)).collect();
    let mut texts = Vec::new();
    for (name, input) in &inputs {
        for (reader, read) in readers {
            texts.push((format!("{reader} of {name}"), read(input)));
        }
    }
    texts
}

/// What explodes where a reader is recursive or quadratic; a thousand is beyond every limit, and quick in debug builds.
fn large(count: usize) -> Vec<(String, String)> {
    let nested = |open: &str, close: &str| format!("{}words{}", open.repeat(count), close.repeat(count));
    let attributes: String = (0..count * 3).map(|i| format!(" a{i}=\"{i}\"")).collect();
    [
        ("divisions", nested("<div>", "</div>")),
        ("quotes", nested("<blockquote>", "</blockquote>")),
        ("lists", nested("<ul><li>", "</li></ul>")),
        ("bold", nested("<b>", "</b>")),
        ("unclosed bold and italic", nested("<b><i>", "")),
        ("links", nested("<a href=\"https://example.org\">", "</a>")),
        ("tables", nested("<table><tr><td>", "</td></tr></table>")),
        ("spoilers", nested("<span data-mx-spoiler>", "</span>")),
        ("replies", nested("<mx-reply>", "</mx-reply>")),
        ("code", nested("<pre><code>", "</code></pre>")),
        ("ends without starts", nested("", "</b></p></table>")),
        ("unknown", nested("<x-y>", "</x-y>")),
        ("many attributes", format!("<p{attributes}>words</p>")),
        ("a huge attribute", format!("<p title=\"{}\">words</p>", "x".repeat(count * 100))),
        ("a huge address", format!("<a href=\"https://example.org/{}\">words</a>", "x".repeat(count * 10))),
        ("breaks", "<br>".repeat(count)),
        ("entities", "&amp;".repeat(count)),
        ("quote marks", format!("{}words", ">".repeat(count))),
        ("brackets", nested("[", "](https://example.org)")),
        ("stars", nested("*a **b ", "")),
        ("underscores", nested("_", "_")),
        ("backticks", (1..300).map(|i| format!("{} ", "`".repeat(i))).collect()),
        ("images", nested("![", "](x)")),
        ("at signs", "a@".repeat(count)),
        ("addresses", "https://example.org/ ".repeat(count / 5)),
        ("bare addresses", "www.example.org ".repeat(count / 5)),
        ("no bare addresses", "www.".repeat(count)),
        ("dots", format!("a@{}", "b.".repeat(count))),
    ]
    .into_iter()
    .map(|(name, input)| (format!("{count} {name}"), input))
    .collect()
}

#[test]
fn what_we_write_reads_as_the_same_text_again() {
    for (name, text) in all_texts().into_iter().filter(|(name, _)| name.starts_with("from_html")) {
        let html = to_html(&text, Flavour::Matrix);
        assert_eq!(from_html(&html), text, "{name}: {:.300}", html);
    }
    for (name, text) in all_texts() {
        let html = to_html(&text, Flavour::Helpdesk);
        let again = to_html(&from_html(&html), Flavour::Helpdesk);
        assert_eq!(to_html(&from_html(&again), Flavour::Helpdesk), again, "{name}: {:.300}", html);
    }
}

#[test]
fn we_write_no_tag_attribute_or_scheme_but_ours() {
    const BOTH: &str =
        "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr th td hr br strong em del u a span";
    // Request Tracker's scrubber lets `font` through, and `code` not.
    let flavours = [(Flavour::Matrix, "code"), (Flavour::Helpdesk, "font")];
    for (name, text) in all_texts() {
        for (flavour, its_own) in flavours {
            let allowed: Vec<&str> = BOTH.split(' ').chain([its_own]).collect();
            let html = to_html(&text, flavour);
            let document = Html::parse(&html);
            document.children().for_each(|node| check_node(&node, &allowed, &name));
        }
    }
}

fn check_node(node: &NodeRef, allowed: &[&str], name: &str) {
    if let Some(element) = node.as_element() {
        let tag = &*element.name.local;
        assert!(allowed.contains(&tag), "{name}: <{tag}>");
        for attribute in element.attrs.borrow().iter() {
            let value = &*attribute.value;
            let is_ours = match (tag, &*attribute.name.local) {
                ("a", "href") => ["https://", "http://", "mailto:"]
                    .iter()
                    .any(|start| value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))),
                ("ol", "start") => value.bytes().all(|b| b.is_ascii_digit()),
                ("code", "class") => value.starts_with("language-") && !value.contains(['"', '<', ' ']),
                ("span", "data-mx-spoiler") => value.is_empty(),
                ("span", "style") => value == "background-color: #000; color: #000",
                ("font", "face") => value == "monospace",
                _ => false,
            };
            assert!(is_ours, "{name}: <{tag} {}={value:?}>", attribute.name.local);
        }
    } else {
        assert!(matches!(node.data(), NodeData::Text(_)), "{name}: {:?}", node.data());
    }
    node.children().for_each(|child| check_node(&child, allowed, name));
}

#[test]
fn every_text_can_be_stored_and_read_again() {
    for (name, text) in all_texts() {
        let stored = serde_json::to_string(&text).expect("a tree of strings");
        let read: RichText = serde_json::from_str(&stored).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, text, "{name}");
    }
}

#[test]
fn no_text_holds_characters_that_databases_refuse_or_that_turn_it_around() {
    for (name, text) in all_texts() {
        let bad = to_plain(&text)
            .chars()
            .find(|c| matches!(c, '\0'..='\u{8}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'));
        assert_eq!(bad, None, "{name}");
    }
}

#[test]
fn no_input_takes_long() {
    for (name, input) in large(10_000) {
        let start = computed();
        for read in [from_html, from_mail_html, from_markdown, from_plain, from_mail_plain] {
            to_html(&read(&input), Flavour::Matrix);
        }
        // Far above what any of them needs, far below what an input that explodes would take.
        let took = computed() - start;
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}

/// What this thread has had of a processor: how busy the machine is makes no difference.
fn computed() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/stat").expect("Linux tells");
    // Behind the name, which may hold anything; in hundredths of a second, of its own and of the system on its behalf.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).expect("a number");
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

#[test]
fn depth_is_no_reason_to_lose_words() {
    for (name, input) in large(10_000).into_iter().filter(|(_, input)| input.contains('<') && input.contains("words")) {
        let is_left_out = name.contains("replies");
        assert_eq!(to_plain(&from_html(&input)).contains("words"), !is_left_out, "{name}");
    }
}

#[test]
fn a_name_from_outside_can_stand_in_our_sentences() {
    let check = |name: &str, expected: &str| assert_eq!(clean_name(name), expected, "{name:?}");
    check("Anna Agent", "Anna Agent");
    check("  Anna \n\t Agent  ", "Anna Agent");
    check("", "—");
    check(" \u{200b}\u{202e}\u{2066}\u{3164}\0\n", "—");
    check("\u{202e}annA\u{202c}", "annA");
    check("An\u{200d}na\u{2028}A\u{ad}gent\u{2029}", "Anna Agent");
    check("<b>Anna</b>", "<b>Anna</b>");
    check("Zoë Ångström 山田", "Zoë Ångström 山田");
    check(&"ab ".repeat(100), "ab ".repeat(27).get(..80).unwrap_or_default().trim_end());
    check(&"é".repeat(100), &"é".repeat(80));
    check(&format!("Z{}algo", "\u{301}".repeat(50)), &format!("Z{}algo", "\u{301}".repeat(4)));
}

#[test]
fn a_title_is_the_first_line_that_says_something() {
    let check = |text: &str, expected: &str| assert_eq!(title(text), expected, "{text:?}");
    check("It leaks", "It leaks");
    check("\n\n  It leaks  \nbadly", "It leaks");
    check("Hello Anna,\n\nit leaks", "it leaks");
    check("Guten Tag,\n\nes tropft", "es tropft");
    check("Hello", "Hello");
    check("---\n***\n## Pump *4*", "Pump *4*");
    check("> quoted", "quoted");
    check("**Urgent:** the pump leaks", "Urgent: the pump leaks");
    check("- __Pump__ *4*", "Pump *4*");
    check("- one", "one");
    for whole in ["-20 °C on the display", ">5 bar", "#7 leaks"] {
        check(whole, whole);
    }
    check("", "…");
    check("... !!!", "…");
    check("💧", "💧");
    check("It\u{202e} leaks\0", "It leaks");
    for nothing in ["\u{3164}\0\u{2}\0", "\u{115f}\u{1160}", "\u{ffa0}"] {
        check(nothing, "…");
        check(&format!("{nothing}\nIt leaks"), "It leaks");
    }
    let long = title(&"word ".repeat(40));
    assert_eq!((long.chars().count(), long.ends_with("word…")), (80, true), "{long}");
    assert_eq!(title(&"x".repeat(200)), format!("{}…", "x".repeat(79)));
}

#[test]
fn addresses_become_links_but_not_in_code_or_in_links_and_not_twice() {
    let check = |html: &str, expected: &str| {
        let text = from_html(html);
        assert_eq!(to_html(&text, Flavour::Matrix), expected, "{html}");
        assert_eq!(linkify(text.clone()), text, "{html}");
    };
    check("https://example.org", "<a href=\"https://example.org\">https://example.org</a>");
    check("<code>https://example.org</code>", "<code>https://example.org</code>");
    check("<pre>a@example.org</pre>", "<pre><code>a@example.org</code></pre>");
    check("<a href='https://a.example'>https://b.example</a>", "<a href=\"https://a.example\">https://b.example</a>");
    check("report.pdf example.org ftp://example.org", "report.pdf example.org ftp://example.org");
    check("<b>a@example.org</b>", "<strong><a href=\"mailto:a@example.org\">a@example.org</a></strong>");
    check("www.example.org", "<a href=\"https://www.example.org\">www.example.org</a>");
    check("(WWW.Example.org/a?b).", "(<a href=\"https://WWW.Example.org/a?b\">WWW.Example.org/a?b</a>).");
    check(
        "or www.example.org, report.pdf and a@www.example.org",
        "or <a href=\"https://www.example.org\">www.example.org</a>, report.pdf and \
         <a href=\"mailto:a@www.example.org\">a@www.example.org</a>",
    );
    for words in ["<code>www.example.org</code>", "www.log www. www.. wwwx.example.org xwww.example.org"] {
        check(words, words);
    }
    check("<pre>www.example.org</pre>", "<pre><code>www.example.org</code></pre>");
    check("<a href='https://a.example'>www.b.example</a>", "<a href=\"https://a.example\">www.b.example</a>");
    // What is left beside an address is one only when it stands alone.
    check(
        "www.example.org://(a@b.org",
        "<a href=\"https://www.example.org\">www.example.org</a>://(<a href=\"mailto:a@b.org\">a@b.org</a>",
    );
    check("www.example.org://b.org/a@b.org", "<a href=\"https://www.example.org\">www.example.org</a>://b.org/a@b.org");
    check("(https://example.org/a_(b)).", "(<a href=\"https://example.org/a_(b)\">https://example.org/a_(b)</a>).");
}

#[test]
fn addresses_that_touch_are_linked_as_far_as_they_ever_will_be() {
    const PARTS: [&str; 19] = [
        "www.",
        "www.example.org",
        "a@b.org",
        "http://",
        "https://x",
        "mailto:",
        "://",
        "/",
        ":",
        "@",
        "x",
        "..",
        "-",
        ",",
        "'",
        "(",
        "=",
        "ä",
        " ",
    ];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|text| PARTS.iter().map(move |part| format!("{text}{part}"))).collect();
        for words in texts.iter().filter(|words| words.contains('@') || words.contains("www.")) {
            let text = linkify(RichText::plain(words));
            assert_eq!(linkify(text.clone()), text, "{words}");
        }
    }
}

#[test]
fn only_text_without_any_formatting_is_plain() {
    let check = |html: &str, expected: bool| assert_eq!(is_plain(&from_html(html)), expected, "{html}");
    check("one<br>two<p>three</p>", true);
    check("", true);
    for html in ["<b>x</b>", "<ul><li>x</ul>", "https://example.org", "<h1>x</h1>", "<hr>", "<pre>x</pre>"] {
        check(html, false);
    }
}

#[test]
fn the_plain_form_keeps_the_structure_readable() {
    let check = |html: &str, expected: &str| assert_eq!(to_plain(&from_html(html)), expected, "{html}");
    check("<blockquote><p>a</p><ul><li>b<ol><li>c</li></ol></li></ul></blockquote>d", "> a\n>\n> • b\n>   1. c\n\nd");
    check("<ol start=9><li>a<br>b</li><li>c</li></ol>", "9. a\n   b\n10. c");
    check("<a href='https://example.org/'>example.org</a>", "example.org");
    check("<a href='mailto:a@example.org'>Anna</a>", "Anna (a@example.org)");
    check("<table><tr><td>a<br>b</td><td></td></tr></table>", "a / b | ");
    check("<pre>a\n\n  b</pre>", "```\na\n\n  b\n```");
}

#[test]
fn the_helpdesk_gets_tags_that_it_keeps() {
    let text = from_html(
        "<code>a</code> <span data-mx-spoiler>b</span> <del>c</del><pre><code class=language-sh>d</code></pre>",
    );
    let expected = "<p><font face=\"monospace\">a</font> <span style=\"background-color: #000; color: #000\">b</span> \
                    <del>c</del></p><pre>d</pre>";
    assert_eq!(to_html(&text, Flavour::Helpdesk), expected);
    let later = from_html("<ol start=24><li>December<p>at noon</p></li><li><ul><li>or not</li></ul></li></ol>");
    let expected = "<p>24. December</p><p>at noon</p><p>25. </p><ul><li>or not</li></ul>";
    assert_eq!(to_html(&later, Flavour::Helpdesk), expected);
}

#[test]
fn a_text_too_long_for_an_event_is_cut_and_says_so() {
    for html in
        ["<p>words and words</p>", "<ul><li><b>words</b> \"quoted\" &lt;</li></ul>", "<pre>some\ncode</pre>", "xyz"]
    {
        for size in [1_000, 60_000] {
            let (text, is_cut) = limit(from_html(&html.repeat(30_000)), size);
            let (body, formatted) = (to_plain(&text), to_html(&text, Flavour::Matrix));
            let bytes = serde_json::json!([body, formatted]).to_string().len();
            assert!(is_cut && body.contains('…'), "{html}");
            assert!(bytes <= size + 10, "{html}: {bytes}");
            assert!(bytes > size / 2, "{html}: {bytes}");
            assert_eq!(from_html(&formatted), text, "{html}");
        }
    }
    let short = from_html("<b>short</b>");
    assert_eq!(limit(short.clone(), 1_000), (short, false));
}

#[test]
fn an_excerpt_is_the_first_lines() {
    let check = |html: &str, chars: usize, expected: &str| {
        assert_eq!(to_html(&excerpt(&from_html(html), chars), Flavour::Matrix), expected, "{html}");
    };
    check("It <b>leaks</b> badly", 100, "It <strong>leaks</strong> badly");
    check("It <b>leaks again</b> badly", 12, "It <strong>leaks…</strong>");
    check("<p>one</p><p>two</p>", 3, "<p>one</p><p>…</p>");
    check("1<br>2<br>3<br>4<br>5<br>6<br>7", 100, "<p>1<br>2<br>3<br>4<br>5<br>6</p><p>…</p>");
    check("👨‍👩‍👧👨‍👩‍👧", 3, "…");
}

#[test]
fn only_the_past_is_stripped_from_a_reply() {
    let quote = Block::Quote(vec![Block::Paragraph(vec![Inline::Text("past".to_owned())])]);
    let paragraph = |text: &str| Block::Paragraph(vec![Inline::Text(text.to_owned())]);
    let check = |blocks: Vec<Block>, kept: &[usize]| {
        let expected = kept.iter().filter_map(|at| blocks.get(*at).cloned()).collect();
        assert_eq!(strip_quoted(RichText { blocks }, Mark::First), RichText { blocks: expected });
    };
    let attribution = paragraph("On Mon Jan 5 12:00:00 2026, anna wrote:");
    check(vec![paragraph("own"), attribution.clone(), quote.clone()], &[0]);
    check(vec![attribution.clone(), quote.clone(), paragraph("own")], &[2]);
    check(vec![attribution.clone(), quote.clone()], &[0, 1]);
    check(vec![paragraph("own"), quote.clone()], &[0, 1]);
    check(vec![paragraph("He wrote:"), quote.clone(), paragraph("own")], &[0, 1, 2]);
    check(vec![paragraph("own"), attribution, quote, paragraph("more")], &[0, 1, 2, 3]);
}

#[test]
fn what_people_type_and_do_not_mean_as_markdown_stays() {
    for (typed, html) in [
        ("Data:\n\n[Model]: X200\n[Serial]: 4711-AB", "<p>Data:</p><p>[Model]: X200<br>[Serial]: 4711-AB</p>"),
        ("It says\n\n[10:32:01]: ERROR", "<p>It says</p><p>[10:32:01]: ERROR</p>"),
        ("3~5 bar at 20~25 °C", "3~5 bar at 20~25 °C"),
        ("5*10 and 6*12 and *this*", "5*10 and 6*12 and <em>this</em>"),
        ("~~gone~~ and ~here~", "<del>gone</del> and ~here~"),
        (
            "`ERR_42`, see https://x.invalid/_media_/y",
            r#"<code>ERR_42</code>, see <a href="https://x.invalid/_media_/y">https://x.invalid/_media_/y</a>"#,
        ),
        ("a | b\n--|--\nc | d | e", "a | b<br>--|--<br>c | d | e"),
        ("see [this]\n\n[this]: https://x.invalid/", r#"see <a href="https://x.invalid/">this</a>"#),
        ("[this]: https://x.invalid/", r#"[this]: <a href="https://x.invalid/">https://x.invalid/</a>"#),
        (">5 bar on the gauge\n\n> quoted", "<p>&gt;5 bar on the gauge</p><blockquote><p>quoted</p></blockquote>"),
        ("~~~\nx = 1\n~~~\nand 3~5", "<pre><code>x = 1</code></pre><p>and 3~5</p>"),
        (
            "<config>\n<path>~/x</path>2*3\n</config>",
            "&lt;config&gt;<br>&lt;path&gt;~/x&lt;/path&gt;2*3<br>&lt;/config&gt;",
        ),
        (
            "```ls -l```\nThen:\n```\ncat ~/x 2*3\n```",
            "<p><code>ls -l</code><br>Then:</p><pre><code>cat ~/x 2*3</code></pre>",
        ),
        ("- it doesn`t start\n- `~/.config`", "<ul><li>it doesn`t start</li><li><code>~/.config</code></li></ul>"),
        ("<https://x.invalid/(a)~b>", r#"<a href="https://x.invalid/(a)~b">https://x.invalid/(a)~b</a>"#),
    ] {
        assert_eq!(to_html(&from_markdown(typed), Flavour::Matrix), html, "{typed}");
    }
}

#[test]
fn raised_numbers_are_powers() {
    for (html, expected) in [
        ("10<sup>6</sup> and 5 m<sup>2</sup>", "10^6 and 5 m^2"),
        ("10<sup><b>-3</b></sup>", "10<strong>^-3</strong>"),
        ("M<sup>me</sup> X, H<sub>2</sub>O", "Mme X, H2O"),
        ("10<sup></sup>6", "106"),
        ("<sup>1</sup> a footnote", "1 a footnote"),
        ("<div>5 m</div><div><sup>1</sup> a footnote</div>", "5 m<br>1 a footnote"),
        ("Pump<sup>1</sup> and <sup>2</sup>, 5<sup>th</sup>", "Pump1 and 2, 5th"),
    ] {
        assert_eq!(to_html(&from_html(html), Flavour::Matrix), expected, "{html}");
    }
}

#[test]
fn marks_within_an_address_are_part_of_it() {
    for (typed, html) in [
        (
            "https://docs.invalid/3/__main__.html",
            r#"<a href="https://docs.invalid/3/__main__.html">https://docs.invalid/3/__main__.html</a>"#,
        ),
        (
            "see https://x.invalid/a*b*c, *now*",
            r#"see <a href="https://x.invalid/a*b*c">https://x.invalid/a*b*c</a>, <em>now</em>"#,
        ),
        ("**https://x.invalid/a_b**", r#"<strong><a href="https://x.invalid/a_b">https://x.invalid/a_b</a></strong>"#),
        ("[here](https://x.invalid/_a_b_)", r#"<a href="https://x.invalid/_a_b_">here</a>"#),
        ("`https://x.invalid/_a_`", "<code>https://x.invalid/_a_</code>"),
        ("<https://x.invalid/_a_b>", r#"<a href="https://x.invalid/_a_b">https://x.invalid/_a_b</a>"#),
    ] {
        assert_eq!(to_html(&from_markdown(typed), Flavour::Matrix), html, "{typed}");
    }
}
