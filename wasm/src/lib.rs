//! The engine of noisefloor for JavaScript: exported functions, no logic.

#[cfg(feature = "full")]
mod archive;
mod flame;

use std::cell::OnceCell;

use js_sys::{Array, Float64Array, Int32Array, Object, Reflect, Uint32Array};
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Analysis, Input, analyze_all};
use noisefloor_core::model::NO_ROUND;
use noisefloor_core::source::Source;
use wasm_bindgen::prelude::*;

#[cfg(feature = "full")]
pub use archive::{is_packed, open_archive};
pub use flame::Flame;

/// Version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_string()
}

/// The engine's test of itself as JSON: certified and published answers with the digits reached, and a
/// digest of the exact bits, which is the same on every platform. Only in the whole engine.
#[cfg(feature = "full")]
#[wasm_bindgen]
#[must_use]
pub fn self_test_json() -> String {
    noisefloor_core::selftest::run().to_json()
}

/// Names of the formats that this engine reads, in order of detection.
#[wasm_bindgen]
#[must_use]
pub fn formats() -> Array {
    noisefloor_core::format::FORMATS.iter().map(|format| JsValue::from_str(format.name)).collect()
}

/// The functions of statistics on random inputs: how many, and a digest of all answers' bits.
#[cfg(feature = "probe")]
#[wasm_bindgen]
#[must_use]
pub fn probe(first: u32, count: u32) -> String {
    noisefloor_core::selftest::probe(first.into(), count.into()).text()
}

/// Reads a file, for timing: how many series or stacks it holds.
#[cfg(feature = "probe")]
#[wasm_bindgen]
#[must_use]
pub fn read(bytes: &[u8]) -> usize {
    use noisefloor_core::format::{self, Content};
    match format::read(Source { name: "x", bytes }).map(|(_, parsed)| parsed.value) {
        Ok(Content::Run(run)) => run.series.len(),
        Ok(Content::Profile(profile)) => profile.len(),
        _ => 0,
    }
}

/// Files to be judged together. The analysis is made once, when it is first asked for.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    config: AnalysisConfig,
    files: Vec<(String, Option<String>, Vec<u8>)>,
    analysis: OnceCell<Analysis>,
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
            text => AnalysisConfig::from_json(text).map_err(|e| e.to_string())?,
        };
        config.check().map_err(|e| e.to_string())?;
        Ok(Session { config, files: Vec::new(), analysis: OnceCell::new() })
    }

    /// Adds a file; files with the same side are joined.
    pub fn add(&mut self, name: String, side: Option<String>, bytes: Vec<u8>) {
        self.files.push((name, side, bytes));
        self.analysis = OnceCell::new();
    }

    /// Adds a file of a folder or archive, unless it is empty or of no format that is read: nobody named it. Then the
    /// code of the error that it would be. Where the settings name the format, every file is added.
    #[cfg(feature = "full")]
    pub fn add_member(&mut self, name: String, side: Option<String>, bytes: Vec<u8>) -> Option<String> {
        let foreign = noisefloor_core::format::no_result(Source { name: &name, bytes: &bytes });
        match foreign.filter(|_| self.config.input_format.is_none()) {
            Some(error) => Some(error.kind.code().to_string()),
            None => {
                self.add(name, side, bytes);
                None
            }
        }
    }

    /// The report as JSON: the same bytes as on the command line.
    #[must_use]
    pub fn report_json(&self) -> String {
        self.analysis().report.to_json()
    }

    /// Whether the whole engine says the same; where not, it is to be asked.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.analysis().is_whole()
    }

    /// The values behind a cell of the report in collection order, as typed arrays: `values`,
    /// `fork`, `block` (−1: none), `round` (−1: none), `marks` (bits), and per fork its `start` in
    /// seconds (NaN: unknown); `null` where there are none.
    #[must_use]
    pub fn columns(&self, row: usize, side: usize) -> JsValue {
        let Some(series) = self.analysis().series(row, side) else { return JsValue::NULL };
        let c = &series.columns;
        let block_of = |fork: &u32| series.forks.get(*fork as usize).and_then(|f| f.block).map_or(-1, |b| b as i32);
        let blocks: Vec<i32> = c.fork.iter().map(block_of).collect();
        let rounds: Vec<i32> = c.round.iter().map(|r| if *r == NO_ROUND { -1 } else { *r as i32 }).collect();
        let start: Vec<f64> = series.forks.iter().map(|f| f.known().start.unwrap_or(f64::NAN)).collect();
        let marks: Vec<u32> = (0..c.len()).map(|i| series.marks_of(i).bits()).collect();
        object(&[
            ("values", Float64Array::from(c.values.as_slice()).into()),
            ("fork", Uint32Array::from(c.fork.as_slice()).into()),
            ("block", Int32Array::from(blocks.as_slice()).into()),
            ("round", Int32Array::from(rounds.as_slice()).into()),
            ("start", Float64Array::from(start.as_slice()).into()),
            ("marks", Uint32Array::from(marks.as_slice()).into()),
        ])
    }

    /// Names of marks, in the order of their bits.
    #[must_use]
    pub fn mark_names(&self) -> Array {
        noisefloor_core::model::Mark::ALL.into_iter().map(|m| JsValue::from_str(m.code())).collect()
    }

    /// A flame graph of a profile of the report; `view` is JSON with any of `sample_type` (number),
    /// `focus`, `ignore`, `hide` (patterns), `unfold` (ids of groups), `inverted`.
    ///
    /// # Errors
    /// When there is no such profile, or the view is not one.
    pub fn flame(&self, profile: usize, view: &str) -> Result<Flame, String> {
        let profile = self.analysis().profile(profile).ok_or("there is no such profile")?;
        Flame::build(profile, view)
    }
}

impl Session {
    fn analysis(&self) -> &Analysis {
        self.analysis.get_or_init(|| {
            let inputs: Vec<Input<'_>> = self
                .files
                .iter()
                .map(|(name, side, bytes)| Input { source: Source { name, bytes }, side: side.as_deref() })
                .collect();
            analyze_all(&inputs, &self.config)
        })
    }
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
