//! Windows: keeps the library loaded. Its threads would run code that is no longer there if it were
//! unloaded, and it cannot end them then. Elsewhere `-z nodelete` does the same.

use std::ffi::c_void;
use std::ptr;
use std::sync::Once;

const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
}

/// Keeps the module with this code, the library's or the host app's, loaded until the process ends.
pub(crate) fn stay_loaded() {
    static PINNED: Once = Once::new();
    PINNED.call_once(|| {
        let here: *const Once = &raw const PINNED;
        let mut module = ptr::null_mut();
        let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        // SAFETY: the address is in this module, and `module` can be written to.
        if unsafe { GetModuleHandleExW(flags, here.cast(), &raw mut module) } == 0 {
            log::warn!("the library may be unloaded: {}", std::io::Error::last_os_error());
        }
    });
}
