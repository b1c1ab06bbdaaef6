//! What happens to the calls of a client, for its host app: events while they run, and a HAR of
//! those that have ended.

mod event;
mod har;
mod json;
mod queue;
mod redact;
pub(crate) mod watch;

pub use event::{CallEvent, CallStep, SentRequest};
pub use queue::Observer;
