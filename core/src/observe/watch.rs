//! Watches one call, for all who want to know what happens to it.

use std::sync::{Arc, OnceLock};

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::cause::{Cause, Failure};
use crate::config::ClientConfig;
use crate::error::Error;
use crate::observe::event::{CallEvent, CallStep, Happened, SentRequest};
use crate::observe::har::{Har, Recording};
use crate::observe::inspector::Inspector;
use crate::observe::queue::{Observer, Queue};
use crate::observe::{redact, shown};
use crate::options::RequestOptions;
use crate::options::request::Request;
use crate::response::Response;
use crate::response::response_head::{ResponseHead, make_text};
use crate::sync::Lock;
use crate::timing::recorder::Recorder;
use crate::timing::{CallMoment, Timing};

/// All who watch the calls of a client. Most clients have none, and then a call pays one branch.
pub(crate) struct Watchers {
    observer: OnceLock<Arc<Queue>>,
    har: Option<Arc<Har>>,
    inspector: Option<Arc<Inspector>>,
}

impl Watchers {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        Self { observer: OnceLock::new(), har: Har::new(config), inspector: Inspector::new(config) }
    }

    /// Adds the observer. Returns false if there is one already.
    pub(crate) fn observe(&self, observer: Box<dyn Observer>) -> bool {
        self.observer.set(Queue::new(observer)).is_ok()
    }

    /// The watch of a call that is started now; `None` if nobody wants to know.
    pub(crate) fn watch(&self) -> Option<Box<Watch>> {
        let (observer, har) = (self.observer.get(), self.har.as_ref());
        let inspector = self.inspector.as_ref();
        if observer.is_none() && har.is_none() && inspector.is_none() {
            return None;
        }
        let told = Told { observer: observer.cloned(), inspector: inspector.cloned() };
        let recording = har.map(Recording::new);
        Some(Box::new(Watch { told: Lock::new(told), recording }))
    }

    /// The exchanges that have ended, as JSON. Without the setting there are none.
    pub(crate) fn har(&self) -> String {
        Har::json(self.har.as_deref())
    }
}

/// Tells what happens to one call. Each function is called at the step that it is named after, with
/// the call's record for its trace and its clock.
pub(crate) struct Watch {
    /// Nobody, once the call has ended: its task may be kept for longer.
    told: Lock<Told>,
    recording: Option<Recording>,
}

/// Who hears of the call.
#[derive(Clone, Default)]
struct Told {
    observer: Option<Arc<Queue>>,
    inspector: Option<Arc<Inspector>>,
}

impl Watch {
    /// `asked` are the options of a call that was refused.
    pub(crate) fn start(
        &self,
        recorder: &Recorder,
        request: Option<&Request>,
        asked: RequestOptions,
    ) {
        let (method, url) = match request {
            Some(request) => (Some(request.method().to_owned()), Some(redact::url(request.url()))),
            None => refused(asked),
        };
        let at = recorder.micros(Some(CallMoment::InvokeStart));
        if let Some(recording) = &self.recording {
            recording.start(recorder, (at, request), method.as_deref(), url.as_deref());
        }
        self.tell(recorder, at, || CallStep::Start { method, url });
    }

    pub(crate) fn queued(&self, recorder: &Recorder, ahead: usize) {
        let at = recorder.micros(Some(CallMoment::QueueStart));
        self.tell(recorder, at, || CallStep::Queued { ahead });
    }

    pub(crate) fn dispatched(&self, recorder: &Recorder, in_flight: usize, queued: usize) {
        let at = recorder.micros(Some(CallMoment::QueueEnd));
        self.tell(recorder, at, || CallStep::Dispatched { in_flight, queued });
    }

    pub(crate) fn connection(&self, recorder: &Recorder) {
        let Some(timing) = recorder.timing() else { return };
        self.tell(recorder, recorder.micros(None), || CallStep::Connection {
            reused: timing.socket_reused().unwrap_or_default(),
            peer_ip: timing.peer_ip(),
            port: timing.port(),
            protocol: timing.protocol().unwrap_or_default(),
        });
    }

