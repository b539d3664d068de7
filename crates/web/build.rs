//! Has the UI embedded again when its build changed: the macro that reads it cannot say so itself.

fn main() {
    // cargo takes a missing folder for a changed one, and would build this crate and the server every time.
    if let Err(error) = std::fs::create_dir_all("../../ui/dist") {
        println!("cargo:warning=ui/dist cannot be created: {error}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../ui/dist");
}
