//! The least that a configuration has to say.

pub const MINIMAL: &str = "\
homeserver:
  address: http://127.0.0.1:8008
  domain: example.org
appservice:
  as_token: as-token-0123456789
  hs_token: hs-token-0123456789
helpdesk:
  request_tracker:
    url: http://127.0.0.1:8080
    token: 1-14-abcdef0123456789
";
