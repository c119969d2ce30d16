//! The engine of noisefloor: bytes go in, a [`Report`] comes out, and everything
//! between is a named type that cannot hold a nonsense value.
//!
//! The tour, in reading order: [`mod@analyze`] is the whole pipeline on one screen; [`source`],
//! [`error`] and [`mod@unit`] are the words everything else speaks; [`model`] is what a measurement
//! is; [`format`] turns bytes into it; [`stats`] judges it; [`health`] says what to distrust;
//! [`profile`] says where the time went and [`flame`] where its boxes lie; [`report`] is what leaves.
//!
//! The crate does no IO, holds no `unsafe` and is `no_std` with `alloc`: no files, no clocks, no
//! threads, no randomised hash maps and no platform math library can be reached from here, so the
//! native build and the wasm build compute the same bits.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod analyze;
#[cfg(feature = "full")]
pub mod archive;
pub mod config;
pub mod error;
#[cfg(feature = "full")]
pub mod evidence;
pub mod find;
pub mod flame;
pub mod format;
pub mod health;
pub mod json;
pub mod log;
mod map;
pub mod model;
pub mod number;
pub mod profile;
pub mod report;
pub mod selftest;
mod sort;
pub mod source;
pub mod stats;
pub mod unit;

pub use analyze::{Input, analyze};
pub use config::AnalysisConfig;
pub use report::Report;
