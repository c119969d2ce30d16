//! Gathers samples and profiles on the machine where a benchmark runs, and shows what the engine
//! says of them.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod cli;
pub mod harness;
pub mod log;
pub mod profiler;
pub mod render;
pub mod run;
pub mod sys;
