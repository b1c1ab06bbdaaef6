//! `gadget_resolver`: host names that the host app resolves itself.

use std::ffi::c_void;
use std::io;
use std::net::IpAddr;
use std::str;

use gadget_request::HostResolver;

use crate::context::{Context, gadget_destroy};
use crate::cookies::gadget_take;
use crate::guard::bytes;
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// A resolver of the host's: HttpDNS and the like.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(
    non_camel_case_types,
    reason = "the name C sees; repr(C) types are not linted by all versions"
)]
pub struct gadget_resolver {
    /// Goes to each function.
    pub context: *mut c_void,
    /// Calls `give` with `answer` and an address as text (`192.0.2.7`, `2001:db8::7`) for each address of a host
    /// name, in the order in which they are to be tried, before it returns; not at all where the system is to be
    /// asked. false: the request fails with errno 305, `name not resolved`; so it does for text that is no address.
    ///
    /// It comes on threads that may block, several at once, for each new connection; never for addresses, for
    /// `localhost`, nor for what `resolve` of the configuration has; where there is a proxy, for that one's name alone
    /// (and the request then fails with `proxy failed`). The name is in lower case, in Punycode and without a dot at
    /// its end. At most 32 calls come at a time in a process, 10 for a client: one that hangs holds up the others' resolvers.
    pub resolve: Option<
        extern "C" fn(
            context: *mut c_void,
            host: gadget_slice,
            give: gadget_take,
            answer: *mut c_void,
        ) -> bool,
    >,
    /// The resolver is used no more: once. May be NULL.
    pub destroy: gadget_destroy,
}

/// One that has what it must have.
pub(crate) struct Resolver {
    context: Context,
    resolve: extern "C" fn(*mut c_void, gadget_slice, gadget_take, *mut c_void) -> bool,
}

/// What was given; nothing, once there was text that is no address.
type Answer = Option<Vec<IpAddr>>;

impl Resolver {
    /// Takes the context over: its `destroy` comes at the end.
    pub(crate) fn new(resolver: gadget_resolver) -> Result<Self, gadget_status> {
        let context = Context::new(resolver.context, resolver.destroy);
        let resolve = resolver.resolve.ok_or(GADGET_NULL_ARGUMENT)?;
        Ok(Self { context, resolve })
    }
}

impl HostResolver for Resolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut answer: Answer = Some(Vec::new());
        let host = gadget_slice::of(host.as_bytes());
        let could =
            (self.resolve)(self.context.pointer(), host, Some(give), (&raw mut answer).cast());
        answer.filter(|_| could).ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// Gets an address that a `resolve` has.
extern "C" fn give(answer: *mut c_void, slice: gadget_slice) {
    // SAFETY: `answer` is the one that `resolve` got, which has not returned; the bytes can be read as long.
    let (answer, text) =
        unsafe { (answer.cast::<Answer>().as_mut(), bytes(slice.data, slice.length)) };
    let text = text.and_then(|text| str::from_utf8(text).ok());
    let address = text.and_then(|text| text.parse().ok());
    if let Some(answer) = answer {
        *answer = answer.take().zip(address).map(|(mut addresses, address)| {
            addresses.push(address);
            addresses
        });
    }
}
