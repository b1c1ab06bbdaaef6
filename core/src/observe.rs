//! What happens to the calls of a client, for its host app: events while they run, and a HAR of
//! those that have ended.

mod event;
mod har;
#[cfg(feature = "inspector")]
mod inspector;
#[cfg(not(feature = "inspector"))]
#[path = "observe/no_inspector.rs"]
mod inspector;
mod json;
mod queue;
mod redact;
mod shown;
pub(crate) mod watch;

pub use event::{CallEvent, CallStep, SentRequest};
#[cfg(feature = "inspector")]
pub use inspector::wait_for_inspectors;
pub use queue::Observer;
