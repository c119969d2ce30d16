//! profiler.
