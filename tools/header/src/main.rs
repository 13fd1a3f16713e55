//! Makes include/djredis.h from src/ffi, with cbindgen.toml.

use std::error::Error;
use std::fs;
use std::path::Path;

/// The files of src/ffi that declare C items, in the order of the header.
const FILES: &[&str] = &[
    "library.rs",
    "value.rs",
    "time.rs",
    "pack.rs",
    "call.rs",
    "options.rs",
    "parser.rs",
    "cache.rs",
    "near.rs",
    "cache_many.rs",
    "cache_pattern.rs",
    "scan.rs",
    "cache_lock.rs",
    "cache_command.rs",
    "cache_batch.rs",
    "cache_inspect.rs",
    "conn.rs",
    "ruby/mod.rs",
    "cpython/mod.rs",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let ffi = root.join("src/ffi");
    check_files(&ffi)?;
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let builder = FILES.iter().fold(cbindgen::Builder::new(), |builder, file| builder.with_src(ffi.join(file)));
    let bindings = builder.with_config(config).generate()?;
    bindings.write_to_file(root.join("include/djredis.h"));
    Ok(())
}

/// A file that is not on the list would be missing from the header, silently.
fn check_files(ffi: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(ffi)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let exports = path.is_file() && fs::read_to_string(&path)?.contains("no_mangle)]");
        if exports && !FILES.contains(&name.as_str()) {
            return Err(format!("src/ffi/{name} exports C functions: add it to FILES in tools/header").into());
        }
    }
    Ok(())
}
