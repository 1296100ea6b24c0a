//! Request Tracker's articles: pages to link to, and building blocks. Each kind has a class of its own.

use serde_json::json;

use super::probe::{RUN_SEED, finding, untold, wrong};
use super::wire::{ArticleRow, CustomField, List, Queue};
use super::{RequestTracker, rights, words};
use crate::helpdesk::Finding;
use crate::model::{Article, Failure, RichText, Search, Shelf};
use crate::text;

/// Articles that one call brings, and calls at most: a class of more is no list to choose from.
const PER_PAGE: usize = 100;
const PAGES_MAX: usize = 10;
/// An agent gets fewer links to choose from. Of building blocks all count: most may be for other desks.
const LINKS_MAX: usize = 30;
const TITLE_CHARS_MAX: usize = 100;
/// Custom fields of an article: its text, the language of it, and the queues that it is for.
const CONTENT: &str = "Content";
const LANGUAGE: &str = "Language";
const QUEUES: &str = "Queues";

pub(super) async fn search(rt: &RequestTracker, search: &Search) -> Result<Vec<Article>, Failure> {
    let Some(class) = class_of(rt, search.shelf) else { return Ok(Vec::new()) };
    let Some(class) = class_id(rt, class).await? else {
        return Err(Failure::dead("Request Tracker shows no such class of articles; `ticketroom check` tells more"));
    };
    let wanted: Vec<String> = search.words.split_whitespace().map(str::to_lowercase).collect();
    let filter = json!([{ "field": "Class", "operator": "=", "value": class }]);
    let found_max = if search.shelf == Shelf::Links { LINKS_MAX } else { usize::MAX };
    let (mut in_title, mut in_text) = (Vec::new(), Vec::new());
    for page in 1..=PAGES_MAX {
        let (page, per_page) = (page.to_string(), PER_PAGE.to_string());
        let query = [
            ("fields", "Name,Summary,CustomFields"),
            ("orderby", "id"),
            ("per_page", per_page.as_str()),
            ("page", page.as_str()),
        ];
        let rows: List<ArticleRow> = rt.client.search(&["articles"], &query, &filter).await?.ok()?;
        let is_last = rows.items.len() < PER_PAGE;
        for row in rows.into_iter() {
            let has = |text: &str| {
                let text = text.to_lowercase();
                wanted.iter().all(|word| text.contains(word.as_str()))
            };
            if has(&row.name) {
                in_title.push(article(rt, &row, search.shelf));
            } else if has(&format!("{} {} {}", row.name, row.summary, content(&row.fields))) {
                in_text.push(article(rt, &row, search.shelf));
            }
        }
        if is_last || in_title.len() >= found_max {
            break;
        }
    }
    in_title.extend(in_text);
    in_title.truncate(found_max);
    Ok(in_title)
}

fn class_of(rt: &RequestTracker, shelf: Shelf) -> Option<&str> {
    match shelf {
        Shelf::Links => rt.config.article_class.as_deref(),
        Shelf::Blocks => rt.config.block_class.as_deref(),
    }
}

/// `None`: there is no such class, or we may not see it.
async fn class_id(rt: &RequestTracker, name: &str) -> Result<Option<u64>, Failure> {
    let known = rt.classes.get(&name.to_owned());
    if known.is_some() {
        return Ok(known);
    }
    let filter = json!([{ "field": "Name", "operator": "=", "value": name }]);
    // Its shape is that of a queue: an id and a name.
    let found: List<Queue> = rt.client.search(&["classes"], &[("fields", "Name")], &filter).await?.ok()?;
    let id = found.into_iter().find(|class| class.name.eq_ignore_ascii_case(name)).map(|class| class.id);
    if let Some(id) = id {
        rt.classes.put(name.to_owned(), id);
    }
    Ok(id)
}

