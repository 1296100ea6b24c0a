//! Stands in front of a server and does to calls what a network, a proxy or a server in trouble does.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ticketroom::clock::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Longer than anybody waits.
const NEVER: Duration = Duration::from_secs(120);
/// As long as a server takes to say no.
const REFUSAL: Duration = Duration::from_millis(100);

/// A load balancer asks the next one after this.
const BALANCED_TIMEOUT: Duration = Duration::from_secs(4);

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The server never sees it, and the connection breaks.
    RequestLost,
    /// The server did what it was asked for, and the connection breaks.
    AnswerLost,
    /// The server did it, and this status comes back.
    FailedAfter(u16),
    /// The server never sees it, and answers this.
    Answered(u16, &'static str),
    /// The server never sees it: a proxy knows nobody there, while that starts or is replaced, and says so in words of its own,
    NotFoundPlain,
    /// or in none.
    NotFoundEmpty,
    /// The server never sees it, and asks to be left alone; whoever calls nevertheless is noted.
    Busy(RetryAfter),
    /// The server never sees it, and nothing comes back while the connection stays.
    HalfOpen,
    /// The server did it, and its answer comes in small pieces.
    Slow,
    /// The server did it, and the connection breaks in the middle of its answer.
    Truncated,
    /// The server did it, and its answer ends in the middle, as if that were all.
    CutShort,
    /// The server did it, and the answer comes so much later.
    Late(Duration),
    /// It is not passed on, and yet answered as if it had been.
    Swallowed,
    /// The server gets it twice.
    Doubled,
    /// The server gets it so much later, even if whoever sent it is dead by then.
    Delayed(Duration),
    /// The server gets it when `deliver_kept` is called.
    Kept,
}

/// A call that nobody waits for any more.
type Call = (Method, String, HeaderMap, Bytes);

/// How a server says for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryAfter {
    Seconds(u64),
    /// As a date, so many whole seconds from now.
    Date(u64),
    Absent,
}

/// What was sent before the answer arrived is on its way for so long.
const ON_ITS_WAY: Duration = Duration::from_millis(250);
/// A slow answer comes in so many pieces,
const PIECES: usize = 20;
/// one after each of these.
const PIECE: Duration = Duration::from_millis(50);

/// Which calls it strikes.
enum Rule {
    /// This share of all, each with one of these fates.
    Share(f64, Vec<Fate>),
    /// Each the first time it is seen.
    EachOnce(Fate, HashSet<u64>),
    /// The next ones whose "METHOD path" and body contain these; of those each so-and-so-manieth.
    Next { path: String, body: String, fate: Fate, times: usize, every: usize, seen: usize },
}

struct State {
    rules: Vec<Rule>,
    random: StdRng,
    struck: BTreeMap<String, usize>,
    calls: usize,
    /// It asked to be left alone from then (whoever knows it by then) until then.
    alone: Vec<(Instant, Instant)>,
    called_meanwhile: Vec<String>,
    kept: Vec<Call>,
    /// The ports behind it; several are taken in turn.
    to: Vec<u16>,
    pace: Duration,
}

