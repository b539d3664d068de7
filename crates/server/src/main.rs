//! The binary `wenshu`.

fn main() -> std::process::ExitCode {
    wenshu_server::main()
}
