//! The events of a page's call: they wait until the page asks for the next one.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::response::events::{Demand, EventListener};
use crate::response::response_head::ResponseHead;
use crate::sync::Lock;

/// An event that a page can get.
pub(super) enum Event {
    /// The head, as JSON.
    Headers(String),
    Chunk(Bytes),
}

/// The events of a call that the page has not got yet, and its question for the next one: there is
/// never both. `Q` is the question.
///
/// The listener pauses with each chunk, and the next question ends the pause. So a page has got
/// all its chunks when its call succeeds, and a slow page slows the server down.
pub(super) struct Events<Q>(Lock<State<Q>>);

struct State<Q> {
    due: VecDeque<Event>,
    question: Option<Q>,
}

/// What a question leads to.
pub(super) enum Next<Q> {
    /// The answer to the question.
    Answer(Q, Event),
    /// The question waits, and the call may go on. An older question has no answer.
    Waits(Option<Q>),
}

impl<Q> Events<Q> {
    pub(super) fn new() -> Self {
        Self(Lock::new(State { due: VecDeque::new(), question: None }))
    }

    /// The page asks for the next event.
    pub(super) fn ask(&self, question: Q) -> Next<Q> {
        let mut state = self.0.lock();
        match state.due.pop_front() {
            Some(event) => Next::Answer(question, event),
            None => Next::Waits(state.question.replace(question)),
        }
    }

    /// Returns true if a question waits.
    pub(super) fn is_asked(&self) -> bool {
        self.0.lock().question.is_some()
    }

    /// The call has ended: what waits is dropped, without the lock.
    pub(super) fn end(&self) {
        let mut state = self.0.lock();
        let dropped = (std::mem::take(&mut state.due), state.question.take());
        drop(state);
        drop(dropped);
    }

    /// Returns the answer to the question that waits, if there is one.
    fn add(&self, events: impl Iterator<Item = Event>) -> Option<(Q, Event)> {
        let mut state = self.0.lock();
        state.due.extend(events);
        let question = state.question.take()?;
        match state.due.pop_front() {
            Some(event) => Some((question, event)),
            None => {
                state.question = Some(question);
                None
            }
        }
    }
}

/// Hears of a page's call. `answer` gets a question and the event that answers it.
pub(super) struct Listener<Q, A> {
    pub(super) events: std::sync::Arc<Events<Q>>,
    pub(super) answer: A,
    /// The most bytes of a chunk in one answer.
    pub(super) most: usize,
}

impl<Q, A> Listener<Q, A>
where
    A: FnMut(Q, Event),
{
    fn pass_on(&mut self, events: impl Iterator<Item = Event>) {
        if let Some((question, event)) = self.events.add(events) {
            (self.answer)(question, event);
        }
    }
}

impl<Q, A> EventListener for Listener<Q, A>
where
    Q: Send + 'static,
    A: FnMut(Q, Event) + Send + 'static,
{
    fn on_headers(&mut self, head: &ResponseHead) {
        let json = head.json();
        self.pass_on(std::iter::once(Event::Headers(json)));
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let most = self.most;
        let parts = (0..chunk.len()).step_by(most);
        let part = |from| Event::Chunk(chunk.slice(from..chunk.len().min(from + most)));
        self.pass_on(parts.map(part));
        Demand::Pause
    }

    fn headers_wait(&self) -> bool {
        true
    }
}
