//! The judge, and the peers in Rust.

fn main() {
    gadget_bench::main(|| None);
}
