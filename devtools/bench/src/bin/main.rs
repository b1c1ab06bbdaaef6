//! The judge, and the peers in Rust.

fn main() -> std::process::ExitCode {
    gadget_bench::main(|| None)
}
