//! `gadget_resolver`: the host app looks up host names itself.

use std::ffi::c_void;
use std::io;
use std::net::IpAddr;
use std::str;

use gadget_request::HostResolver;

use crate::context::{Callbacks, gadget_destroy};
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status;

/// Looks up host names for one client in place of the system: HttpDNS and the
/// like.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_resolver {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Looks up `host`, for each new connection. `host` is in lower case, in
    /// Punycode and has no dot at its end. Calls `give` with `answer` once for
    /// each address, a text like `192.0.2.7` or `2001:db8::7`, in the order in
    /// which to try them, before it returns. If it does not call `give`, the
    /// system looks the name up. If it returns false, or gives text that is not
    /// an address, the request fails with errno 305, `name not resolved`.
    ///
    /// It is not called for an address, for `localhost` or for a host and port
    /// in the setting `resolve`. With a proxy it is called for the proxy's name
    /// only, and the request then fails with `proxy failed`.
    ///
    /// It runs on threads that can block, and several calls can run at the same
    /// time: at most 10 for a client and 32 for the process. A call that hangs
    /// delays other clients' resolvers. Its time counts as time to connect.
    pub resolve: Option<
        extern "C" fn(
            context: *mut c_void,
            host: gadget_slice,
            give: gadget_take,
            answer: *mut c_void,
        ) -> bool,
    >,
    /// Is called once, after the last `resolve` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

/// A resolver that has its function.
pub(crate) struct Resolver(
    Callbacks<extern "C" fn(*mut c_void, gadget_slice, gadget_take, *mut c_void) -> bool>,
);

/// The addresses that were given; None after text that is not an address.
type Answer = Option<Vec<IpAddr>>;

impl Resolver {
    /// Takes over the context. If the function is missing, it is destroyed before this returns.
    pub(crate) fn new(resolver: gadget_resolver) -> Result<Self, gadget_status> {
        let gadget_resolver { context, resolve, destroy } = resolver;
        Ok(Self(Callbacks::new(context, resolve, destroy)?))
    }
}

impl HostResolver for Resolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut answer: Answer = Some(Vec::new());
        let host = gadget_slice::of(host.as_bytes());
        let place = (&raw mut answer).cast();
        let could = (self.0.functions)(self.0.context(), host, Some(give), place);
        answer.filter(|_| could).ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// Gets an address that a `resolve` has.
extern "C" fn give(answer: *mut c_void, text: gadget_slice) {
    // SAFETY: `resolve` got `answer` and has not returned; until then the bytes can be read.
    let (answer, text) = unsafe { (answer.cast::<Answer>().as_mut(), text.optional()) };
    let text = text.ok().flatten().and_then(|text| str::from_utf8(text).ok());
    let address = text.and_then(|text| text.parse().ok());
    if let Some(answer) = answer {
        *answer = answer.take().zip(address).map(|(mut addresses, address)| {
            addresses.push(address);
            addresses
        });
    }
}
