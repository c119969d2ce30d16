//! Result files of many tools, small and by hand: names, values, units, counts, hierarchy.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod every;
mod json;
mod shown;
mod tables;
mod text;
