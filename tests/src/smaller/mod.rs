//! Makes a WebAssembly module smaller: without what runs only after a panic and what lies in its table and
//! cannot be called, with equal functions once, and with its functions in an order that packs well.
//!
//! Everything that names a function is written anew, all other bytes stay as they are.

mod merge;
mod module;
mod order;
mod trim;

use wasmparser::{Validator, WasmFeatures};

use module::Module;

/// The same module, smaller. Equal bytes give equal bytes.
///
/// # Errors
/// Where the module is malformed, uses more than WebAssembly 2.0 without vectors, or has custom
/// sections whose references to functions would go stale.
pub fn smaller(wasm: &[u8]) -> Result<Vec<u8>, String> {
    validate(wasm)?;
    let trimmed = trim::trim(wasm)?;
    // A module that came out broken must not reach a page.
    validate(&trimmed)?;
    let out = reorder(&merge::merge(trimmed)?)?;
    validate(&out)?;
    Ok(out)
}

/// The module with its functions in an order that packs smaller: Deflate finds repetitions within 32 KiB
/// only, and the bindings' generator sorts functions by size, so that functions alike seldom lie near each
/// other. A function's place is its index.
fn reorder(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let module = Module::read(wasm)?;
    let bodies: Vec<&[u8]> = module.bodies.iter().map(|range| &wasm[range.clone()]).collect();
    module.write(&order::by_likeness(&bodies))
}

/// Instructions of other proposals could name functions in ways that nobody thought of here.
fn validate(wasm: &[u8]) -> Result<(), String> {
    let features = WasmFeatures::WASM2.difference(WasmFeatures::SIMD);
    let checked = Validator::new_with_features(features).validate_all(wasm);
    checked.map(|_| ()).map_err(|e| format!("the engine cannot be made smaller: {e}"))
}

#[cfg(test)]
mod tests;
