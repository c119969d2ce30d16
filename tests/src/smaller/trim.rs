//! Leaves out what runs only after a panic.
//!
//! A panic of the engine ends in a trap, and nobody reads its message: there is nowhere to print it,
//! and what called the engine starts it anew. (The same bytes make the same panic natively, with its
//! message.) Yet every check carries what the message needs. The compiler can leave this out only
//! where the standard library is built anew.
//!
//! With that goes what lies in the table of functions and cannot be called there: the linker keeps all that
//! some function named, also one that the bindings' generator has run and left out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{BinaryReader, FunctionBody, Operator};

use super::module::Module;

/// Bytes of a place in the source: address and length of a path, line, column.
const PLACE: u32 = 16;

/// The module without calls that cannot return, and without what only they needed; only functions of
/// the standard library that call nothing from outside. A module without names keeps its calls.
///
/// # Errors
/// Where the module is malformed.
pub(super) fn trim(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::read(wasm)?;
    let code = operators(&module).map_err(|e| format!("reading the engine: {e}"))?;
    let doomed = doomed(&module, &code);
    let mut last = BTreeSet::new();
    for body in &code {
        for (at, pair) in body.windows(2).enumerate() {
            let (Step::Call(function), Step::Trap) = (pair[0].what, pair[1].what) else { continue };
            if !doomed.contains(&function) {
                continue;
            }
            let mut first = at;
            while first > 0 && matches!(body[first - 1].what, Step::Quiet | Step::Set | Step::Constant(_)) {
                first -= 1;
            }
            if let Some(Step::Constant(address)) = at.checked_sub(1).map(|before| body[before].what) {
                last.insert(address);
            }
            module.cuts.push(body[first].bytes.start..body[at].bytes.end);
        }
    }
    let kept = reached(&mut module, &code);
    if doomed.is_empty() {
        return module.write(&kept);
    }
    // Calls share their ends: there a place in the source is put into a variable before the jump, and becomes 0.
    // (Not everywhere: the address of a place may as well be where a table would begin whose first used entry is
    // a later one.)
    let mut out = wasm.to_vec();
    let (mut places, mut nothing) = (BTreeSet::new(), BTreeSet::new());
    for steps in code.iter().flat_map(|body| body.windows(3)) {
        let (Step::Constant(address), Step::Set, Step::Jump) = (steps[0].what, steps[1].what, steps[2].what) else {
            continue;
        };
        if place(&module, address).is_some() {
            places.insert(address);
            nothing.insert(steps[0].bytes.start);
            let last = steps[0].bytes.end - 1;
            out[last] = 0;
            module.cuts.push(steps[0].bytes.start + 1..last);
        }
    }
    module.cuts.sort_by_key(|cut| (cut.start, std::cmp::Reverse(cut.end)));
    // Those inside of calls that are left out go with them.
    let mut end = 0;
    module.cuts.retain(|cut| {
        let outside = cut.start >= end;
        end = end.max(cut.end);
        outside
    });
    places.extend(last);
    let mut used = constants(&module, &code, &kept, &nothing);
    places.retain(|address| !used.contains(address));
    let mut paths = BTreeSet::new();
    for (place, path) in places.iter().filter_map(|address| place(&module, *address)) {
        out[place].fill(0);
        paths.insert(path);
    }
    let module = Module { wasm: &out, ..module };
    used.extend(words(&module));
    let mut blank = out.clone();
    for (address, length) in paths {
        // A shorter text may be a part of the path.
        if used.range(address..address + length).next().is_none()
            && let Some(path) = bytes(&module, address, length)
        {
            blank[path].fill(0);
        }
    }
    Module { wasm: &blank, ..module }.write(&kept)
}

/// What an instruction means here.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// Changes values and memory only, which nobody sees after a trap.
    Quiet,
    /// Puts a value into a variable; as quiet.
    Set,
    /// Goes on at the end of a block.
    Jump,
    /// Puts a constant on the stack.
    Constant(u32),
    Call(u32),
    /// Calls what a table holds, by the type's index.
    Through(u32),
    Trap,
    Other,
}

