//! Profiles: stacks with weights, and the trees and tables made of them.

use crate::report::ProfileReport;

/// Stacks with weights, of one or more sample types.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {}

/// What the report says of a profile; `input` and `side` are filled in by the caller.
#[must_use]
pub fn summarize(_profile: &Profile, _config: &crate::AnalysisConfig) -> ProfileReport {
    ProfileReport {
        input: 0,
        side: None,
        sample_types: alloc::vec::Vec::new(),
        default_type: 0,
        samples: 0,
        functions: 0,
        duration_seconds: None,
        quality: crate::report::ProfileQuality::default(),
        folded: alloc::vec::Vec::new(),
        top: alloc::vec::Vec::new(),
    }
}
