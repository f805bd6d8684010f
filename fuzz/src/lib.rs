//! What every fuzz target begins with. What they hold is in `tests/fuzzed/targets`, where ordinary tests use it as well.

#[path = "../../tests/fuzzed/targets/mod.rs"]
pub mod targets;

/// Makes all work that is done in parallel be done by the thread that asks for it: one input is small, and the same input goes the
/// same way each time.
pub fn init() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    pool.expect("nothing has made the pool before");
}
