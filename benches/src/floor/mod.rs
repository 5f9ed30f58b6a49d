//! The floor: the answers of the five requests, written by hand over one prepared statement each.
//!
//! It knows no GraphQL, no tokens, no rights and no budget. What a server must do at least is done
//! here as plainly as Rust and `PostgreSQL` let it, so a ratio to it says what all the rest costs.

mod answer;
mod claim;
mod detail;
mod kpi;
mod members;
mod pool;
mod queue;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use clap::Args;
use stoa_domain::program::Rules;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::Result;
use crate::postgres::Link;
use pool::Pool;

/// How to serve the floor.
#[derive(Args)]
pub struct Options {
    /// Address and port to serve on.
    #[arg(long, default_value = "127.0.0.1:8001")]
    pub listen: SocketAddr,
    /// The database, filled.
    #[arg(long)]
    pub database_url: String,
    /// Database connections.
    #[arg(long, default_value_t = 8)]
    pub database_connections: usize,
    /// Write the address here once it serves.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
}

/// What every request needs.
pub struct Floor {
    pool: Pool,
    rules: HashMap<Uuid, Rules>,
}

/// Serves until it is ended.
pub async fn serve(options: &Options) -> Result<()> {
    let link = Link::open(&options.database_url).await?;
    let floor = Floor {
        pool: Pool::open(&options.database_url, options.database_connections).await?,
        rules: rules(&link).await?,
    };
    drop(link);
    let listener = TcpListener::bind(options.listen).await?;
    if let Some(path) = &options.ready_file {
        std::fs::write(path, listener.local_addr()?.to_string())?;
    }
    // A long answer would else wait for the receipt of its first part.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let routes = Router::new()
        .route("/readyz", get(|| async { "ready\n" }))
        .route("/detail", post(detail::detail))
        .route("/queue", post(queue::queue))
        .route("/members", post(members::members))
        .route("/kpi", post(kpi::kpi))
        .route("/claim", post(claim::claim))
        .with_state(Arc::new(floor));
    Ok(axum::serve(listener, routes).await?)
}

/// The rules of all programs: they never change while they hold, so they are read once.
async fn rules(link: &Link) -> Result<HashMap<Uuid, Rules>> {
    let sql =
        "SELECT p.id, r.rules FROM programs p JOIN revisions r ON r.id = p.current_revision_id";
    let rows = link.client.query(sql, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?)))
        .collect()
}
