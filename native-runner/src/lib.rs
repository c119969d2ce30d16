//! The command line of noisefloor, and the harness for benchmarks in Rust.
//!
//! [`run`] measures commands, [`harness`] makes a benchmark that can be measured in lockstep,
//! [`profiler`] samples where the CPU time goes; [`cli`] is what a user types, [`render`] what a
//! user reads.

pub mod cli;
pub mod convert;
#[cfg(target_os = "linux")]
pub mod harness;
#[cfg(target_os = "linux")]
pub mod host;
pub mod inputs;
#[cfg(target_os = "linux")]
pub mod log_file;
pub mod profiler;
mod protobuf;
pub mod render;
#[cfg(target_os = "linux")]
pub mod run;
#[cfg(target_os = "linux")]
pub mod sys;
#[cfg(target_os = "linux")]
pub mod words;