/// An instruction.
#[derive(Debug)]
struct Instruction {
    bytes: Range<usize>,
    what: Step,
}

/// The instructions of each function.
fn operators(module: &Module<'_>) -> wasmparser::Result<Vec<Vec<Instruction>>> {
    let read = |range: &Range<usize>| {
        let body = FunctionBody::new(BinaryReader::new(&module.wasm[range.clone()], range.start));
        let mut reader = body.get_operators_reader()?;
        let mut out = Vec::new();
        while !reader.eof() {
            let start = reader.original_position();
            let what = step(&reader.read()?);
            out.push(Instruction { bytes: start..reader.original_position(), what });
        }
        Ok(out)
    };
    module.bodies.iter().map(read).collect()
}

/// Only what the compiler puts before such calls is taken for quiet; a longer list makes nothing smaller.
fn step(operator: &Operator<'_>) -> Step {
    match operator {
        Operator::Call { function_index } => Step::Call(*function_index),
        Operator::CallIndirect { type_index, .. } => Step::Through(*type_index),
        Operator::Unreachable => Step::Trap,
        Operator::LocalSet { .. } => Step::Set,
        Operator::Br { .. } => Step::Jump,
        Operator::I32Const { value } => Step::Constant(*value as u32),
        Operator::LocalGet { .. }
        | Operator::LocalTee { .. }
        | Operator::GlobalGet { .. }
        | Operator::GlobalSet { .. }
        | Operator::I64Const { .. }
        | Operator::F64Const { .. }
        | Operator::I32Load { .. }
        | Operator::I32Load8U { .. }
        | Operator::I64Load { .. }
        | Operator::I32Store { .. }
        | Operator::I32Store8 { .. }
        | Operator::I64Store { .. }
        | Operator::I64ExtendI32U
        | Operator::I64Or
        | Operator::I64Shl
        | Operator::I32Add
        | Operator::I32Sub
        | Operator::I32Mul
        | Operator::I32Shl
        | Operator::I32And
        | Operator::I32Or
        | Operator::Select
        | Operator::Drop => Step::Quiet,
        _ => Step::Other,
    }
}

/// Functions of the standard library that never return and never reach what lies outside: all their
/// calls are followed by a trap.
fn doomed(module: &Module<'_>, code: &[Vec<Instruction>]) -> BTreeSet<u32> {
    let mut calls: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for body in code {
        for (at, instruction) in body.iter().enumerate() {
            if let Step::Call(function) = instruction.what {
                let (all, trapping) = calls.entry(function).or_default();
                *all += 1;
                *trapping += u32::from(body.get(at + 1).is_some_and(|next| next.what == Step::Trap));
            }
        }
    }
    // What reaches the outside by calls; from the callees to their callers.
    let mut outward: BTreeSet<u32> = (0..module.imported).collect();
    loop {
        let before = outward.len();
        for (own, body) in (module.imported..).zip(code) {
            if body.iter().any(|i| matches!(i.what, Step::Call(f) if outward.contains(&f))) {
                outward.insert(own);
            }
        }
        if outward.len() == before {
            break;
        }
    }
    let named = module.names.iter().filter(|(_, name)| of_the_library(name)).map(|(function, _)| *function);
    let never_returns = |f: &u32| calls.get(f).is_some_and(|(all, trapping)| all == trapping);
    named.filter(|f| never_returns(f) && !outward.contains(f)).collect()
}

/// Whether a function's name begins with a crate of the standard library.
fn of_the_library(name: &str) -> bool {
    let name = name.trim_start_matches('<');
    let end = name.find([':', '[']).unwrap_or(name.len());
    ["core", "alloc", "std", "__rustc"].contains(&&name[..end])
}

