//! Windows: what unloads the library would take the code from under its threads, and it is not the library's to end
//! them then. So it stays, as `-z nodelete` has it elsewhere.

use std::ffi::c_void;
use std::ptr;
use std::sync::Once;

const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
}

/// Keeps the module that this code is in, the library's own or the host's, loaded until the process ends.
pub(crate) fn stay_loaded() {
    static PINNED: Once = Once::new();
    PINNED.call_once(|| {
        let here: *const Once = &raw const PINNED;
        let mut module = ptr::null_mut();
        let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        // SAFETY: the address lies in this module, and the place can be written to.
        if unsafe { GetModuleHandleExW(flags, here.cast(), &raw mut module) } == 0 {
            log::warn!("the library may be unloaded: {}", std::io::Error::last_os_error());
        }
    });
}
