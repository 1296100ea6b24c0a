//! What the attributes of an element say to us: links, languages, spoilers, and the habits of mail programs.

use html5ever::Attribute;

use super::lines::Style;

/// The value of an attribute, if it is there.
pub fn get<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

pub fn has_class(attributes: &[Attribute], is: impl Fn(&str) -> bool) -> bool {
    get(attributes, "class").is_some_and(|classes| classes.split_ascii_whitespace().any(is))
}

/// The language of `class="language-rust"`, if it is one that can be written again as it is.
pub fn language(attributes: &[Attribute]) -> Option<String> {
    let classes = get(attributes, "class")?;
    let name = classes.split_ascii_whitespace().find_map(|class| class.strip_prefix("language-"))?;
    is_language(name).then(|| name.to_owned())
}

pub fn is_language(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-_.#".contains(&b))
}

/// Whether the element holds the signature that the mail program put there.
pub fn is_signature(attributes: &[Attribute]) -> bool {
    let is_class = |class: &str| {
        matches!(
            class,
            "gmail_signature"
                | "gmail_signature_prefix"
                | "moz-signature"
                | "protonmail_signature_block"
                | "tutanota_signature"
                | "zmail_signature"
        )
    };
    let is_id = |id: &str| {
        matches!(
            id,
            "Signature" | "signature" | "AppleMailSignature" | "ms-outlook-mobile-signature" | "zmail_signature"
        )
    };
    has_class(attributes, is_class) || get(attributes, "id").is_some_and(is_id)
}

/// Paragraphs of Word: a line each, the empty one between two paragraphs is written out.
pub fn is_line_of_word(attributes: &[Attribute]) -> bool {
    has_class(attributes, |class| {
        matches!(
            class,
            "MsoNormal" | "MsoPlainText" | "MsoListParagraph" | "xmsonormal" | "x_MsoNormal" | "elementToProof"
        )
    })
}

/// Whether a table of a mail is there for its data and not to place things on the page.
pub fn is_data_table(attributes: &[Attribute]) -> bool {
    has_class(attributes, |class| class == "MsoTableGrid")
        || get(attributes, "border").is_some_and(|width| width.trim().parse::<u32>().is_ok_and(|width| width > 0))
}

/// Whether a cell was copied from a spreadsheet, whose tables have no border of their own: Excel numbers its styles.
pub fn is_of_a_spreadsheet(attributes: &[Attribute]) -> bool {
    has_class(attributes, |class| {
        class.strip_prefix("xl").is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The `style` attribute as names and values.
fn declarations(attributes: &[Attribute]) -> impl Iterator<Item = (&str, &str)> {
    let style = get(attributes, "style").unwrap_or_default();
    style.split(';').filter_map(|one| one.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

fn has_style(attributes: &[Attribute], name: &str, is: impl Fn(&str) -> bool) -> bool {
    declarations(attributes).any(|(found, value)| found.eq_ignore_ascii_case(name) && is(value))
}

/// Text that the mail program does not show: previews of newsletters, fallbacks for Word.
pub fn is_hidden(attributes: &[Attribute]) -> bool {
    has_style(attributes, "display", |value| starts_with(value, "none"))
        || has_style(attributes, "mso-hide", |value| starts_with(value, "all"))
}

/// Whether line breaks count in it.
pub fn keeps_breaks(attributes: &[Attribute]) -> bool {
    has_style(attributes, "white-space", |value| starts_with(value, "pre") || starts_with(value, "break-spaces"))
}

/// Words in the colour of what is behind them, as our own emitter writes spoilers for helpdesks.
pub fn is_blackened(attributes: &[Attribute]) -> bool {
    let colour = |wanted: &str| {
        let found = declarations(attributes).find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.to_ascii_lowercase())
    };
    let is_black = |value: &str| matches!(value, "#000" | "#000000" | "black" | "rgb(0, 0, 0)" | "rgb(0,0,0)");
    colour("color").is_some_and(|value| is_black(&value))
        && colour("background-color").is_some_and(|value| is_black(&value))
}

pub fn is_normal_weight(attributes: &[Attribute]) -> bool {
    has_style(attributes, "font-weight", |value| starts_with(value, "normal") || value == "400")
}

/// The styles that a `style` attribute asks for.
pub fn styles(attributes: &[Attribute]) -> Vec<Style> {
    let mut found = Vec::new();
    for (name, value) in declarations(attributes) {
        let is_weight =
            |value: &str| starts_with(value, "bold") || value.parse::<u32>().is_ok_and(|weight| weight >= 600);
        if name.eq_ignore_ascii_case("font-weight") && is_weight(value) {
            found.push(Style::Bold);
        } else if name.eq_ignore_ascii_case("font-style") && starts_with(value, "italic") {
            found.push(Style::Italic);
        } else if name.eq_ignore_ascii_case("text-decoration") || name.eq_ignore_ascii_case("text-decoration-line") {
            for word in value.split_ascii_whitespace() {
                match word.to_ascii_lowercase().as_str() {
                    "line-through" => found.push(Style::Strike),
                    "underline" => found.push(Style::Underline),
                    _ => {}
                }
            }
        }
    }
    found
}

fn starts_with(value: &str, start: &str) -> bool {
    value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}