/// The functions that can still run, as their places among the module's own: what is named outside of functions,
/// and what these name in turn. What lies in a table counts where something of its type is called through a table, and
/// where its place is among the constants and words of data; other places get a function that is there.
fn reached(module: &mut Module<'_>, code: &[Vec<Instruction>]) -> Vec<usize> {
    let inside = |at: usize| module.bodies.partition_point(|body| body.end <= at);
    let within = |place: usize, at: usize| module.bodies.get(place).is_some_and(|body| body.contains(&at));
    let mut callees = vec![Vec::new(); module.bodies.len()];
    let mut waiting = Vec::new();
    let mut entries = if module.open { Vec::new() } else { module.entries.clone() };
    for (at, named) in module.uses.iter().enumerate().filter(|(_, u)| !is_cut(module, u.bytes.start)) {
        let Some(function) = named.function.checked_sub(module.imported) else { continue };
        let place = inside(named.bytes.start);
        if within(place, named.bytes.start) {
            callees[place].push(function);
        } else if !entries.iter().any(|(_, entry)| *entry == at) {
            waiting.push(function);
        }
    }
    let mut seen = vec![false; module.bodies.len()];
    let data: BTreeSet<u32> = words(module).collect();
    loop {
        while let Some(function) = waiting.pop() {
            if let Some(seen) = seen.get_mut(function as usize)
                && !std::mem::replace(seen, true)
            {
                waiting.extend(&callees[function as usize]);
            }
        }
        let kept: Vec<usize> = (0..seen.len()).filter(|f| seen[*f]).collect();
        let mut places = constants(module, code, &kept, &BTreeSet::new());
        places.extend(&data);
        let through = kept.iter().flat_map(|f| &code[*f]).filter_map(|i| match i.what {
            Step::Through(index) => module.signatures.get(index as usize),
            _ => None,
        });
        let through: BTreeSet<_> = through.collect();
        entries.retain(|(place, at)| {
            let function = module.uses[*at].function;
            let called = places.contains(place) && module.signature(function).is_none_or(|s| through.contains(s));
            waiting.extend(function.checked_sub(module.imported).filter(|_| called));
            !called
        });
        if waiting.is_empty() {
            let any = kept.first().map(|f| module.imported + *f as u32);
            for (_, at) in entries {
                let named = &mut module.uses[at];
                let gone = named.function.checked_sub(module.imported).is_some_and(|f| !seen[f as usize]);
                named.function = any.filter(|_| gone).unwrap_or(named.function);
            }
            return kept;
        }
    }
}

/// Whether what begins there is left out.
fn is_cut(module: &Module<'_>, at: usize) -> bool {
    let next = module.cuts.partition_point(|cut| cut.end <= at);
    module.cuts.get(next).is_some_and(|cut| cut.contains(&at))
}

/// Everything that may be an address in code that stays; what becomes nothing is none.
fn constants(
    module: &Module<'_>,
    code: &[Vec<Instruction>],
    kept: &[usize],
    nothing: &BTreeSet<usize>,
) -> BTreeSet<u32> {
    let mut out = BTreeSet::new();
    for function in kept {
        for instruction in &code[*function] {
            let start = instruction.bytes.start;
            if nothing.contains(&start) || is_cut(module, start) {
                continue;
            }
            if let Step::Constant(value) = instruction.what {
                out.insert(value);
            }
        }
    }
    out
}

/// Everything that may be an address in data.
fn words(module: &Module<'_>) -> impl Iterator<Item = u32> {
    let words = module.data.iter().flat_map(|(_, bytes)| module.wasm[bytes.clone()].windows(4));
    words.filter_map(|w| w.try_into().ok()).map(u32::from_le_bytes)
}

/// The bytes of a place in the source, if that is what lies there, with address and length of its path.
fn place(module: &Module<'_>, address: u32) -> Option<(Range<usize>, (u32, u32))> {
    let range = bytes(module, address, PLACE)?;
    let word = |i: usize| module.wasm[range.start + 4 * i..][..4].try_into().map(u32::from_le_bytes).ok();
    let path = (word(0)?, word(1)?);
    // The nul that ends paths for debuggers is not counted.
    module.wasm[bytes(module, path.0, path.1)?].ends_with(b".rs").then_some((range, path))
}

/// The bytes that lie at an address at the start.
fn bytes(module: &Module<'_>, address: u32, length: u32) -> Option<Range<usize>> {
    let (start, segment) = module.data.iter().rev().find(|(start, _)| *start <= address)?;
    let from = segment.start + (address - start) as usize;
    let to = from + length as usize;
    (to <= segment.end).then_some(from..to)
}
