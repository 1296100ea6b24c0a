//! From a file and the environment to a configuration, or to the list of all that is wrong with them.

use std::path::Path;

use ruma::UserId;

use super::{
    agents::agents,
    environment::Environment,
    files::files,
    library,
    lines::Lines,
    listeners::refuse_contradictions,
    options::OptionInfo,
    problem::{Origin, Problem, Problems},
    reader::Reader,
    sections,
    templates::templates,
    texts::texts,
    types::Config,
    values,
    video::video,
    yaml::{self, Tree},
};

/// Reads the file, with the overrides of this process's environment.
pub fn load(path: &Path) -> Result<Config, Problems> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let mend = "name it with `-c`, or make one with `ticketroom generate`";
        one(&file, 1, format!("can't be read: {error}"), mend)
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&file, folder, &text, &Environment::of_process())
}

/// Reads a text that stands for `file`; `folder` is where relative names of secrets' files begin.
pub fn parse(file: &str, folder: &Path, text: &str, environment: &Environment) -> Result<Config, Problems> {
    let lines = Lines::of(text);
    let tree = yaml::parse(text).map_err(|error| {
        if let (true, Some(line)) = (error.message.contains("duplicate entry"), lines.repeated()) {
            return one(file, line, "this key stands here a second time", "keep one of the two");
        }
        let mend = "mend the line, or the one above it (indentation, quotes, a colon without a blank)";
        one(file, error.line, format!("is no YAML: {}", error.message), mend)
    })?;
    let reader = Reader::new(file, folder, &lines, environment);
    let config = read(&reader, &tree);
    if let Some(config) = &config {
        refuse_contradictions(config, &reader);
    }
    reader.refuse_unused_variables();
    match (reader.into_problems(), config) {
        (None, Some(config)) => Ok(config),
        (Some(problems), _) => Err(problems),
        (None, None) => Err(one(file, 1, "can't be understood", "compare it with config.sample.yaml")),
    }
}

/// Every option that there is.
pub fn options() -> Vec<OptionInfo> {
    // An item of each list, so that its keys are asked for.
    let lists = ["agents", "text_assistant", "blocks", "templates"];
    let tree = lists.map(|list| (list.to_owned(), Tree::List(vec![Tree::Map(Vec::new())])));
    let tree = Tree::Map(tree.into());
    let (lines, environment) = (Lines::default(), Environment::default());
    let reader = Reader::new("", Path::new(""), &lines, &environment);
    read(&reader, &tree);
    reader.options()
}

/// Every section is read before any is missed: all problems are to be told at once.
fn read(reader: &Reader<'_>, tree: &Tree) -> Option<Config> {
    let root = reader.root(tree);
    let homeserver = sections::homeserver(&root.section("homeserver"));
    let appservice = sections::appservice(&root.section("appservice"));
    let database = sections::database(&root.section("database"));
    let helpdesk = root.section("helpdesk");
    let hint_token = helpdesk.secret_optional("hint_token", values::own_token);
    let helpdesk = sections::helpdesk(&helpdesk);
    let agents = agents(&root);
    let (links, blocks) = (library::links(&root), library::blocks(&root));
    let templates = templates(&root);
    let quotas = sections::quotas(&root.section("quotas"));
    let video = video(&root.section("video"));
    let rooms = sections::rooms(&root.section("rooms"));
    let delivery = sections::delivery(&root.section("delivery"));
    let files = files(&root.section("files"));
    let texts = texts(&root.section("texts"));
    let logging = sections::logging(&root.section("logging"));
    let observe = sections::observe(&root.section("observe"));
    root.refuse_unknown();

    let (homeserver, appservice) = (homeserver?, appservice?);
    let Ok(bot) = UserId::parse(format!("@{}:{}", appservice.bot_username, homeserver.domain)) else {
        reader.refuse("appservice.bot_username", "makes no Matrix id with homeserver.domain", "shorten it");
        return None;
    };
    Some(Config {
        bot,
        homeserver,
        appservice,
        database: database?,
        helpdesk: helpdesk?,
        hint_token: hint_token?,
        agents: agents?,
        links: links?,
        blocks: blocks?,
        templates: templates?,
        quotas: quotas?,
        video: video?,
        rooms: rooms?,
        delivery: delivery?,
        files: files?,
        texts: texts?,
        logging: logging?,
        observe: observe?,
    })
}

fn one(file: &str, line: usize, wrong: impl Into<String>, mend: &str) -> Problems {
    Problems(vec![Problem {
        origin: Origin::Line { file: file.to_owned(), line },
        key: String::new(),
        wrong: wrong.into(),
        mend: mend.to_owned(),
    }])
}
