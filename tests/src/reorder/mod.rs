//! Puts the functions of a WebAssembly module into an order that packs smaller.
//!
//! Deflate finds repetitions within 32 KiB only, and the bindings' generator sorts functions by
//! size, so that functions alike seldom lie near each other. A function's place is its index:
//! everything that names one is written anew, all other bytes stay as they are.

mod order;

use std::error::Error;
use std::ops::Range;

use wasmparser::{
    ElementItems, ElementKind, ExternalKind, Operator, OperatorsReader, Parser, Payload, TypeRef, Validator,
    WasmFeatures,
};

/// Identifiers of sections that hold functions in their order (WebAssembly Core 2.0, 5.5).
const FUNCTION: u8 = 3;
const CODE: u8 = 10;

/// Custom sections that say nothing about single functions.
const HARMLESS: [&str; 2] = ["producers", "target_features"];

/// The same module with its functions in another order. Equal bytes give equal bytes.
///
/// # Errors
/// Where the module is malformed, uses more than WebAssembly 2.0 without vectors, or has custom
/// sections whose references to functions would go stale.
pub fn reorder(wasm: &[u8]) -> Result<Vec<u8>, String> {
    validate(wasm)?;
    let module = Module::read(wasm).map_err(|e| format!("reading the engine: {e}"))?;
    let bodies: Vec<&[u8]> = module.bodies.iter().map(|range| &wasm[range.clone()]).collect();
    let out = module.write(&order::by_likeness(&bodies))?;
    // A module that came out broken must not reach a page.
    validate(&out)?;
    Ok(out)
}

/// Instructions of other proposals could name functions in ways that nobody thought of here.
fn validate(wasm: &[u8]) -> Result<(), String> {
    let features = WasmFeatures::WASM2.difference(WasmFeatures::SIMD);
    let checked = Validator::new_with_features(features).validate_all(wasm);
    checked.map(|_| ()).map_err(|e| format!("the engine cannot be reordered: {e}"))
}

/// One place that names a function.
#[derive(Debug)]
struct Use {
    /// The bytes of the index.
    bytes: Range<usize>,
    /// The function.
    function: u32,
}

/// What has to be known of a module. All ranges are of its bytes.
#[derive(Debug)]
struct Module<'a> {
    wasm: &'a [u8],
    /// Identifiers and contents of sections, in their order.
    sections: Vec<(u8, Range<usize>)>,
    /// How many functions come from outside; theirs are the first indices.
    imported: u32,
    /// Types of functions, as their indices are written.
    types: Vec<Range<usize>>,
    /// Functions without their lengths.
    bodies: Vec<Range<usize>>,
    /// Names of functions, in the order of their places.
    uses: Vec<Use>,
}

impl<'a> Module<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut module =
            Module { wasm, sections: Vec::new(), imported: 0, types: Vec::new(), bodies: Vec::new(), uses: Vec::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            module.sections.extend(payload.as_section());
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        module.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(types) => {
                    for item in types.into_iter_with_offsets() {
                        let (start, _) = item?;
                        module.types.push(start..leb_end(wasm, start));
                    }
                }
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        module.uses_in(global?.init_expr.get_operators_reader())?;
                    }
                }
                Payload::ExportSection(exports) => {
                    for item in exports.into_iter_with_offsets() {
                        let (start, export) = item?;
                        if export.kind == ExternalKind::Func {
                            // The name's length, the name, the kind.
                            module.used(leb_end(wasm, start) + export.name.len() + 1, export.index);
                        }
                    }
                }
                Payload::StartSection { func, range } => module.used(range.start, func),
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        if let ElementKind::Active { offset_expr, .. } = segment.kind {
                            module.uses_in(offset_expr.get_operators_reader())?;
                        }
                        match segment.items {
                            ElementItems::Functions(functions) => {
                                for item in functions.into_iter_with_offsets() {
                                    let (start, function) = item?;
                                    module.used(start, function);
                                }
                            }
                            ElementItems::Expressions(_, expressions) => {
                                for expression in expressions {
                                    module.uses_in(expression?.get_operators_reader())?;
                                }
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    module.bodies.push(body.range());
                    module.uses_in(body.get_operators_reader()?)?;
                }
                Payload::CustomSection(custom) if !HARMLESS.contains(&custom.name()) => {
                    return Err(format!("the custom section {} may name functions", custom.name()).into());
                }
                _ => {}
            }
        }
        Ok(module)
    }

    /// Notes what instructions name. Validation has let none through that name functions otherwise.
    fn uses_in(&mut self, code: OperatorsReader<'_>) -> wasmparser::Result<()> {
        for item in code.into_iter_with_offsets() {
            if let (Operator::Call { function_index } | Operator::RefFunc { function_index }, start) = item? {
                self.used(start + 1, function_index);
            }
        }
        Ok(())
    }

    fn used(&mut self, start: usize, function: u32) {
        self.uses.push(Use { bytes: start..leb_end(self.wasm, start), function });
    }

    /// The module with its own functions in the given order, which names each of them once.
    fn write(&self, order: &[usize]) -> Result<Vec<u8>, String> {
        let mut moved = vec![None; order.len()];
        for (new, old) in (self.imported..).zip(order) {
            if moved.get_mut(*old).is_none_or(|place| place.replace(new).is_some()) {
                return Err(format!("function {old} is not placed once"));
            }
        }
        let index = |old: u32| match old.checked_sub(self.imported) {
            None => Some(old),
            Some(own) => moved.get(own as usize).copied().flatten(),
        };
        let mut out = self.wasm[..8].to_vec();
        for (id, range) in &self.sections {
            let mut content = Vec::with_capacity(range.len());
            match *id {
                FUNCTION => {
                    leb(&mut content, order.len());
                    order.iter().for_each(|old| content.extend(&self.wasm[self.types[*old].clone()]));
                }
                CODE => {
                    leb(&mut content, order.len());
                    for old in order {
                        let body = self.renamed(&self.bodies[*old], index)?;
                        leb(&mut content, body.len());
                        content.extend(body);
                    }
                }
                _ => content = self.renamed(range, index)?,
            }
            out.push(*id);
            leb(&mut out, content.len());
            out.extend(content);
        }
        Ok(out)
    }

    /// A part of the module with functions named by their new indices.
    fn renamed(&self, range: &Range<usize>, index: impl Fn(u32) -> Option<u32>) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(range.len());
        let mut at = range.start;
        let first = self.uses.partition_point(|u| u.bytes.start < range.start);
        for named in self.uses[first..].iter().take_while(|u| u.bytes.start < range.end) {
            out.extend(&self.wasm[at..named.bytes.start]);
            let new = index(named.function).ok_or_else(|| format!("function {} does not exist", named.function))?;
            leb(&mut out, new as usize);
            at = named.bytes.end;
        }
        out.extend(&self.wasm[at..range.end]);
        Ok(out)
    }
}

/// Where the LEB128 number ends that starts here.
fn leb_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().position(|byte| *byte < 0x80).unwrap_or(0);
    start + length + 1
}

/// Appends an unsigned LEB128 number of the least length.
fn leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests;
