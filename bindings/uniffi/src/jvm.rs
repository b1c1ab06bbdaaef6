//! The way of a call between Kotlin and the engine over JNI: one call in, one callback out, both
//! with bytes. A panic in one of these functions stops here: Kotlin gets it as a
//! `RuntimeException`.
//!
//! `NativeCalls.kt` declares these functions and says what they mean.

mod callbacks;
mod calls;
mod events;
mod texts;

use std::sync::Arc;

use gadget_request::{ClientConfig, Error, Outcome, RequestOptions};
use jni::errors::Result;
use jni::objects::{JByteArray, JClass, JObject, JString};
use jni::strings::JNIString;
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, NativeMethod, jni_str, native_method};

use crate::jvm::callbacks::{Callbacks, Form};
use crate::jvm::events::Listener;
use crate::options::options;
use crate::{clients, logging};

/// A bit of `flags`: the call hears of its response while it runs.
const HEARS: jint = 256;

/// Declares static native functions of `NativeCalls`.
macro_rules! natives {
    ($([$($native:tt)*])*) => { $(
        const _: NativeMethod<'_> = native_method! {
            java_type = dev.gadget.request.internal.NativeCalls,
            static extern fn $($native)*,
        };
    )* };
}

natives! {
    [initialize(context: JObject)]
    [open(config: byte[]) -> jlong]
    [close(client: jlong)]
    [forget(client: jlong)]
    [start(client: jlong, flags: jint, timeout: jlong, texts: byte[], data: byte[], call: JObject)
        -> JString]
    [start_json(client: jlong, options: byte[], data: byte[], hears: jboolean, call: JObject)
        -> JString]
    [invoke(client: jlong, options: byte[], data: byte[], hears: jboolean, call: JObject)
        -> JString]
    [abort(trace: JString)]
    [resume(trace: JString)]
    [set_online(client: jlong, online: jboolean)]
    [network_changed(client: jlong)]
    [set_background(client: jlong, background: jboolean)]
    [in_flight(client: jlong) -> jint]
    [queued(client: jlong) -> jint]
    [open_clients() -> jint]
    [running_calls() -> jint]
}

/// Gives Android's verifier the `Context`. Elsewhere there is nothing to do.
fn initialize(env: &mut Env<'_>, _: JClass<'_>, context: JObject<'_>) -> Result<()> {
    #[cfg(target_os = "android")]
    {
        rustls_platform_verifier::android::init_with_env(env, context)?;
        gadget_request::android::set_initialised();
    }
    #[cfg(not(target_os = "android"))]
    let _ = (env, context);
    Ok(())
}

fn open<'l>(env: &mut Env<'l>, class: JClass<'l>, config: JByteArray<'l>) -> Result<jlong> {
    logging::install();
    Callbacks::of(env, &class)?;
    let json = env.convert_byte_array(config)?;
    match ClientConfig::from_json(&String::from_utf8_lossy(&json)) {
        Ok(config) => Ok(clients::add(gadget_request::Client::new(config)).cast_signed()),
        Err(error) => {
            let reason = JNIString::from(error.to_string());
            env.throw_new(jni_str!("java/lang/IllegalArgumentException"), reason)?;
            Ok(0)
        }
    }
}

fn close(_: &mut Env<'_>, _: JClass<'_>, client: jlong) -> Result<()> {
    if let Some(client) = clients::remove(client.cast_unsigned()) {
        client.shutdown();
    }
    Ok(())
}

fn forget(_: &mut Env<'_>, _: JClass<'_>, client: jlong) -> Result<()> {
    clients::remove(client.cast_unsigned());
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one crossing instead of one for each option")]
fn start<'l>(
    env: &mut Env<'l>,
    class: JClass<'l>,
    client: jlong,
    flags: jint,
    timeout: jlong,
    texts: JByteArray<'l>,
    data: JByteArray<'l>,
    call: JObject<'l>,
) -> Result<JString<'l>> {
    let texts = env.convert_byte_array(texts)?;
    let options = options(flags, timeout, &texts, bytes(env, data)?);
    let start = Start { client, options, hears: flags & HEARS != 0, form: Form::Typed };
    begin(env, &class, start, call)
}

fn start_json<'l>(
    env: &mut Env<'l>,
    class: JClass<'l>,
    client: jlong,
    options: JByteArray<'l>,
    data: JByteArray<'l>,
    hears: jboolean,
    call: JObject<'l>,
) -> Result<JString<'l>> {
    let options = json_options(env, options, data)?;
    begin(env, &class, Start { client, options, hears, form: Form::Typed }, call)
}

