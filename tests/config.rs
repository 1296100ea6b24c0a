//! The configuration: what is refused and how it is said, and that the sample is the manual.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

#[path = "common/minimal.rs"]
mod minimal;

use std::{fs, path::Path};

use minimal::MINIMAL;
use secrecy::ExposeSecret;
use ticketroom::config::{self, Config, Environment, Helpdesk, Kind, Problems, Registration};
use ticketroom::model::{DeskId, Provider};

const SAMPLE: &str = include_str!("../config.sample.yaml");
const SECRETS: [(&str, &str); 5] = [
    ("CHANGE_ME_AS_TOKEN", "as-token-0123456789"),
    ("CHANGE_ME_HS_TOKEN", "hs-token-0123456789"),
    ("CHANGE_ME_HINT_TOKEN", "hint-token-0123456789"),
    ("CHANGE_ME_RT_TOKEN", "1-14-abcdef0123456789"),
    ("CHANGE_ME_JITSI_SECRET", "jitsi-secret-0123456789"),
];

fn with_secrets(text: &str) -> String {
    SECRETS.iter().fold(text.to_owned(), |text, (sample, real)| text.replace(sample, real))
}

fn minimal() -> String {
    MINIMAL.to_owned()
}

fn parse(text: &str) -> Result<Config, Problems> {
    config::parse("c.yaml", Path::new("/nowhere"), text, &Environment::default())
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, Problems> {
    config::parse("c.yaml", Path::new("/nowhere"), text, &variables.iter().copied().collect())
}

fn refused(text: &str) -> String {
    parse(text).map(|_| ()).expect_err("this must be refused").to_string()
}

/// The minimal file with a line put in behind the one that contains `after`.
fn with_line(after: &str, line: &str) -> String {
    let mut text = String::new();
    for it in minimal().lines() {
        text += it;
        text += "\n";
        if it.contains(after) {
            text += line;
            text += "\n";
        }
    }
    text
}

#[test]
fn the_sample_with_real_secrets_is_right_and_holds_nothing_but_defaults() {
    let sample = parse(&with_secrets(SAMPLE)).unwrap();
    let from_defaults = minimal().replace("http://127.0.0.1:8080", "https://rt.example.org");
    assert_eq!(format!("{sample:?}"), format!("{:?}", parse(&from_defaults).unwrap()));
}

#[test]
fn every_option_stands_in_the_sample_with_its_default_and_a_reason() {
    let lines: Vec<&str> = SAMPLE.lines().collect();
    let mut problems = Vec::new();
    for option in config::options() {
        let key = option.path.rsplit('.').next().unwrap().to_owned();
        let default = option.default.as_deref().map(|default| format!("# Default: {default}"));
        let documented = lines.iter().enumerate().any(|(i, line)| {
            let line = line.trim_start();
            let line = line.strip_prefix('#').unwrap_or(line);
            let line = line.strip_prefix("- ").unwrap_or(line);
            let Some(value) = line.strip_prefix(&format!("{key}:")) else { return false };
            let comment: Vec<&str> =
                lines[..i].iter().rev().map(|it| it.trim()).take_while(|it| it.starts_with("# ")).collect();
            let said = match &default {
                Some(default) => comment.iter().any(|it| it.starts_with(default.as_str())),
                None if option.required => comment.iter().any(|it| it.starts_with("# Required.")),
                None => comment.iter().any(|it| it.starts_with("# Default: none")),
            };
            let value = value.trim().trim_matches('"');
            let same = option.kind == Kind::List || option.default.as_deref().is_none_or(|it| it == value);
            said && same && comment.len() > 1
        });
        if !documented {
            problems.push(option);
        }
    }
    assert!(problems.is_empty(), "not in config.sample.yaml, or with another default there: {problems:#?}");
}

#[test]
fn every_option_of_the_sample_can_be_switched_on() {
    let on: String = with_secrets(SAMPLE)
        .lines()
        .map(|line| {
            let blanks = &line[..line.len() - line.trim_start().len()];
            match line.trim_start().strip_prefix('#') {
                Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{blanks}{rest}\n"),
                _ => format!("{line}\n"),
            }
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("texts")).unwrap();
    let config = config::parse("c.yaml", folder.path(), &on, &Environment::default()).unwrap();
    assert_eq!(config.homeserver.room_version.unwrap().as_str(), "12");
    assert_eq!(config.agents.len(), 1);
    assert_eq!(config.agents[0].name, "Ada");
}

#[test]
fn leftover_sample_secrets_are_refused_all_at_once_with_line_and_mend() {
    let problems = parse(SAMPLE).unwrap_err();
    let keys: Vec<&str> = problems.0.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["appservice.as_token", "appservice.hs_token", "helpdesk.request_tracker.token"]);
    for problem in &problems.0 {
        let text = problem.to_string();
        let key = format!("{}:", problem.key.rsplit('.').next().unwrap());
        let is_it = |line: &str| line.trim().starts_with(&key) && line.contains("CHANGE_ME");
        let place = format!("c.yaml:{}: ", SAMPLE.lines().position(is_it).unwrap() + 1);
        assert!(text.starts_with(&place), "{text}");
        assert!(text.contains("is still the sample's → put the real secret here"), "{text}");
    }
}

#[test]
fn a_sample_secret_that_somebody_only_uncommented_is_refused() {
    let uncommented = SAMPLE
        .replace("#hint_token: \"CHANGE_ME", "hint_token: \"CHANGE_ME")
        .replace("#secret: \"CHANGE_ME", "secret: \"CHANGE_ME");
    let problems = parse(&uncommented).unwrap_err();
    for key in ["helpdesk.hint_token", "video.jitsi.secret"] {
        let problem = problems.0.iter().find(|problem| problem.key == key);
        let text = problem.unwrap_or_else(|| panic!("{key}: {problems:?}")).to_string();
        assert!(text.contains("is still the sample's → put the real secret here"), "{text}");
    }
}

#[test]
fn each_mistake_is_named_with_its_line_its_key_and_what_to_do() {
    for (text, expected) in [
        (with_line("  domain", "  colour: red"), "c.yaml:4: homeserver.colour: there is no such option here"),
        (
            with_line("  as_token", "  as_tokn: x"),
            "c.yaml:6: appservice.as_tokn: there is no such option here → did you mean `as_token`?",
        ),
        (minimal() + "helpdsk: {}\n", "c.yaml:11: helpdsk: there is no such option here → did you mean `helpdesk`?"),
        (
            with_line("appservice", "  port: 0"),
            "c.yaml:5: appservice.port: is out of range → write a whole number of a TCP port from 1 to 65535",
        ),
        (with_line("appservice", "  port: \"29328\""), "c.yaml:5: appservice.port: is a text, not a number"),
        (with_line("appservice", "  port: yes please"), "c.yaml:5: appservice.port: is a text, not a number"),
        (with_line("appservice", "  port: [1]"), "c.yaml:5: appservice.port: is a list, not a number"),
        (with_line("appservice", "  id: 12"), "c.yaml:5: appservice.id: is a number, not a text"),
        (with_line("appservice", "  id: \"\""), "c.yaml:5: appservice.id: is empty"),
        (with_line("appservice", "  id: a/b"), "c.yaml:5: appservice.id: has other signs than"),
        (
            with_line("appservice", "  user_prefix: Desk_"),
            "c.yaml:5: appservice.user_prefix: has signs that Matrix ids can't have",
        ),
        (with_line("appservice", "  user_prefix: \"9desk_\""), "c.yaml:5: appservice.user_prefix: is too wide"),
        (
            with_line("appservice", "  bot_username: helper"),
            "c.yaml:5: appservice.bot_username: is outside of user_prefix → begin it with _desk_",
        ),
        (
            with_line("appservice", "  bot_username: \"@_desk_bot:example.org\""),
            "appservice.bot_username: is a whole Matrix id",
        ),
        (
            with_line("appservice", "  sender_localpart: _desk_bot"),
            "c.yaml:5: appservice.sender_localpart: is the bot's name",
        ),
        (
            with_line("appservice", "  address: http://0.0.0.0:29328"),
            "c.yaml:5: appservice.address: is an address to listen on",
        ),
        (
            with_line("appservice", "  address: http://10.0.0.5:29328"),
            "appservice.hostname: is reached from this machine only",
        ),
        (with_line("appservice", "  hostname: 10.0.0.5"), "appservice.address: is this machine's inner address"),
        (with_line("appservice", "  port: 29329"), "observe.port: is appservice.port too"),
        (with_line("appservice", "  max_transaction_bytes: 10"), "from 8388608 to 1073741824"),
        (
            minimal().replace("hs-token-0123456789", "as-token-0123456789"),
            "c.yaml:6: appservice.hs_token: is the same as as_token",
        ),
        (
            with_line("helpdesk", "  hint_token: hs-token-0123456789"),
            "helpdesk.hint_token: is the same as appservice.hs_token",
        ),
        (
            with_line("helpdesk", "  hint_token: as-token-0123456789"),
            "helpdesk.hint_token: is the same as appservice.as_token",
        ),
        (minimal().replace("hs-token-0123456789", "short"), "c.yaml:6: appservice.hs_token: is shorter than 16 signs"),
        (
            minimal().replace("domain: example.org", "domain: https://example.org"),
            "c.yaml:3: homeserver.domain: is an address → write the server name alone",
        ),
        (minimal().replace("domain: example.org", "domain: a b"), "c.yaml:3: homeserver.domain: is no server name"),
        (minimal().replace("8008", "8008/_matrix"), "c.yaml:2: homeserver.address: has a path"),
        (minimal().replace("http://127.0.0.1:8008", "127.0.0.1:8008"), "c.yaml:2: homeserver.address: is "),
        (
            minimal().replace("http://127.0.0.1:8008", "ftp://host"),
            "homeserver.address: is neither an http nor an https URL",
        ),
        (
            minimal().replace(":8080", ":8080/REST/2.0"),
            "c.yaml:9: helpdesk.request_tracker.url: names the REST interface",
        ),
        (
            minimal().replace("  domain: example.org\n", ""),
            "c.yaml:1: homeserver.domain: is missing → add it (config.sample.yaml says what it is), or set TICKETROOM_HOMESERVER__DOMAIN",
        ),
        (with_line("helpdesk", "  kind: jira"), "c.yaml:8: helpdesk.kind: is a helpdesk that Ticketroom does not know"),
        (minimal() + "database:\n  uri: mysql://x\n", "c.yaml:12: database.uri: is neither SQLite nor PostgreSQL"),
        (
            minimal() + "delivery:\n  retry_first_ms: 60000\n  retry_max_s: 1\n",
            "c.yaml:13: delivery.retry_max_s: is shorter than retry_first_ms",
        ),
        (minimal() + "logging: loud\n", "c.yaml:11: logging: is a text, not a section"),
        (
            minimal() + "logging:\n  level: verbose\n",
            "c.yaml:12: logging.level: is no level → write one of error, warn, info, debug, trace",
        ),
        (
            minimal() + "text_assistant:\n- {title: T, url: \"ftp://x.org/\"}\n",
            "c.yaml:12: text_assistant[0].url: is no address that may be linked",
        ),
        (
            minimal() + "text_assistant:\n- {title: T, url: \"https://x.org/\", template: See here}\n",
            "c.yaml:12: text_assistant[0].template: has no {{link}}",
        ),
        (minimal() + "blocks:\n- {name: T}\n", "c.yaml:12: blocks[0].body: is missing"),
        (minimal() + "agents: ada\n", "c.yaml:11: agents: is a text, not a list"),
        (minimal() + "agents:\n  - ada\n", "c.yaml:12: agents[0]: is a text, not a section"),
        (
            minimal() + "agents:\n  - {login: ada, matrix: ada, name: Ada}\n",
            "c.yaml:12: agents[0].matrix: is no Matrix id",
        ),
        (
            minimal() + "agents:\n  - login: ada\n    matrix: \"@_desk_x:example.org\"\n    name: Ada\n",
            "c.yaml:13: agents[0].matrix: is one of Ticketroom's own accounts",
        ),
        (
            minimal()
                + "agents:\n- {login: ada, matrix: \"@a:b.c\", name: Ada}\n- login: bob\n  matrix: \"@a:b.c\"\n  name: Bob\n",
            "c.yaml:14: agents[1].matrix: is the same as that of agents[0]",
        ),
    ] {
        let said = refused(&text);
        assert!(said.contains(expected), "expected `{expected}`, but it said\n{said}\nof\n{text}");
        assert_eq!(said.lines().count(), 1, "one mistake, one line: {said}");
        assert!(said.contains(" → "), "what to do: {said}");
    }
}

#[test]
fn what_is_no_yaml_is_refused_with_its_line() {
    for (text, line) in
        [("a: b: c\n", 1), ("homeserver:\n  address: \"x\n", 3), ("a: 1\na: 2\n", 2), ("- x\n", 1), ("", 1)]
    {
        let said = refused(text);
        assert!(said.contains(&format!("c.yaml:{line}:")), "{said}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = minimal().replace("domain: example.org", "domain: \"\"").replace("    url: http://127.0.0.1:8080\n", "")
        + "observe:\n  port: 70000\n  prot: 1\nlogging:\n  format: xml\n";
    let keys: Vec<String> = parse(&text).unwrap_err().0.into_iter().map(|problem| problem.key).collect();
    assert_eq!(
        keys,
        ["homeserver.domain", "helpdesk.request_tracker.url", "observe.port", "observe.prot", "logging.format"]
    );
}

#[test]
fn no_message_repeats_a_value() {
    let text = minimal()
        .replace("as-token-0123456789", "very secret")
        .replace("http://127.0.0.1:8080", "https://u:hunter2@rt")
        + "database:\n  uri: mysql://u:hunter2@h/d\n";
    let said = refused(&text);
    assert!(!said.contains("very secret") && !said.contains("hunter2"), "{said}");
}

#[test]
fn debug_never_shows_a_secret() {
    let config = parse(&(minimal() + "database:\n  uri: postgres://u:hunter2@h/d\n")).unwrap();
    let shown = format!("{config:?} {:?} {:?}", Registration::of(&config), Environment::of_process());
    for secret in ["as-token", "hs-token", "1-14-", "hunter2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_environment_overrides_every_kind_of_value() {
    let config = parse_with(
        &minimal(),
        &[
            ("TICKETROOM_HOMESERVER__ADDRESS", "http://synapse:8008"),
            ("TICKETROOM_APPSERVICE__PORT", "4000"),
            ("TICKETROOM_APPSERVICE__AS_TOKEN", "from-the-environment"),
            ("TICKETROOM_HELPDESK__REQUEST_TRACKER__POLL_INTERVAL_MS", "500"),
            ("TICKETROOM_AGENTS", "[{login: ada, matrix: \"@ada:example.org\", name: Ada, desks: [General, 3]}]"),
            ("TICKETROOM_PORT", "tcp://10.0.0.1:29328"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.homeserver.address.as_str(), "http://synapse:8008/");
    assert_eq!(config.appservice.port, 4000);
    assert_eq!(config.appservice.as_token.expose_secret(), "from-the-environment");
    assert_eq!(config.helpdesk.poll_interval().as_millis(), 500);
    assert_eq!(config.agents[0].desks, ["General", "3"]);
}

#[test]
fn a_wrong_variable_is_named_as_such() {
    for (variable, expected) in [
        (
            ("TICKETROOM_APPSERVICE__PORT", "many"),
            "environment variable TICKETROOM_APPSERVICE__PORT: appservice.port: is out of range",
        ),
        (
            ("TICKETROOM_APPSERVICE__COLOUR", "red"),
            "environment variable TICKETROOM_APPSERVICE__COLOUR: appservice.colour: there is no such option",
        ),
        (
            ("TICKETROOM_AGENTS", "[{login: ada}]"),
            "environment variable TICKETROOM_AGENTS: agents[0].matrix: is missing",
        ),
        (("TICKETROOM_AGENTS", "}"), "environment variable TICKETROOM_AGENTS: agents: is no list in YAML"),
    ] {
        let said = parse_with(&minimal(), &[variable]).unwrap_err().to_string();
        assert!(said.contains(expected), "expected `{expected}`, but it said\n{said}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "  token-from-a-file\n").unwrap();
    let absolute = folder.path().join("token");
    let read = |text: &str, variables: &[(&str, &str)]| {
        config::parse("c.yaml", folder.path(), text, &variables.iter().copied().collect())
    };

    let text = minimal().replace("as_token: as-token-0123456789", "as_token_file: token");
    let config = read(&text, &[]).unwrap();
    assert_eq!(config.appservice.as_token.expose_secret(), "token-from-a-file");

    let variable = [("TICKETROOM_APPSERVICE__AS_TOKEN_FILE", absolute.to_str().unwrap())];
    let config = read(&minimal(), &variable).unwrap();
    assert_eq!(config.appservice.as_token.expose_secret(), "token-from-a-file", "the environment wins");

    let both = minimal().replace("  as_token:", "  as_token_file: token\n  as_token:");
    let said = read(&both, &[]).unwrap_err().to_string();
    assert!(
        said.contains("c.yaml:5: appservice.as_token_file: `as_token` is given too → keep one of the two"),
        "{said}"
    );

    let missing = minimal().replace("as_token: as-token-0123456789", "as_token_file: gone");
    let said = read(&missing, &[]).unwrap_err().to_string();
    assert!(said.contains("c.yaml:5: appservice.as_token_file: ") && said.contains("can't be read"), "{said}");
}

#[test]
fn the_helpdesk_for_tests_needs_no_address() {
    let text = minimal();
    let (before, _) = text.split_once("helpdesk").unwrap();
    let config = parse(&format!("{before}helpdesk:\n  kind: memory\n")).unwrap();
    assert!(matches!(config.helpdesk, Helpdesk::Memory { .. }));
}

#[test]
fn the_registration_claims_our_names_and_no_others() {
    let config = parse(&minimal()).unwrap();
    let yaml = Registration::of(&config).to_yaml().unwrap();
    for line in [
        "id: ticketroom",
        "url: http://127.0.0.1:29328",
        "as_token: as-token-0123456789",
        "hs_token: hs-token-0123456789",
        "sender_localpart: _desk_appservice",
        "rate_limited: false",
        "receive_ephemeral: false",
        "io.element.msc4190: true",
        r"    regex: '@_desk_.*:example\.org$'",
        r"    regex: '#_desk_.*:example\.org$'",
        "  rooms: []",
    ] {
        assert!(yaml.lines().any(|it| it == line), "no line `{line}` in\n{yaml}");
    }
    assert_eq!(yaml.matches("- exclusive: true").count(), 2);
    assert!(Registration::from_yaml(&yaml).unwrap() == Registration::of(&config));
    let ours: ruma::api::appservice::Registration = serde_yaml::from_str(&yaml).unwrap();
    assert_eq!(ours.rate_limited, Some(false));
}

#[test]
fn the_documented_registration_is_the_one_that_the_sample_makes() {
    let config = parse(&with_secrets(SAMPLE)).unwrap();
    let documented = with_secrets(include_str!("../registration.yaml"));
    let differences = Registration::from_yaml(&documented).unwrap().differs_from(&Registration::of(&config));
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn a_registration_may_claim_the_agents_too() {
    let wanted = Registration::of(&parse(&minimal()).unwrap());
    let mut written = wanted.clone();
    written
        .namespaces
        .users
        .push(config::Namespace { exclusive: false, regex: r"@(anna|bert):example\.org$".to_owned() });
    assert_eq!(written.differs_from(&wanted), Vec::<&str>::new());
    written.namespaces.users.remove(0);
    assert_eq!(written.differs_from(&wanted), ["namespaces.users"]);
}

#[test]
fn a_template_is_read_with_its_defaults() {
    let text = minimal() + "templates:\n  - name: pumps\n    subject: \"{{device.name}}: {{message}}\"\n";
    let config = parse(&text).unwrap();
    let [template] = config.templates.as_slice() else { panic!("{:?}", config.templates) };
    assert_eq!((template.name.as_str(), template.subject.as_deref()), ("pumps", Some("{{device.name}}: {{message}}")));
    assert_eq!((template.queue.as_deref(), template.block.as_deref(), template.video), (None, None, true));
}

#[test]
fn a_template_that_customers_would_see_the_inside_of_is_refused() {
    for (line, problem) in [
        ("subject: \"{{ticket.owner}}\"", "has a variable that there is not"),
        ("block: \"Hello {{name}}\"", "has a variable that there is not"),
        ("subject: \"a\\nb\"", "has several lines"),
        ("priority: urgent", "is no priority"),
        ("priority: \"101\"", "is no priority"),
        ("video: \"yes\"", "is neither true nor false"),
    ] {
        let said = refused(&(minimal() + &format!("templates:\n  - name: pumps\n    {line}\n")));
        assert!(said.contains(problem) && said.contains("c.yaml:13"), "{line}: {said}");
    }
    let said = refused(&(minimal() + "templates:\n  - name: pumps\n  - name: pumps\n"));
    assert!(said.contains("templates[1].name: is the name of another template"), "{said}");
}

#[test]
fn a_quota_of_0_is_none() {
    let config = parse(&(minimal() + "quotas:\n  tickets_per_customer_per_hour: 0\n")).unwrap();
    assert_eq!(config.quotas.tickets_per_customer_per_hour, None);
    assert_eq!(config.quotas.open_tickets_per_customer, Some(30));
}

#[test]
fn a_provider_of_video_sessions_needs_what_it_needs() {
    let video = |lines: &str| minimal() + "video:\n" + lines;
    for (lines, expected) in [
        ("  provider: zoom\n", "video.provider: is no provider of video sessions"),
        ("  provider: jitsi\n", "video.jitsi.address: is missing"),
        ("  provider: element_call\n", "video.element_call.address: is missing"),
        ("  provider: template\n", "video.template: is missing"),
        ("  template: https://v.example.org/\n", "video.template: does not say once"),
        ("  template: \"javascript:{session}\"\n", "video.template: is no address"),
        ("  jitsi:\n    app_id: desk\n", "video.jitsi.secret: is only a part"),
        ("  jitsi:\n    tokens_for_guests: true\n", "video.jitsi.secret: is only a part"),
        ("  off_for:\n    devices:\n    - [x]\n", "video.off_for.devices[0]: is no name"),
    ] {
        let said = refused(&video(lines));
        assert!(said.contains(expected), "{lines}: {said}");
    }
    let secret = "only-jitsi-and-we-know-this";
    let lines = format!(
        "  provider: jitsi\n  jitsi:\n    address: https://meet.example.org\n    app_id: desk\n    secret: {secret}\n  \
         off_for:\n    desks: [General, 7]\n"
    );
    let config = parse(&video(&lines)).unwrap();
    let Some(Provider::Jitsi { tokens: Some(tokens), .. }) = &config.video.provider else {
        panic!("{:?}", config.video)
    };
    assert_eq!((tokens.app_id.as_str(), tokens.secret.expose_secret(), tokens.for_guests), ("desk", secret, false));
    assert_eq!(config.video.off_for.desks, ["General", "7"]);
    assert!(!format!("{config:?}").contains(secret));
    let settings = config.settings(DeskId::new("1"), &[]);
    assert_eq!(settings.video.key.expose_secret(), config.appservice.as_token.expose_secret());
    assert!(parse(&minimal()).unwrap().video.provider.is_none());
}
