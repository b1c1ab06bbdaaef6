//! The callbacks of calls: from a thread of the engine to a function of `NativeCalls`. All `unsafe`
//! of this crate is here.

#![allow(unsafe_code, reason = "the JVM knows nothing of Rust's rules")]

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, OnceLock};

use gadget_request::{Error, Outcome, Response, ResponseData, ResponseHead};
use jni::errors::{JniError, Result};
use jni::ids::JStaticMethodID;
use jni::objects::{Global, JByteArray, JClass, JObject};
use jni::signature::{Primitive, ReturnType};
use jni::sys::{self, jint, jvalue};
use jni::{Env, JavaVM, jni_sig, jni_str};

use crate::jvm::texts::write;
use crate::timing;

/// The JVM calls this when it loads the library.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _: *mut c_void) -> jint {
    // SAFETY: the JVM passes itself. It is kept for the threads of the engine.
    let _ = unsafe { JavaVM::from_raw(vm) };
    sys::JNI_VERSION_1_6
}

/// What a call's callback gets.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Typed,
    Json,
}

/// A call, as Kotlin knows it.
pub(super) type Call = Global<JObject<'static>>;

/// The functions of `NativeCalls` that get outcomes and events.
pub(super) struct Callbacks {
    class: Global<JClass<'static>>,
    succeeded: JStaticMethodID,
    failed: JStaticMethodID,
    finished: JStaticMethodID,
    received_headers: JStaticMethodID,
    received_chunk: JStaticMethodID,
}

impl Callbacks {
    /// Looks the functions up, once in the process: the JVM gives a library to one class loader.
    pub(super) fn of(env: &mut Env<'_>, class: &JClass<'_>) -> Result<&'static Self> {
        static CALLBACKS: OnceLock<Callbacks> = OnceLock::new();
        if let Some(known) = CALLBACKS.get() {
            return Ok(known);
        }
        let callbacks = Self {
            succeeded: env.get_static_method_id(
                class,
                jni_str!("succeeded"),
                jni_sig!((
                    JObject, status: jint, texts: byte[], body: byte[], text: byte[],
                    jint, jint, jint, jint, timing: byte[]
                ) -> void),
            )?,
            failed: env.get_static_method_id(
                class,
                jni_str!("failed"),
                jni_sig!((JObject, errno: jint, texts: byte[], timing: byte[]) -> void),
            )?,
            finished: env.get_static_method_id(
                class,
                jni_str!("finished"),
                jni_sig!((JObject, is_success: jboolean, json: byte[], bytes: byte[]) -> void),
            )?,
            received_headers: env.get_static_method_id(
                class,
                jni_str!("receivedHeaders"),
                jni_sig!((JObject, status: jint, texts: byte[], json: byte[]) -> void),
            )?,
            received_chunk: env.get_static_method_id(
                class,
                jni_str!("receivedChunk"),
                jni_sig!((JObject, bytes: byte[]) -> void),
            )?,
            class: env.new_global_ref(class)?,
        };
        Ok(CALLBACKS.get_or_init(|| callbacks))
    }

    /// Calls back, once. If the JVM has no memory for a response, it is a failure.
    pub(super) fn complete(&'static self, call: Arc<Call>, outcome: &Outcome, form: Form) {
        let called = with_env(|env| {
            self.pass(env, &call, outcome, form).or_else(|error| {
                env.exception_clear();
                log::error!("a result is lost: {error}");
                let lost = Outcome::failed(*outcome.trace(), Error::Internal);
                self.pass(env, &call, &lost, form)
            })?;
            // Here, because this thread is attached.
            drop(call);
            Ok(())
        });
        if let Err(error) = called {
            log::error!("a callback could not be called: {error}");
        }
    }

    /// Passes a head on. Returns false if it is lost.
    pub(super) fn tell_headers(&self, call: Arc<Call>, head: &ResponseHead) -> bool {
        let fields: Vec<&str> = head.headers().flat_map(|(name, value)| [name, value]).collect();
        let (texts, json) = (write(fields.iter().copied()), head.json());
        self.tell(call, |env, call| {
            let status = jvalue { i: head.status().into() };
            let texts = env.byte_array_from_slice(&texts)?;
            let json = env.byte_array_from_slice(json.as_bytes())?;
            self.call(env, self.received_headers, &[call, status, object(&texts), object(&json)])
        })
    }

    /// Passes a chunk on. Returns false if it is lost.
    pub(super) fn tell_chunk(&self, call: Arc<Call>, chunk: &[u8]) -> bool {
        self.tell(call, |env, call| {
            let bytes = env.byte_array_from_slice(chunk)?;
            self.call(env, self.received_chunk, &[call, object(&bytes)])
        })
    }

    fn tell(
        &self,
        call: Arc<Call>,
        event: impl FnOnce(&mut Env<'_>, jvalue) -> Result<()>,
    ) -> bool {
        let told = with_env(|env| {
            let told = event(env, object(&*call));
            // Here, because this thread is attached; and an exception must not stay.
            drop(call);
            told.inspect_err(|_| env.exception_clear())
        });
        told.inspect_err(|error| log::error!("an event is lost: {error}")).is_ok()
    }

    fn pass(&self, env: &mut Env<'_>, call: &Call, outcome: &Outcome, form: Form) -> Result<()> {
        let call = object(call);
        match (form, outcome.result()) {
            (Form::Json, result) => {
                let json = env.byte_array_from_slice(outcome.json().as_bytes())?;
                let bytes = optional(env, outcome.array_buffer().map(AsRef::as_ref))?;
                let is_success = jvalue { z: result.is_ok() };
                self.call(env, self.finished, &[call, is_success, object(&json), object(&bytes)])
            }
            (Form::Typed, Ok(response)) => self.succeed(env, call, outcome, response),
            (Form::Typed, Err(error)) => {
                let (detail, cause) = (error.to_string(), outcome.cause().map(ToString::to_string));
                let texts = [outcome.trace().as_str(), &detail].into_iter();
                let texts = env.byte_array_from_slice(&write(texts.chain(cause.as_deref())))?;
                let errno = jvalue { i: error.errno().code().cast_signed() };
                let timing = profile(env, outcome)?;
                self.call(env, self.failed, &[call, errno, object(&texts), object(&timing)])
            }
        }
    }

    fn succeed(
        &self,
        env: &mut Env<'_>,
        call: jvalue,
        outcome: &Outcome,
        response: &Response,
    ) -> Result<()> {
        let fields = response.headers().flat_map(|(name, value)| [name, value]);
        let texts: Vec<&str> = [outcome.trace().as_str()].into_iter().chain(fields).collect();
        let texts = env.byte_array_from_slice(&write(texts.iter().copied()))?;
        let body = env.byte_array_from_slice(response.body())?;
        let whole = response.text();
        let (text, json) = match response.data() {
            ResponseData::Text(_) => (Some(&*whole), None),
            ResponseData::Json(json) => (Some(&*whole), Some(json)),
            ResponseData::ArrayBuffer(_) => (None, None),
        };
        // Most texts are in the body as they are, without a byte order mark.
        let place = text.and_then(|text| place_in(response.body(), text));
        let own = text.filter(|_| place.is_none());
        let own = optional(env, own.map(str::as_bytes))?;
        let place = place.or(text.map(|text| (0, text.len())));
        let json = json.and_then(|json| place_in(whole.as_bytes(), json));
        let mut arguments = vec![call, jvalue { i: response.status().into() }];
        arguments.extend([object(&texts), object(&body), object(&own)]);
        for place in [place, json] {
            let (from, to) = place.unwrap_or((usize::MAX, usize::MAX));
            arguments.extend([from, to].map(|at| jvalue { i: jint::try_from(at).unwrap_or(-1) }));
        }
        let timing = profile(env, outcome)?;
        arguments.push(object(&timing));
        self.call(env, self.succeeded, &arguments)
    }

    fn call(&self, env: &mut Env<'_>, method: JStaticMethodID, with: &[jvalue]) -> Result<()> {
        let returns = ReturnType::Primitive(Primitive::Void);
        // SAFETY: each method was looked up in this class with the types that are passed here.
        unsafe { env.call_static_method_unchecked(&self.class, method, returns, with) }?;
        Ok(())
    }
}

