//! The binary `wenshu`.

/// Decisions are many short-lived texts and lists: twice as quick with this allocator (docs/BENCHMARKS.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    wenshu_server::main()
}
