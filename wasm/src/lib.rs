//! The engine of noisefloor for JavaScript: exported functions, no logic.

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::source::Source;
use wasm_bindgen::prelude::*;

/// Version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_string()
}

/// Files to be judged together.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    config: AnalysisConfig,
    files: Vec<(String, Option<String>, Vec<u8>)>,
}

#[wasm_bindgen]
impl Session {
    /// A session with settings as JSON (those of `AnalysisConfig`; empty text: defaults).
    ///
    /// # Errors
    /// When the settings are no JSON, name something unknown, or make no sense.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str) -> Result<Session, String> {
        let config: AnalysisConfig = match config {
            "" => AnalysisConfig::default(),
            text => serde_json::from_str(text).map_err(|e| e.to_string())?,
        };
        config.check().map_err(|e| e.to_string())?;
        Ok(Session { config, files: Vec::new() })
    }

    /// Adds a file; files with the same side are joined.
    pub fn add(&mut self, name: String, side: Option<String>, bytes: Vec<u8>) {
        self.files.push((name, side, bytes));
    }

    /// The report as JSON: the same bytes as on the command line.
    #[must_use]
    pub fn report_json(&self) -> String {
        let inputs: Vec<Input<'_>> = self
            .files
            .iter()
            .map(|(name, side, bytes)| Input { source: Source { name, bytes }, side: side.as_deref() })
            .collect();
        analyze(&inputs, &self.config).to_json()
    }
}
