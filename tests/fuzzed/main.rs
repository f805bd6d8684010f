//! The fuzz targets on the stable toolchain: on seeds, on what fuzzing has found, and on mutations of both.
//!
//! Here they take seconds and go the same way each time; under libFuzzer (`cargo +nightly fuzz run manifest`) they take as long as
//! they are given. `FUZZ_CORPUS=fuzz/corpus cargo test --locked --test fuzzed corpus` writes the seeds out for that.

mod mutations;
mod seeds;
mod targets;

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Runs a target on mutations of its seeds.
fn mutate(name: &str, cases: u32) {
    let (_, run) = targets::ALL.into_iter().find(|(known, _)| *known == name).expect("there is such a target");
    let seeds = seeds::of(name).into_iter().map(|(_, bytes)| bytes).collect();
    let inputs = mutations::inputs(seeds, seeds::dictionary(name));
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(u64::from_le_bytes(*b"seeded 1")),
        failure_persistence: None,
        max_shrink_iters: 512,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        run(&input.0);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
}

/// A test of each target.
macro_rules! mutated {
    ($($name:ident: $cases:expr,)*) => {
        $(#[test]
        fn $name() {
            mutate(stringify!($name), $cases);
        })*

        /// Each target has a test here.
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

mutated! {
    config: 400,
    dockerfile: 400,
    edit: 2000,
    html: 400,
    lockfile: 400,
    manifest: 400,
    package_json: 400,
    policy: 400,
    requirements: 400,
    shell: 400,
    snapshot: 200,
    toolchain: 400,
    workflow: 400,
}

#[test]
fn every_target_is_tested_here_and_in_the_fuzz_crate() {
    let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(TESTED, names);
    let mut bins = seeds::names("fuzz/fuzz_targets");
    bins.iter_mut().for_each(|name| name.truncate(name.len() - ".rs".len()));
    assert_eq!(bins, names);
    let manifest = String::from_utf8(seeds::read("fuzz/Cargo.toml")).expect("a manifest is text");
    let bins = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(bins.collect::<Vec<_>>(), names);
}

/// What every seed holds, so do the mutations' starting points; with `FUZZ_CORPUS`, they become the corpus of each target.
#[test]
fn corpus() {
    let out = std::env::var_os("FUZZ_CORPUS").map(std::path::PathBuf::from);
    for (target, run) in targets::ALL {
        let seeds = seeds::of(target);
        assert!(!seeds.is_empty(), "{target} has seeds");
        for (name, bytes) in seeds {
            run(&bytes);
            if let Some(directory) = out.as_ref().map(|out| out.join(target)) {
                std::fs::create_dir_all(&directory).expect("the corpus can be made");
                std::fs::write(directory.join(name), bytes).expect("the corpus can be written");
            }
        }
    }
}

/// What has been found is replayed under each target's name, and said in the README beside it.
#[test]
fn what_was_found_is_mended() {
    let readme = String::from_utf8(seeds::read(&format!("{}/README.md", seeds::FOUND))).expect("it is text");
    let mut count = 0;
    for (target, run) in targets::ALL {
        for name in seeds::names(&format!("{}/{target}", seeds::FOUND)) {
            assert!(readme.contains(&format!("`{target}/{name}`")), "{target}/{name} is in no line of the README");
            run(&seeds::read(&format!("{}/{target}/{name}", seeds::FOUND)));
            count += 1;
        }
    }
    assert_eq!(count, readme.lines().filter(|line| line.starts_with("| `")).count(), "each line is of a file");
}
