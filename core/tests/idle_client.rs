//! What a client costs that makes no request; in a process of its own, because the engine's threads
//! are the process's.

use std::num::NonZeroUsize;

use gadget_request::Client;

#[test]
fn a_client_that_makes_no_request_starts_no_thread_not_even_at_its_end() {
    let client = Client::default();
    client.shutdown();
    drop(client);
    drop(Client::default());
    // It counts only before the engine has its threads.
    assert_eq!(gadget_request::set_worker_threads(NonZeroUsize::MIN), Ok(()));
}
