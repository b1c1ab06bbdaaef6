//! The way of a call between Kotlin and the engine over JNI: one call in, one callback out, both
//! with bytes. All `unsafe` of this crate is here, and here a panic stops: it becomes a
//! `RuntimeException`.
//!
//! `NativeCalls.kt` declares these functions, and says what their parameters mean.

#![allow(unsafe_code, reason = "the JVM calls these functions and is called by them")]

use std::ffi::c_void;
use std::sync::OnceLock;

use gadget_request::{ClientConfig, Outcome, RequestOptions, Response};
use jni::errors::{Result, ThrowRuntimeExAndDefault};
use jni::ids::JStaticMethodID;
use jni::objects::{Global, JByteArray, JClass, JObject, JString};
use jni::signature::{MethodSignature, Primitive, ReturnType};
use jni::strings::JNIStr;
use jni::sys::{JNI_VERSION_1_6, jboolean, jint, jlong, jvalue};
use jni::{Env, EnvUnowned, JavaVM, jni_sig, jni_str};

use crate::attached;
use crate::texts::{Reader, write};
use crate::{calls, clients, logging};