fn article(rt: &RequestTracker, row: &ArticleRow, shelf: Shelf) -> Article {
    let values = |name: &str| row.fields.iter().filter(|f| f.name == name).flat_map(|f| f.values.clone()).collect();
    let desks: Vec<String> = values(QUEUES);
    let languages: Vec<String> = values(LANGUAGE);
    let language = languages.into_iter().next().map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let mut title = words::line(&row.name, TITLE_CHARS_MAX);
    // Names are unique in Request Tracker: `Greeting (de)` is the German `Greeting`.
    if let Some(code) = &language
        && let Some(bare) = title.strip_suffix(&format!("({code})"))
    {
        title = bare.trim_end().to_owned();
    }
    let body = match shelf {
        Shelf::Blocks => read(&content(&row.fields)),
        // A link needs no more than a few words to be found by.
        Shelf::Links => RichText::plain(&words::line(&row.summary, 500)),
    };
    Article { title, url: page(rt, row.id), body, desks, language }
}

/// The text of an article is in a custom field; where it has another name, it is all that is left.
fn content(fields: &[CustomField]) -> String {
    let text = |field: &CustomField| field.values.join("\n");
    match fields.iter().find(|field| field.name == CONTENT) {
        Some(field) if !field.values.is_empty() => text(field),
        _ => {
            let others = fields.iter().filter(|field| field.name != LANGUAGE && field.name != QUEUES);
            others.map(text).filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
        }
    }
}

/// HTML where somebody's editor wrote it, Markdown otherwise.
fn read(content: &str) -> RichText {
    let is_html = ["</p>", "<br", "</div>", "</a>", "</li>", "</strong>"].iter().any(|tag| content.contains(tag));
    if is_html { text::linkify(text::from_html(content)) } else { text::from_markdown(content) }
}

/// The page that a customer may read; an agent can read it, too.
fn page(rt: &RequestTracker, id: u64) -> String {
    if let Some(template) = &rt.config.article_url {
        return template.replace("{id}", &id.to_string());
    }
    let mut url = rt.config.web_url.as_ref().unwrap_or(&rt.config.url).clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["SelfService", "Article", "Display.html"]);
    }
    url.query_pairs_mut().clear().append_pair("id", &id.to_string());
    url.to_string()
}

/// The lines of `ticketroom check`.
pub(super) async fn probe(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    for shelf in [Shelf::Links, Shelf::Blocks] {
        let Some(class) = class_of(rt, shelf) else { continue };
        let what = format!("articles of the class \"{class}\" can be searched");
        findings.push(class_probe(rt, shelf, class, &what).await.unwrap_or_else(|f| wrong(&what, &f.reason)));
    }
}

async fn class_probe(rt: &RequestTracker, shelf: Shelf, class: &str, what: &str) -> Result<Finding, Failure> {
    let Some(id) = class_id(rt, class).await? else {
        let mend = "there is none of this name, or 'ticketroom' needs the right SeeClass";
        return Ok(wrong(what, &format!("{mend}: {RUN_SEED}")));
    };
    let filter = json!([{ "field": "Class", "operator": "=", "value": id }]);
    let query = [("fields", "Name,CustomFields"), ("per_page", "20")];
    let rows: List<ArticleRow> = rt.client.search(&["articles"], &query, &filter).await?.ok()?;
    let rows: Vec<ArticleRow> = rows.into_iter().collect();
    Ok(if rows.is_empty() && rights::is_hidden(rt, "article").await? {
        let mend = "there are articles, and 'ticketroom' sees none of this class; it needs the right ShowArticle";
        wrong(what, &format!("{mend}: {RUN_SEED}"))
    } else if rows.is_empty() {
        untold(what, "there is no article in it yet that would tell: ask again after the first")
    } else if shelf == Shelf::Blocks && rows.iter().all(|row| row.fields.is_empty()) {
        let mend = "'ticketroom' sees no text of theirs; it needs the right SeeCustomField on the fields of articles";
        wrong(what, &format!("{mend}: {RUN_SEED}"))
    } else {
        finding(what, None)
    })
}
