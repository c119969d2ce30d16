//! Flame graphs of async-profiler: a page whose script draws a tree, a call of a function for each frame.
//!
//! `f(key,level,left,width)` is a frame, `u(key,width)` one that lies on the last, `n(key,width)` one beside it; a
//! width that is missing is that of the last. Versions before 3 have `f(level,left,width,type,'name')` alone.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::indent::Totals;
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^<!DOCTYPE html>", "async-profiler", "function f(", "levels"]) { 95 } else { 0 }
}

/// The kind of a frame that is the kernel's.
const KERNEL: u64 = 5;

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let samples = to.builder.sample_type("samples", "count");
    let mut totals = Totals::default();
    let mut names: Vec<String> = Vec::new();
    let mut last = String::new();
    let (mut pool, mut level, mut width) = (false, 0, 0.0);
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let line = line.trim_end();
        if line.starts_with("const cpool") {
            pool = true;
            continue;
        }
        if line.starts_with("];") {
            pool = false;
        }
        if pool {
            let text = line.strip_suffix(',').unwrap_or(line);
            let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) else { continue };
            let text = unescaped(text);
            // How much of the one before it begins with, as a character.
            if names.is_empty() {
                last = text;
            } else {
                let shared = text.bytes().next().map_or(0, |byte| usize::from(byte.saturating_sub(b' ')));
                let own = text.get(1..).unwrap_or("");
                last = String::from(last.get(..shared.min(last.len())).unwrap_or("")) + own;
            }
            names.push(last.clone());
            continue;
        }
        let call = line.strip_suffix(')').or_else(|| line.strip_suffix(");"));
        let Some((function @ ("f" | "u" | "n"), arguments)) = call.and_then(|call| call.split_once('(')) else {
            continue;
        };
        let mut old_name = None;
        let numbers = match arguments.split_once(",'") {
            Some((numbers, name)) => {
                let name = name.rsplit_once('\'').map_or(name, |(name, _)| name);
                old_name = Some(unescaped(name));
                numbers
            }
            None => arguments,
        };
        let mut numbers = numbers.split(',').map(|number| number::parse(number.as_bytes()));
        let mut next = || numbers.next().flatten();
        let name = match old_name {
            Some(name) => {
                level = next().unwrap_or(0.0) as u64;
                next();
                width = next().unwrap_or(f64::NAN);
                name
            }
            None => {
                let key = next().unwrap_or(-1.0);
                match function {
                    "f" => {
                        level = next().unwrap_or(0.0) as u64;
                        next();
                    }
                    "u" => level += 1,
                    _ => {}
                }
                width = next().unwrap_or(width);
                let key = if key >= 0.0 { key as u64 } else { u64::MAX };
                let Some(name) = usize::try_from(key >> 3).ok().and_then(|at| names.get(at)) else {
                    to.notices.push(NoticeCode::DanglingReference, to.at, "cpool");
                    continue;
                };
                to.work(name.len() as u64)?;
                if key & 7 == KERNEL { name.clone() + "_[k]" } else { name.clone() }
            }
        };
        // The lowest frame stands for all.
        let function = (level > 0).then(|| to.builder.function(&name));
        totals.enter(&mut to, samples, level as usize, function, width)?;
    }
    totals.leave(&mut to, samples, 0)?;
    to.finish()
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        out.push(c);
    }
    out
}
