//! `gadget_cookie_storage`: the host app keeps a client's cookies itself.

use std::ffi::c_void;
use std::io;

use gadget_request::CookieStorage;

use crate::context::{Callbacks, gadget_destroy};
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status;

/// Keeps the cookies of one client between two runs, in a place that the host
/// app chooses: a keychain, encrypted preferences. Mostly a few KiB, 64 MiB at
/// most. The bytes show any damage by themselves. Whoever has them is logged in
/// as the mini program's user.
///
/// The functions are called on threads of the library and on your threads that
/// list or save cookies. They can block. Two saves never run at the same time.
/// They must not use the client, which waits for them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_cookie_storage {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Calls `give` with `answer` and the bytes that were saved last, before it
    /// returns; does not call it if nothing was ever saved. Returns false if
    /// there may be bytes that cannot be read now: then the client works
    /// without them, asks again later, and saves nothing until it has them.
    pub load:
        Option<extern "C" fn(context: *mut c_void, give: gadget_take, answer: *mut c_void) -> bool>,
    /// Replaces the bytes that were saved before. If the process ends
    /// meanwhile, the old or the new bytes must remain, not parts of both.
    /// Returns false if the new bytes may be lost: then the client tries again
    /// later.
    pub save: Option<extern "C" fn(context: *mut c_void, bytes: gadget_slice) -> bool>,
    /// The loaded bytes are damaged: the storage is now empty, until the next
    /// save. Can be NULL.
    pub set_aside: Option<extern "C" fn(context: *mut c_void)>,
    /// Is called once, after the last other call has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

/// A storage with all functions that it must have.
pub(crate) struct Storage(Callbacks<Functions>);

struct Functions {
    load: extern "C" fn(*mut c_void, gadget_take, *mut c_void) -> bool,
    save: extern "C" fn(*mut c_void, gadget_slice) -> bool,
    set_aside: Option<extern "C" fn(*mut c_void)>,
}

impl Storage {
    /// Takes over the context. If a function is missing, it is destroyed before this returns.
    pub(crate) fn new(storage: gadget_cookie_storage) -> Result<Self, gadget_status> {
        let gadget_cookie_storage { context, load, save, set_aside, destroy } = storage;
        let functions = load.zip(save).map(|(load, save)| Functions { load, save, set_aside });
        Ok(Self(Callbacks::new(context, functions, destroy)?))
    }
}

impl CookieStorage for Storage {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        let mut answer: Answer = Ok(None);
        let place = (&raw mut answer).cast();
        let could = (self.0.functions.load)(self.0.context(), Some(give), place);
        answer.ok().filter(|_| could).ok_or_else(|| io::ErrorKind::Other.into())
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let could = (self.0.functions.save)(self.0.context(), gadget_slice::of(bytes));
        if could { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn set_aside(&self) {
        if let Some(set_aside) = self.0.functions.set_aside {
            set_aside(self.0.context());
        }
    }
}

/// What a `load` has given.
type Answer = Result<Option<Vec<u8>>, gadget_status>;

/// Gets the bytes that a `load` has.
extern "C" fn give(answer: *mut c_void, bytes: gadget_slice) {
    // SAFETY: `load` got `answer` and has not returned; until then the bytes can be read.
    let (answer, bytes) = unsafe { (answer.cast::<Answer>().as_mut(), bytes.optional()) };
    // An absent slice means the same as no call: nothing was saved. An invalid one is a failure:
    // taken for nothing, it would let the next save replace what was saved before.
    if let Some(answer) = answer {
        *answer = bytes.map(|bytes| bytes.map(<[u8]>::to_vec));
    }
}
