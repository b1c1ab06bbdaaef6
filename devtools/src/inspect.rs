//! `gadget-devtools inspect`: serves a page that shows the calls of all attached clients.

mod errors;
mod feed;
mod guard;
mod har;
mod iso;
mod page;
mod received;
mod routes;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use gadget_request::{Client, wait_for_inspectors};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::cli::InspectArgs;
use crate::{SUCCESS, print, serve};
use feed::Feed;

/// How many connections are served at a time: some pages, and many clients with one each. More
/// wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;

/// How long a client may take to tell its inspector the rest.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &InspectArgs) -> Result<u8, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await;
        let listener = listener.map_err(|error| format!("cannot serve on this port: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        print::line(&format!(r#"{{"url":"http://{address}/"}}"#))?;
        tokio::select! {
            () = accept(listener) => Ok(SUCCESS),
            stopped = serve::signal_to_stop() => {
                stopped.map_err(|error| format!("cannot wait for signals: {error}"))?;
                Ok(SUCCESS)
            }
        }
    })
}

/// Ends a client, and waits until its inspector has heard of all its calls, if it has one: the
/// thread that tells it ends with this program.
pub(crate) fn leave(client: Client) {
    drop(client);
    wait_for_inspectors(PATIENCE);
}

/// Serves connections for ever.
async fn accept(listener: TcpListener) {
    let feed = Arc::new(Feed::new());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("nobody closes it");
        let Ok((stream, _)) = listener.accept().await else {
            // A peer that has left already, or too many open files: others may go on meanwhile.
            tokio::task::yield_now().await;
            continue;
        };
        let feed = Arc::clone(&feed);
        tokio::spawn(async move {
            let service = service_fn(|request| routes::answer(Arc::clone(&feed), request));
            // An error is the end of the peer, which is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}
