//! What the project's tool and the tests share.

/// Brings the simulator and the fuzzer into builds of the whole workspace: all that are to share what they compile
/// name it.
pub const WHOLE: &str = "noisefloor-tests/simulate,noisefloor-tests/fuzz";

#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "page")]
pub mod smaller;