fn object<'o>(object: impl AsRef<JObject<'o>>) -> jvalue {
    jvalue { l: object.as_ref().as_raw() }
}

/// A new array, or null.
fn optional<'l>(env: &mut Env<'l>, bytes: Option<&[u8]>) -> Result<JByteArray<'l>> {
    bytes.map_or(Ok(JByteArray::null()), |bytes| env.byte_array_from_slice(bytes))
}

/// The profile of a call, or null if it never had a place.
fn profile<'l>(env: &mut Env<'l>, outcome: &Outcome) -> Result<JByteArray<'l>> {
    optional(env, outcome.timing().map(timing::bytes).as_deref())
}

/// Where the text is if it is a part of these bytes.
fn place_in(bytes: &[u8], text: &str) -> Option<(usize, usize)> {
    let from = text.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let to = from.checked_add(text.len())?;
    (to <= bytes.len()).then_some((from, to))
}

/// Runs `action` on a thread of the engine. The thread stays attached to the JVM until it ends.
fn with_env(action: impl FnOnce(&mut Env<'_>) -> Result<()>) -> Result<()> {
    thread_local!(static ATTACHED: Result<Attached> = Attached::new());
    ATTACHED.with(|attached| {
        if attached.is_err() {
            log::error!("a thread is not attached");
        }
    });
    JavaVM::singleton()?.attach_current_thread(action)
}

/// Attaches the thread as a daemon, which does not keep the JVM from ending. The `jni` crate
/// attaches no daemons.
struct Attached(JavaVM);

impl Attached {
    fn new() -> Result<Self> {
        let vm = JavaVM::singleton()?;
        let raw = vm.get_raw();
        let name = c"gadget-request".as_ptr().cast_mut();
        let mut arguments =
            sys::JavaVMAttachArgs { version: sys::JNI_VERSION_1_6, name, group: ptr::null_mut() };
        let mut env = ptr::null_mut();
        // SAFETY: the JVM lives as long as the process, and the arguments live until the call ends.
        let code = unsafe {
            let attach = (**raw).v1_4.AttachCurrentThreadAsDaemon;
            attach(raw, &raw mut env, (&raw mut arguments).cast())
        };
        match code {
            sys::JNI_OK => Ok(Self(vm)),
            code => Err(jni::errors::Error::JniCall(JniError::Other(code))),
        }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let raw = self.0.get_raw();
        // SAFETY: the thread ends, so that nothing on it uses the JVM any more.
        unsafe { ((**raw).v1_1.DetachCurrentThread)(raw) };
    }
}
