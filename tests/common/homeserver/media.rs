//! The media store: what is put there is given out again.

use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::response::Response;
use serde_json::json;

use super::DOMAIN;
use super::world::World;

pub fn answer(world: &mut World, method: &Method, path: &str, body: &Bytes) -> Option<Response> {
    if method == Method::POST && path == "/_matrix/media/v3/upload" {
        world.media.push(body.to_vec());
        let uri = format!("mxc://{DOMAIN}/file{}", world.media.len() - 1);
        let answer = json!({ "content_uri": uri }).to_string();
        return Response::builder().header("content-type", "application/json").body(Body::from(answer)).ok();
    }
    let id = path.strip_prefix("/_matrix/client/v1/media/download/")?.split('/').nth(1)?.strip_prefix("file")?;
    let bytes = world.media.get(id.parse::<usize>().ok()?)?.clone();
    Response::builder().header("content-type", "application/octet-stream").body(Body::from(bytes)).ok()
}