    /// `headers` are those that hyper gets. It adds the length of a body.
    pub(crate) fn request(&self, recorder: &Recorder, request: &Request, headers: &HeaderMap) {
        let mut headers = headers.clone();
        let bytes = request.body().map_or(0, |body| body.len() as u64);
        if bytes > 0 {
            headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(bytes));
        }
        if let Some(recording) = &self.recording {
            recording.request(recorder, &headers);
        }
        let more = || shown::request(request, Inspector::MAX_BODY);
        self.tell_more(recorder, recorder.micros(None), more, || {
            let mut headers = redact::headers(headers, recorder.trace());
            make_text(&mut headers);
            let method = request.method().to_owned();
            CallStep::Request(SentRequest {
                method,
                url: redact::url(request.url()),
                headers,
                bytes,
            })
        });
    }

    pub(crate) fn retry(&self, recorder: &Recorder, failure: &Failure) {
        self.tell(recorder, recorder.micros(None), || CallStep::Retry {
            reason: failure.to_string(),
            count: recorder.timing().map_or(0, |timing| timing.retry_count()),
        });
    }

    /// `headers` are those that the mini program may see.
    pub(crate) fn head(&self, recorder: &Recorder, status: StatusCode, headers: &HeaderMap) {
        let head = ResponseHead::new(status, headers.clone());
        if let Some(recording) = &self.recording {
            recording.head(head.clone());
        }
        let at = recorder.micros(Some(CallMoment::ResponseStart));
        self.tell(recorder, at, || CallStep::Head(head));
    }

    /// `next` is the request that is sent next.
    pub(crate) fn redirect(&self, recorder: &Recorder, status: StatusCode, next: &Request) {
        let at = recorder.micros(None);
        if let Some(recording) = &self.recording {
            recording.redirect(recorder, at, next);
        }
        let status = status.as_u16();
        self.tell(recorder, at, || CallStep::Redirect { status, url: redact::url(next.url()) });
    }

    /// `object` makes the result object. It has no `data` if the body has more bytes than it says.
    pub(crate) fn end(
        &self,
        recorder: &Recorder,
        result: Result<&Response, &Error>,
        cause: Option<&Cause>,
        timing: Option<&Timing>,
        object: impl FnOnce(usize) -> String,
    ) {
        let at = recorder.micros(None);
        if let Some(recording) = &self.recording {
            recording.end(at, result, cause, timing);
        }
        let more = || shown::result(result, object(Inspector::MAX_BODY), Inspector::MAX_BODY);
        self.tell_more(recorder, at, more, || CallStep::End {
            result: result.map(Response::status).map_err(Clone::clone),
            cause: cause.cloned(),
            timing: timing.cloned().map(Box::new),
        });
        let told = std::mem::take(&mut *self.told.lock());
        drop(told); // outside the lock: the last one drops the host app's observer
    }

    fn tell(&self, recorder: &Recorder, at: u64, step: impl FnOnce() -> CallStep) {
        self.tell_more(recorder, at, || None, step);
    }

    /// Tells it, and `more` to an inspector.
    fn tell_more(
        &self,
        recorder: &Recorder,
        at: u64,
        more: impl FnOnce() -> Option<String>,
        step: impl FnOnce() -> CallStep,
    ) {
        let Told { observer, inspector } = self.told.lock().clone();
        if observer.is_none() && inspector.is_none() {
            return;
        }
        let (trace, step) = (*recorder.trace(), step());
        let happened = Arc::new(Happened { trace, at, step });
        if let Some(inspector) = inspector {
            inspector.tell(CallEvent::new(&happened, 0).to_json(), more());
        }
        if let Some(observer) = observer {
            observer.push(&happened);
        }
    }
}

/// The method and the URL of a call that was refused, if its options can be read.
fn refused(asked: RequestOptions) -> (Option<String>, Option<String>) {
    let Ok(fields) = asked.into_fields(usize::MAX) else { return (None, None) };
    let method = fields.method.filter(|method| !method.is_empty());
    let method = method.map_or_else(|| "GET".to_owned(), |method| redact::url(&method));
    (Some(method), fields.url.as_deref().and_then(redact::refused_url))
}
