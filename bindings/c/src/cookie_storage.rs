//! `gadget_cookie_storage`: a place of the host's own for a client's cookies.

use std::ffi::c_void;
use std::io;

use gadget_request::{Client, CookieStorage};

use crate::client::{CLIENTS, gadget_client};
use crate::config::{CONFIGS, gadget_config};
use crate::context::{Context, gadget_destroy};
use crate::cookies::gadget_take;
use crate::guard::{guarded, put};
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// A host's own place for the cookies of one client: a keychain, encrypted preferences. What is kept is a few KiB
/// mostly and shows any damage by itself; whoever has it is logged in where the mini program's user is.
///
/// The functions are called on threads of the library and on those of yours that ask for cookies; they may block, and
/// no two saves come at once. They must not use the client, which waits for them.
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

/// Puts a new client into `*client` whose cookies are kept in a storage of the host's, in the place of
/// `cookie_dir`. `storage` is copied. Its `destroy` comes once also where no client is made, then before this
/// returns; but not where `storage` is NULL or has no `load` or `save`.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_new_with_cookie_storage(
    config: *const gadget_config,
    storage: *const gadget_cookie_storage,
    client: *mut *mut gadget_client,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read, where it is not NULL.
        let storage = unsafe { storage.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
        let (Some(load), Some(save)) = (storage.load, storage.save) else {
            return Err(GADGET_NULL_ARGUMENT);
        };
        let context = Context::new(storage.context, storage.destroy);
        let storage = Storage { context, load, save, set_aside: storage.set_aside };
        if config.is_null() || client.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let config = CONFIGS.get(config).ok_or(GADGET_NO_SUCH_OBJECT)?;
        let made = Client::with_cookie_storage((*config).clone(), storage);
        // SAFETY: the caller promises that `client` can be written to.
        unsafe { put(client, CLIENTS.insert(made)) }
    })
}

struct Storage {
    context: Context,
    load: extern "C" fn(*mut c_void, gadget_take, *mut c_void) -> bool,
    save: extern "C" fn(*mut c_void, gadget_slice) -> bool,
    set_aside: Option<extern "C" fn(*mut c_void)>,
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
extern "C" fn give(answer: *mut c_void, bytes: gadget_slice) {
    // SAFETY: `answer` is the one that `load` got, which has not returned; the bytes can be read as long.
    let (answer, bytes) = unsafe {
        (answer.cast::<Option<Vec<u8>>>().as_mut(), crate::guard::bytes(bytes.data, bytes.length))
    };
    if let Some(answer) = answer {
        *answer = Some(bytes.unwrap_or_default().to_vec());
    }
}
