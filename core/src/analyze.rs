//! The whole pipeline on one screen.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::AnalysisConfig;
use crate::report::{Report, SCHEMA_VERSION};
use crate::source::Source;

/// One input, with the side that it belongs to where the caller knows.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Name and bytes.
    pub source: Source<'a>,
    /// Name of the side (`baseline`, `main@4be1f20`); inputs with the same side are joined.
    /// `None`: the arms inside the file are the sides, or the file is a side of its own.
    pub side: Option<&'a str>,
}

/// Reads every input, judges it and compares the sides. Total: an input that cannot be read is
/// part of the report, never a failure of the analysis.
#[must_use]
pub fn analyze(_inputs: &[Input<'_>], config: &AnalysisConfig) -> Report {
    Report {
        schema: SCHEMA_VERSION,
        engine: String::from(concat!("noisefloor-core ", env!("CARGO_PKG_VERSION"))),
        settings: config.clone(),
        inputs: Vec::new(),
        sides: Vec::new(),
        rows: Vec::new(),
        families: Vec::new(),
        presence: Vec::new(),
        findings: Vec::new(),
        exclusions: Vec::new(),
        profiles: Vec::new(),
    }
}
