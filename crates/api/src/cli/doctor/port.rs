//! The port: free, ours already, or somebody else's.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Finding;
use crate::cli::serve;
use crate::config::Settings;

const PLACE: &str = "address";

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let listen = settings.listen.as_deref().unwrap_or("127.0.0.1:8000");
    // The configuration's check has said it if this is none.
    let Ok(address) = listen.parse::<SocketAddr>() else {
        return Vec::new();
    };
    let finding = match TcpListener::bind(address).await {
        Ok(_) => Finding::fine(PLACE, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if serve::healthcheck(settings).await.is_ok() {
                Finding::fine(
                    PLACE,
                    format!("a service answers on {address}, and is ready"),
                )
            } else {
                let found =
                    format!("{address} is taken by something that is not ready, or not ours");
                let mend = "Stop it, or set STOA_LISTEN to another port.";
                Finding::mend(PLACE, found, mend)
            }
        }
        Err(error) => {
            let found = format!("nothing can serve on {address}: {error}");
            Finding::mend(
                PLACE,
                found,
                "Set STOA_LISTEN to an address of this machine.",
            )
        }
    };
    vec![finding]
}
