//! The listener for those who watch over us: `/health/live`, `/health/ready`, `/metrics`.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use axum::{
    Json, Router, extract::State as Shared, http::StatusCode, http::header, response::IntoResponse, routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::net::TcpListener;

use super::readiness::{Component, Readiness, Role, State};
use crate::config::Observe;

/// How often measured times are put into their buckets when nobody asks; until then each one takes memory.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// How long a look at the metrics waits for fresh numbers.
const MEASURE_MAX: Duration = Duration::from_secs(2);

/// Brings the gauges up to date.
#[async_trait]
pub trait Measure: Send + Sync {
    async fn measure(&self);
}

/// What the listener tells of.
#[derive(Clone)]
pub struct Health {
    pub readiness: Readiness,
    pub metrics: PrometheusHandle,
    /// Asked before metrics are shown, once it is there: who looks sees what is, and not what was a while ago.
    pub gauges: Arc<OnceLock<Arc<dyn Measure>>>,
}

#[derive(Serialize)]
struct Answer {
    status: State,
    role: Role,
    components: BTreeMap<Component, Part>,
}

#[derive(Serialize)]
struct Part {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub fn router(health: Health) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "alive\n" }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// Taken at the start, so that a port in use stops the program and not only this part of it.
pub async fn bind(observe: &Observe) -> anyhow::Result<TcpListener> {
    let (hostname, port) = (observe.hostname.as_str(), observe.port);
    TcpListener::bind((hostname, port)).await.with_context(|| {
        format!("can't listen on {hostname}:{port} for health and metrics → free it, or set observe.port")
    })
}

/// Answers until `stop` is done.
pub async fn serve(
    listener: TcpListener,
    health: Health,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let upkeep = upkeep(health.metrics.clone());
    let server = axum::serve(listener, router(health)).with_graceful_shutdown(stop);
    tokio::select! {
        result = async { server.await } => result.context("the listener for health and metrics failed"),
        () = upkeep => Ok(()),
    }
}

async fn upkeep(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}

async fn ready(Shared(health): Shared<Health>) -> impl IntoResponse {
    let status = health.readiness.state();
    let components = health
        .readiness
        .reasons()
        .into_iter()
        .map(|(component, reason)| (component, Part { ok: reason.is_none(), reason }))
        .collect();
    let code = if status == State::NotReady { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(Answer { status, role: health.readiness.role(), components }))
}

async fn metrics(Shared(health): Shared<Health>) -> impl IntoResponse {
    if let Some(gauges) = health.gauges.get() {
        // A database that hangs must not take the metrics with it.
        let _late = tokio::time::timeout(MEASURE_MAX, gauges.measure()).await;
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], health.metrics.render())
}
