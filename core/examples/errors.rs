//! Prints the table of errors: number, words and detail, with tabs between them.

fn main() {
    for error in gadget_request::Error::all() {
        let errno = error.errno();
        println!("{}\t{}\t{}", errno.code(), errno.err_string(), error.detail());
    }
}
