//! `gadget_cookie_storage`: a place of the host's own for a client's cookies.

use std::ffi::c_void;
use std::io;

use gadget_request::CookieStorage;

use crate::context::{Context, gadget_destroy};
use crate::cookies::gadget_take;
use crate::guard::bytes;
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// A host's own place for the cookies of one client: a keychain, encrypted preferences. What is kept is a few KiB
/// mostly and shows any damage by itself; whoever has it is logged in where the mini program's user is.
///
/// The functions are called on threads of the library and on those of yours that ask for cookies or save them; they
/// may block, and no two saves come at once. They must not use the client, which waits for them.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(
    non_camel_case_types,
    reason = "the name C sees; repr(C) types are not linted by all versions"
)]
pub struct gadget_cookie_storage {
    /// Goes to each function.
    pub context: *mut c_void,
    /// Calls `give` with `answer` and what was saved last, before it returns; not at all, where nothing ever was.
    /// false where there may be something that cannot be had.
    pub load:
        Option<extern "C" fn(context: *mut c_void, give: gadget_take, answer: *mut c_void) -> bool>,
    /// Puts these bytes in the place of what was saved before. false where they may not be there later.
    pub save: Option<extern "C" fn(context: *mut c_void, bytes: gadget_slice) -> bool>,
    /// What was loaded is damaged: from now on there is nothing, until the next save. May be NULL.
    pub set_aside: Option<extern "C" fn(context: *mut c_void)>,
    /// The storage is used no more: once. May be NULL.
    pub destroy: gadget_destroy,
}

/// One that has what it must have.
pub(crate) struct Storage {
    context: Context,
    load: extern "C" fn(*mut c_void, gadget_take, *mut c_void) -> bool,
    save: extern "C" fn(*mut c_void, gadget_slice) -> bool,
    set_aside: Option<extern "C" fn(*mut c_void)>,
}

impl Storage {
    /// Takes the context over: its `destroy` comes at the end.
    pub(crate) fn new(storage: gadget_cookie_storage) -> Result<Self, gadget_status> {
        let gadget_cookie_storage { context, load, save, set_aside, destroy } = storage;
        let context = Context::new(context, destroy);
        let (Some(load), Some(save)) = (load, save) else { return Err(GADGET_NULL_ARGUMENT) };
        Ok(Self { context, load, save, set_aside })
    }
}

impl CookieStorage for Storage {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        let mut answer: Option<Vec<u8>> = None;
        let could = (self.load)(self.context.pointer(), Some(give), (&raw mut answer).cast());
        if could { Ok(answer) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let could = (self.save)(self.context.pointer(), gadget_slice::of(bytes));
        if could { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn set_aside(&self) {
        if let Some(set_aside) = self.set_aside {
            set_aside(self.context.pointer());
        }
    }
}

/// Gets what a `load` has.
extern "C" fn give(answer: *mut c_void, slice: gadget_slice) {
    // SAFETY: `answer` is the one that `load` got, which has not returned; the bytes can be read as long.
    let (answer, bytes) =
        unsafe { (answer.cast::<Option<Vec<u8>>>().as_mut(), bytes(slice.data, slice.length)) };
    // NULL is nothing at all: nothing was saved.
    if let (Some(answer), Some(bytes)) = (answer, bytes) {
        *answer = Some(bytes.to_vec());
    }
}
