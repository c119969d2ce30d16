//! The command line of noisefloor: files in, the engine's report out.

pub mod cli;
pub mod inputs;
pub mod profiler;
pub mod render;
