//! Gives the shared library its SONAME and keeps it in memory once loaded.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The number is DJREDIS_ABI; tests/abi.rs holds the two together.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libdjredis.so.1");
        // The fork handlers registered with pthread_atfork outlive a dlclose.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
