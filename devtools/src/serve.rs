//! `gadget-devtools serve`: runs the test server until it is interrupted.

use gadget_test_server::Server;

use crate::cli::ServeArgs;
use crate::{SUCCESS, print};

pub(crate) fn run(arguments: &ServeArgs) -> Result<u8, String> {
    let server = Server::start_on(arguments.port, arguments.https_port)
        .map_err(|error| format!("cannot serve on these ports: {error}"))?;
    let ca = server.ca_path().to_str().ok_or("the temporary folder has no UTF-8 path")?;
    let line = serde_json::json!({ "http": server.http(), "https": server.https(), "ca": ca });
    print::line(&line.to_string())?;
    interrupted().map_err(|error| format!("cannot wait for signals: {error}"))?;
    Ok(SUCCESS)
}

/// Waits for a signal to stop. The server then removes the file of its CA.
fn interrupted() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(signal_to_stop())
}

/// Waits for a signal to stop, within a runtime.
pub(crate) async fn signal_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
