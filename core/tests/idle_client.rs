//! The cost of a client that makes no request. This test has its own process, because all clients
//! of a process share the engine's threads.

use std::num::NonZeroUsize;

use gadget_request::Client;

#[test]
fn a_client_that_makes_no_request_starts_no_thread_not_even_at_its_end() {
    let client = Client::default();
    client.shutdown();
    drop(client);
    drop(Client::default());
    // It has an effect only before the engine starts its threads.
    assert_eq!(gadget_request::set_worker_threads(NonZeroUsize::MIN), Ok(()));
}
