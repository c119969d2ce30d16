//! Names of addresses: from a table of symbols, else the file that lies there and the offset in it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::lossy;
use crate::format::pprof::place_name;
use crate::format::stacks::{Numbered, Stacks};
use crate::format::text::at_last;
use crate::profile::Frame;
use crate::source::NoticeCode;

/// Characters of a file's name that count: one name stands for many addresses.
const MAX_FILE: usize = 200;

/// A part of the memory of a process.
struct Map {
    start: u64,
    end: u64,
    offset: u64,
    file: String,
}

/// What lies where.
pub(super) struct Places {
    maps: Vec<Map>,
    symbols: Numbered,
}

impl Places {
    /// Takes what lines say of places; other lines are passed over.
    ///
    /// # Errors
    /// Where the names together are too long for the input.
    pub(super) fn read<'t>(to: &mut Stacks<'_>, lines: impl Iterator<Item = &'t [u8]>) -> Result<Places, ParseError> {
        let (mut maps, mut symbols) = (Vec::new(), Vec::new());
        for line in lines {
            let line = lossy(line);
            let text = line.trim();
            if let Some((address, name)) = symbol(text) {
                symbols.push((address, to.builder.function(name)));
            } else if let Some(map) = map(text) {
                maps.push(map);
            }
        }
        maps.sort_by_key(|map| map.start);
        Ok(Places { maps, symbols: Numbered::new(&symbols) })
    }

    /// Makes a stack of addresses, leaf first, the stack in work. All but the leaf are where a call returns to, and
    /// with `calls` so is the leaf: the call itself lies before.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn stack(&self, to: &mut Stacks<'_>, addresses: &[u64], leaf: Leaf) -> Result<(), ParseError> {
        to.stack.clear();
        let mut unnamed = false;
        for (index, address) in addresses.iter().enumerate() {
            let back = match leaf {
                Leaf::Exact => u64::from(index > 0),
                Leaf::Call => 1,
                Leaf::NoAddress => 0,
            };
            let call = address.saturating_sub(back);
            let known = self.symbols.get(*address).or_else(|| self.symbols.get(call));
            let function = match known {
                Some(function) => function,
                None => {
                    unnamed = true;
                    let name = self.name(call);
                    to.work(name.len() as u64)?;
                    to.builder.function(&name)
                }
            };
            to.stack.push(Frame::new(function, false));
        }
        to.stack.reverse();
        if unnamed {
            to.notices.push(NoticeCode::TruncatedStacks, to.at, "addresses without names");
        }
        Ok(())
    }

    fn name(&self, address: u64) -> String {
        let before = self.maps.partition_point(|map| map.start <= address);
        let map = before.checked_sub(1).and_then(|at| self.maps.get(at)).filter(|map| address < map.end);
        match map {
            Some(map) => place_name(map.file.as_bytes(), address, (address - map.start).wrapping_add(map.offset)),
            None => place_name(&[], address, address),
        }
    }
}

/// What the first address of a stack is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Leaf {
    /// Where the processor was.
    Exact,
    /// Where a call returns to, as all others.
    Call,
    /// None of the addresses is one: they number names.
    NoAddress,
}

/// A number with `0x` in front.
pub(super) fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// `0xaddress name`, with a colon behind the address in lists of threads; Java puts the place behind the name.
fn symbol(text: &str) -> Option<(u64, &str)> {
    let text = text.strip_prefix("PC:").unwrap_or(text).trim_start();
    let (address, name) = text.split_once([' ', '\t'])?;
    let address = hex(address.strip_suffix(':').unwrap_or(address))?;
    let name = name.trim();
    let place = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let name = match place {
        Some((name, place)) if at_last(place, b':').1.parse::<u32>().is_ok() || place.ends_with(".java") => name,
        _ => name,
    };
    (!name.is_empty() && !name.starts_with("0x")).then_some((address, name))
}

/// `start-end: file`, or a line of `/proc/self/maps`, of which only what can be executed counts.
fn map(text: &str) -> Option<Map> {
    let (range, mut rest) = text.split_once([' ', '\t'])?;
    let (start, end) = range.trim_end_matches(':').split_once('-')?;
    let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok();
    let (start, end) = (number(start)?, number(end)?);
    let mut offset = 0;
    rest = rest.trim_start();
    let (mode, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    if mode.len() == 4 && mode.bytes().all(|b| b"rwxps-".contains(&b)) {
        let mut words = behind.split_ascii_whitespace();
        offset = number(words.next()?)?;
        if !mode.contains('x') {
            return None;
        }
        // The device and the number of the file.
        rest = words.nth(1).and_then(|inode| behind.rsplit_once(inode)).map_or("", |(_, path)| path);
    }
    let file = rest.trim().trim_end_matches(" (deleted)");
    let file = at_last(file, b'/').1.trim_matches(['[', ']']);
    let file = file.char_indices().nth(MAX_FILE).map_or(file, |(end, _)| file.split_at(end).0);
    (start < end).then(|| Map { start, end, offset, file: file.to_string() })
}

#[cfg(test)]
mod tests {
    use super::{hex, map, symbol};

    #[test]
    fn places_are_lines_of_several_kinds() {
        let found = |text: &str| map(text).map(|m| (m.start, m.end, m.offset, m.file));
        assert_eq!(found("00400000-00fcb000: /bin/a b"), Some((0x40_0000, 0xfc_b000, 0, "a b".into())));
        let line = "7f00-7f10 r-xp 00002000 08:01 7482        /lib/ld-2.15.so (deleted)";
        assert_eq!(found(line), Some((0x7f00, 0x7f10, 0x2000, "ld-2.15.so".into())));
        assert_eq!(found("7f00-7f10 r-xp 00000000 00:00 0 "), Some((0x7f00, 0x7f10, 0, "".into())));
        assert_eq!(found("7fff-8fff r-xp 00000000 00:00 0   [vdso]"), Some((0x7fff, 0x8fff, 0, "vdso".into())));
        assert_eq!(found("7f00-7f10 rw-p 00002000 08:01 7482 /lib/x"), None);
        assert!(found("10-5: x").is_none() && found("x-5: x").is_none() && found("1 2").is_none());
        assert_eq!(symbol("0x01 a.b (C.java:5)"), Some((1, "a.b")));
        assert_eq!(symbol("PC:  0x1f: f(char *)"), Some((0x1f, "f(char *)")));
        assert_eq!((symbol("0x01 0x02"), symbol("1 x"), symbol("0x1")), (None, None, None));
        assert_eq!((hex("0xff"), hex("ff"), hex("0x"), hex("0x1ffffffffffffffff")), (Some(255), None, None, None));
    }
}
