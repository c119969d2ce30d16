//! Functions of equal type and equal bytes become one: nothing tells them apart.

use std::collections::BTreeMap;

use super::module::Module;

/// The module without the second and further functions of equal ones. Where that makes their callers equal, these are
/// merged in turn.
///
/// # Errors
/// Where the module is malformed.
pub(super) fn merge(mut wasm: Vec<u8>) -> Result<Vec<u8>, String> {
    loop {
        let mut module = Module::read(&wasm)?;
        let mut first: BTreeMap<(&[u8], &[u8]), usize> = BTreeMap::new();
        let mut kept = Vec::new();
        // Whom each function is replaced by, most of them by themselves.
        let mut by = Vec::new();
        for (place, (of, body)) in module.types.iter().zip(&module.bodies).enumerate() {
            let one = *first.entry((&wasm[of.clone()], &wasm[body.clone()])).or_insert(place);
            by.push(one);
            if one == place {
                kept.push(place);
            }
        }
        if kept.len() == by.len() {
            return Ok(wasm);
        }
        for named in &mut module.uses {
            if let Some(place) = named.function.checked_sub(module.imported) {
                named.function = module.imported + by[place as usize] as u32;
            }
        }
        wasm = module.write(&kept)?;
    }
}
