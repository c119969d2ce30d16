//! Corpus harness.
