//! Links the unwinder of the C compiler into a release, instead of loading `libgcc_s.so.1` at each start: finding, mapping and
//! relocating a library takes a tenth of a start, and the program then needs the C library alone.
//!
//! `libgcc_eh.a` is what `gcc -static-libgcc` takes, and comes with each gcc. Where there is none, or the build is for another
//! machine, nothing is said, and the shared library is linked as ever.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_native = env::var("HOST").is_ok_and(|host| is("TARGET", &host));
    // A sanitizer stands before the shared library's functions: fuzzing keeps it.
    let is_fuzzed = env::var_os("CARGO_CFG_FUZZING").is_some();
    let is_linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is("PROFILE", "release") || !is_linux || !is_native || is_fuzzed {
        return;
    }
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let Ok(found) = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output() else { return };
    let Ok(found) = String::from_utf8(found.stdout) else { return };
    // A compiler that has none gives the bare name back.
    let file = Path::new(found.trim());
    if file.is_absolute() && file.is_file() {
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
