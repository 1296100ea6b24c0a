//! Values in queries, in building blocks and in our own sentences: each stays what it is.

use serde::Deserialize;
use ticketroom::bridge::attributed;
use ticketroom::helpdesk::request_tracker::foreign;
use ticketroom::model::RichText;
use ticketroom::text::{Flavour, bracket_links, clean_name, fill, from_markdown, linkify, to_html, to_plain, value};
use ticketroom::texts::Texts;

use crate::data::{check_all, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    value: String,
    written: String,
}

#[test]
fn a_value_in_a_query_ends_where_it_ends() {
    check_all("queries", |case: Query| same(&case.value, foreign::quoted(&case.value), case.written));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    /// A building block of the configuration or the helpdesk.
    block: String,
    /// What the customer calls themselves.
    customer: String,
    html: String,
}

#[test]
fn what_fills_a_building_block_is_words() {
    check_all("templates", |case: Template| {
        let values = |name: &str| match name {
            "customer.name" => value(&case.customer),
            "agent.name" => value("Ada"),
            _ => None,
        };
        let block = linkify(from_markdown(&case.block));
        let (filled, _) = fill(bracket_links(&block).unwrap_or(block), &values);
        same(&format!("{} with {:?}", case.block, case.customer), to_html(&filled, Flavour::Matrix), case.html)
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    name: String,
    said: String,
}

#[test]
fn what_stands_in_our_sentences_is_no_fluent() {
    let texts = Texts::built_in("en");
    check_all("sentences", |case: Sentence| {
        let said = attributed(texts.words(), &clean_name(&case.name), RichText::default());
        let said = to_plain(&said);
        let head = said.lines().next().unwrap_or_default();
        same(&case.name, head.to_owned(), case.said)
    });
}