/// Handle to a running one; it ends with its runtime.
#[derive(Clone)]
pub struct Proxy {
    pub port: u16,
    http: reqwest::Client,
    state: Arc<Mutex<State>>,
    /// Whose call it is at work on, where it has a pace.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Proxy {
    /// In front of a port of this machine. The same seed strikes the same, call for call.
    #[allow(clippy::disallowed_methods, reason = "the tests' own client, beside the product's")]
    pub async fn start(to: u16, seed: u64) -> Self {
        ticketroom_e2e::api::install_tls();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(120)).build().expect("a client");
        let random = StdRng::seed_from_u64(seed);
        let state = State {
            rules: Vec::new(),
            random,
            struck: BTreeMap::new(),
            calls: 0,
            alone: Vec::new(),
            called_meanwhile: Vec::new(),
            kept: Vec::new(),
            to: vec![to],
            pace: Duration::ZERO,
        };
        let proxy = Self { port, http, state: Arc::new(Mutex::new(state)), turn: Arc::default() };
        tokio::spawn(proxy.clone().listen(listener));
        proxy
    }

    /// From now on requests go to these in turn, past those that don't answer.
    pub fn balance(&self, ports: &[u16]) {
        self.state().to = ports.to_vec();
    }

    fn targets(&self) -> Vec<u16> {
        let mut state = self.state();
        state.to.rotate_left(1);
        state.to.clone()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn strike_share(&self, share: f64, fates: &[Fate]) {
        self.state().rules.push(Rule::Share(share, fates.to_vec()));
    }

    pub fn strike_each_once(&self, fate: Fate) {
        self.state().rules.push(Rule::EachOnce(fate, HashSet::new()));
    }

    pub fn strike_next(&self, path: &str, body: &str, fate: Fate, times: usize) {
        let (path, body) = (path.to_owned(), body.to_owned());
        self.state().rules.push(Rule::Next { path, body, fate, times, every: 1, seen: 0 });
    }

    /// Each so-and-so-manieth of those whose "METHOD path" contains this, so often.
    pub fn strike_every(&self, every: usize, path: &str, fate: Fate, times: usize) {
        let (path, body) = (path.to_owned(), String::new());
        self.state().rules.push(Rule::Next { path, body, fate, times, every: every.max(1), seen: 0 });
    }

    /// From now on the server does one call after the other, and each takes so long.
    pub fn set_pace(&self, pace: Duration) {
        self.state().pace = pace;
    }

    /// From now on all goes well.
    pub fn heal(&self) {
        self.state().rules.clear();
    }

    /// How often which fate struck.
    pub fn struck(&self) -> BTreeMap<String, usize> {
        self.state().struck.clone()
    }

    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// The calls that came while it had asked to be left alone.
    pub fn called_meanwhile(&self) -> Vec<String> {
        self.state().called_meanwhile.clone()
    }

    async fn listen(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let proxy = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| proxy.clone().pass(request));
                let _broken_on_purpose = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    fn fate(&self, call: &str, body: &[u8]) -> Option<Fate> {
        let mut state = self.state();
        state.calls += 1;
        let State { rules, random, struck, alone, called_meanwhile, .. } = &mut *state;
        let now = Instant::now();
        alone.retain(|(_, until)| now < *until);
        if alone.iter().any(|(from, _)| *from < now) {
            called_meanwhile.push(call.to_owned());
        }
        let text = String::from_utf8_lossy(body);
        let fate = rules.iter_mut().find_map(|rule| match rule {
            Rule::Share(share, fates) => {
                let at = random.random_range(0..fates.len());
                (random.random::<f64>() < *share).then(|| fates[at].clone())
            }
            Rule::EachOnce(fate, seen) => {
                let mut hash = DefaultHasher::new();
                // A message is the same under the same transaction id: a file in it is uploaded anew for each attempt.
                let told_apart_by = if call.contains("/send/") { &[] } else { body };
                (call, told_apart_by).hash(&mut hash);
                seen.insert(hash.finish()).then(|| fate.clone())
            }
            Rule::Next { path, body, fate, times, every, seen } => {
                let is_one = *times > 0 && call.contains(path.as_str()) && text.contains(body.as_str());
                *seen += usize::from(is_one);
                let strikes = is_one && *seen % *every == 0;
                *times -= usize::from(strikes);
                strikes.then(|| fate.clone())
            }
        })?;
        let name = format!("{fate:?}");
        *struck.entry(name.split('(').next().unwrap_or_default().to_owned()).or_default() += 1;
        Some(fate)
    }

    fn busy(&self, retry_after: RetryAfter) -> Response<Bytes> {
        let body = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","message":"Too many requests"}"#;
        let mut response = answered(429, body);
        let wall = UNIX_EPOCH + Duration::from_millis(u64::try_from(SystemClock.now_ms()).unwrap_or_default());
        let (said, until) = match retry_after {
            RetryAfter::Absent => return response,
            RetryAfter::Seconds(seconds) => (seconds.to_string(), wall + Duration::from_secs(seconds)),
            RetryAfter::Date(seconds) => {
                // A date has no parts of a second: it is the one before.
                let until = wall + Duration::from_secs(seconds);
                let said = httpdate::fmt_http_date(until);
                let until = httpdate::parse_http_date(&said).unwrap_or(until);
                (said, until)
            }
        };
        if let Ok(value) = hyper::header::HeaderValue::from_str(&said) {
            response.headers_mut().insert("retry-after", value);
        }
        let now = Instant::now();
        let until = now + until.duration_since(wall).unwrap_or_default();
        self.state().alone.push((now + ON_ITS_WAY, until));
        response
    }

    /// All that was kept, long after it was sent; how many calls that were.
    pub async fn deliver_kept(&self) -> usize {
        let kept = std::mem::take(&mut self.state().kept);
        let count = kept.len();
        for call in kept {
            self.clone().late(call, Duration::ZERO).await;
        }
        count
    }

    async fn late(self, (method, path, headers, body): Call, wait: Duration) {
        tokio::time::sleep(wait).await;
        let Some(port) = self.targets().first().copied() else { return };
        let mut call = self.http.request(method, format!("http://127.0.0.1:{port}{path}"));
        for name in ["authorization", "content-type"] {
            if let Some(value) = headers.get(name) {
                call = call.header(name, value);
            }
        }
        let _nobody_listens = call.body(body).send().await;
    }

    async fn keep_pace(&self) {
        let pace = self.state().pace;
        if !pace.is_zero() {
            let _mine = self.turn.lock().await;
            tokio::time::sleep(pace).await;
        }
    }

    /// An error closes the connection without an answer.
    async fn pass(self, request: Request<Incoming>) -> Result<Response<Content>, Lost> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let fate = self.fate(&format!("{} {path}", parts.method), &body);
        let forward = || async {
            self.keep_pace().await;
            let mut answer = Err(Lost);
            let targets = self.targets();
            for port in &targets {
                let mut call = self.http.request(parts.method.clone(), format!("http://127.0.0.1:{port}{path}"));
                for (name, value) in &parts.headers {
                    if !["host", "connection", "content-length", "transfer-encoding"].contains(&name.as_str()) {
                        call = call.header(name, value);
                    }
                }
                if targets.len() > 1 {
                    call = call.timeout(BALANCED_TIMEOUT);
                }
                answer = call.body(body.clone()).send().await.map_err(|_| Lost);
                if answer.is_ok() {
                    break;
                }
            }
            let answer = answer?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                if !["connection", "content-length", "transfer-encoding"].contains(&name.as_str()) {
                    response = response.header(name, value);
                }
            }
            let bytes = answer.bytes().await.map_err(|_| Lost)?;
            response.body(bytes).map_err(|_| Lost)
        };
        let whole =
            |answer: Response<Bytes>| answer.map(|bytes| Full::new(bytes).map_err(|never| match never {}).boxed());
        match fate {
            None => forward().await.map(whole),
            Some(Fate::RequestLost) => Err(Lost),
            Some(Fate::AnswerLost) => forward().await.and(Err(Lost)),
            Some(Fate::Busy(retry_after)) => {
                tokio::time::sleep(REFUSAL).await;
                Ok(whole(self.busy(retry_after)))
            }
            Some(Fate::HalfOpen) => {
                tokio::time::sleep(NEVER).await;
                Err(Lost)
            }
            Some(Fate::Slow) => Ok(forward().await?.map(|bytes| in_pieces(&bytes))),
            Some(Fate::Truncated) => Ok(forward().await?.map(|bytes| broken(&bytes))),
            Some(Fate::CutShort) => Ok(whole(forward().await?.map(|bytes| bytes.slice(..bytes.len() / 2)))),
            Some(Fate::FailedAfter(status)) => {
                forward().await?;
                Ok(whole(answered(status, r#"{"message":"it is not you, it is us"}"#)))
            }
            Some(Fate::Answered(status, body)) => {
                tokio::time::sleep(REFUSAL).await;
                Ok(whole(answered(status, body)))
            }
            Some(Fate::NotFoundPlain) => {
                Ok(whole(nobody_there("404 page not found\n", Some("text/plain; charset=utf-8"))))
            }
            Some(Fate::NotFoundEmpty) => Ok(whole(nobody_there("", None))),
            Some(Fate::Late(wait)) => {
                let answer = forward().await;
                tokio::time::sleep(wait).await;
                answer.map(whole)
            }
            Some(Fate::Swallowed) => Ok(whole(answered(200, "{}"))),
            Some(Fate::Doubled) => {
                forward().await?;
                forward().await.map(whole)
            }
            Some(Fate::Delayed(wait)) => {
                // It is under way already: whether whoever sent it lives or dies makes no difference.
                let call = (parts.method.clone(), path.clone(), parts.headers.clone(), body.clone());
                tokio::spawn(self.clone().late(call, wait));
                tokio::time::sleep(NEVER).await;
                Err(Lost)
            }
            Some(Fate::Kept) => {
                let call = (parts.method.clone(), path.clone(), parts.headers.clone(), body.clone());
                self.state().kept.push(call);
                tokio::time::sleep(NEVER).await;
                Err(Lost)
            }
        }
    }
}

type Content = BoxBody<Bytes, Lost>;

fn in_pieces(bytes: &Bytes) -> Content {
    let size = bytes.len().div_ceil(PIECES).max(1);
    let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let pieces = stream::unfold(pieces.into_iter(), |mut left| async {
        let piece = left.next()?;
        tokio::time::sleep(PIECE).await;
        Some((Ok(Frame::data(piece)), left))
    });
    BodyExt::boxed(StreamBody::new(pieces))
}

fn broken(bytes: &Bytes) -> Content {
    let half = bytes.slice(..bytes.len() / 2);
    BodyExt::boxed(StreamBody::new(stream::iter([Ok(Frame::data(half)), Err(Lost)])))
}

fn answered(status: u16, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}

/// As proxies answer that have lost whom they stand in front of: at once.
fn nobody_there(body: &'static str, media_type: Option<&'static str>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = hyper::StatusCode::NOT_FOUND;
    if let Some(media_type) = media_type {
        response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(media_type));
    }
    response
}

#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("lost on purpose")
    }
}

impl std::error::Error for Lost {}
