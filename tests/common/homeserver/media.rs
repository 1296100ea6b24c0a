//! The media store: what is put there is given out again.

use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::response::Response;
use serde_json::json;

use super::DOMAIN;
use super::world::World;

impl World {
    /// Where it lies from now on.
    pub fn keep_file(&mut self, content: &[u8]) -> String {
        self.media.push(content.to_vec());
        format!("mxc://{DOMAIN}/file{}", self.media.len() - 1)
    }
}

pub fn answer(world: &mut World, method: &Method, path: &str, body: &Bytes) -> Option<Response> {
    if method == Method::POST && path == "/_matrix/media/v3/upload" {
        let uri = world.keep_file(body);
        let answer = json!({ "content_uri": uri }).to_string();
        return Response::builder().header("content-type", "application/json").body(Body::from(answer)).ok();
    }
    let (server, id) = path.strip_prefix("/_matrix/client/v1/media/download/")?.split_once('/')?;
    if let Err(refused) = world.must_be_reached(&format!("@somebody:{server}")) {
        let answer = json!({ "errcode": refused.code, "error": refused.why }).to_string();
        return Response::builder().status(refused.status).body(Body::from(answer)).ok();
    }
    let id = id.strip_prefix("file")?;
    let bytes = world.media.get(id.parse::<usize>().ok()?)?.clone();
    Response::builder().header("content-type", "application/octet-stream").body(Body::from(bytes)).ok()
}
