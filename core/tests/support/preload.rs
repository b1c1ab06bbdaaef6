//! Runs a test in a process where functions of the system are replaced.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Tells the process that it is such a one, and which folder it has.
const FOLDER: &str = "GADGET_PRELOADED";

/// Returns the folder that the replacement and the test share.
#[allow(dead_code, reason = "not each test has something to share")]
pub(crate) fn folder() -> PathBuf {
    env::var_os(FOLDER).expect("it is called in the process with the replacement").into()
}

/// Returns true in a process where functions of the system are replaced by this C code. In another
/// process, runs the test again in such a one.
pub(crate) fn replaces(test: &str, source: &str) -> bool {
    if env::var_os(FOLDER).is_some() {
        return true;
    }
    let folder = env::temp_dir().join(format!("gadget-preload-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("it can be made");
    let (file, library) = (folder.join("source.c"), folder.join("library.so"));
    std::fs::write(&file, source).expect("it can be written");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &file]).arg("-ldl");
    assert!(compiler.status().expect("there is a C compiler").success());
    let mut again = Command::new(env::current_exe().expect("Linux knows it"));
    again.args(["--exact", test, "--nocapture"]);
    again.env(FOLDER, &folder).env("LD_PRELOAD", &library);
    assert!(again.status().expect("it is there").success());
    std::fs::remove_dir_all(&folder).expect("it is the test's own");
    false
}