fn invoke<'l>(
    env: &mut Env<'l>,
    class: JClass<'l>,
    client: jlong,
    options: JByteArray<'l>,
    data: JByteArray<'l>,
    hears: jboolean,
    call: JObject<'l>,
) -> Result<JString<'l>> {
    let options = json_options(env, options, data)?;
    begin(env, &class, Start { client, options, hears, form: Form::Json }, call)
}

fn abort<'l>(env: &mut Env<'l>, _: JClass<'l>, trace: JString<'l>) -> Result<()> {
    calls::abort(&trace.try_to_string(env)?);
    Ok(())
}

fn resume<'l>(env: &mut Env<'l>, _: JClass<'l>, trace: JString<'l>) -> Result<()> {
    calls::resume(&trace.try_to_string(env)?);
    Ok(())
}

fn set_online(_: &mut Env<'_>, _: JClass<'_>, client: jlong, online: jboolean) -> Result<()> {
    clients::get(client.cast_unsigned()).set_online(online);
    Ok(())
}

fn network_changed(_: &mut Env<'_>, _: JClass<'_>, client: jlong) -> Result<()> {
    clients::get(client.cast_unsigned()).network_changed();
    Ok(())
}

fn set_background(
    _: &mut Env<'_>,
    _: JClass<'_>,
    client: jlong,
    background: jboolean,
) -> Result<()> {
    let client = clients::get(client.cast_unsigned());
    if background {
        client.enter_background();
    } else {
        client.enter_foreground();
    }
    Ok(())
}

fn in_flight(_: &mut Env<'_>, _: JClass<'_>, client: jlong) -> Result<jint> {
    Ok(count(clients::get(client.cast_unsigned()).in_flight()))
}

fn queued(_: &mut Env<'_>, _: JClass<'_>, client: jlong) -> Result<jint> {
    Ok(count(clients::get(client.cast_unsigned()).queued()))
}

fn open_clients(_: &mut Env<'_>, _: JClass<'_>) -> Result<jint> {
    Ok(count(clients::count()))
}

fn running_calls(_: &mut Env<'_>, _: JClass<'_>) -> Result<jint> {
    Ok(count(calls::count()))
}

fn count(of: usize) -> jint {
    jint::try_from(of).unwrap_or(jint::MAX)
}

/// Copies the bytes of an array that may be null.
fn bytes<'l>(env: &Env<'l>, array: JByteArray<'l>) -> Result<Option<Vec<u8>>> {
    if array.is_null() { Ok(None) } else { env.convert_byte_array(array).map(Some) }
}

fn json_options<'l>(
    env: &Env<'l>,
    options: JByteArray<'l>,
    data: JByteArray<'l>,
) -> Result<RequestOptions> {
    let data = bytes(env, data)?.map(Into::into);
    Ok(RequestOptions::from_json(env.convert_byte_array(options)?, data))
}

/// How a call is started.
struct Start {
    client: jlong,
    options: RequestOptions,
    hears: bool,
    form: Form,
}

/// Starts a call that ends in one callback with `call`, and returns its trace.
fn begin<'l>(
    env: &mut Env<'l>,
    class: &JClass<'l>,
    start: Start,
    call: JObject<'l>,
) -> Result<JString<'l>> {
    let Start { client, options, hears, form } = start;
    let callbacks = Callbacks::of(env, class)?;
    let call = Arc::new(env.new_global_ref(call)?);
    let listener = hears.then(|| Listener::new(callbacks, &call));
    let lost = listener.as_ref().map(|listener| Arc::clone(listener.lost()));
    let watched = lost.clone();
    let completion = move |outcome: Outcome| {
        let trace = *outcome.trace();
        let is_whole = lost.is_none_or(|lost| !lost.is_noted());
        let outcome = if is_whole { outcome } else { Outcome::failed(trace, Error::Internal) };
        callbacks.complete(call, &outcome, form);
        calls::end(trace.as_str());
    };
    let client = clients::get(client.cast_unsigned());
    let task = match listener {
        Some(listener) => client.start_with_events(options, listener, completion),
        None => client.start(options, completion),
    };
    if let Some(lost) = watched {
        lost.ends(task.clone());
    }
    let trace = JString::from_str(env, task.trace().as_str());
    calls::add(task);
    trace
}
