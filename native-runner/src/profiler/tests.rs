//! The parts of the profiler that need no kernel.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::image::readable;
use super::record::{self, Record};
use super::samples::{MappingKey, Samples, SeenMapping, Total, UNMAPPED};
use super::space::Space;

fn bytes_of(kind: u32, misc: u16, words: &[u64]) -> Vec<u8> {
    let mut out = kind.to_ne_bytes().to_vec();
    out.extend(misc.to_ne_bytes());
    out.extend((8 + 8 * words.len() as u16).to_ne_bytes());
    out.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    out
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from_ne_bytes([low.to_ne_bytes(), high.to_ne_bytes()].concat().try_into().unwrap())
}

/// A sample with a chain of two, three registers and 16 of 32 bytes of stack in use.
fn sample(width: u64) -> Vec<u8> {
    let head = [0x401000, pair(7, 8), 99, 1_001_001, 2, u64::MAX - 511, 0x401000, width];
    let registers: &[u64] = if width == 0 { &[] } else { &[1, 2, 3] };
    bytes_of(9, 2, &[&head, registers, &[32, 10, 11, 12, 13, 16]].concat())
}

#[test]
fn samples_are_read() {
    let bytes = sample(2);
    let Record::Sample(read) = record::parse(&bytes, true) else { panic!("not a sample") };
    assert_eq!((read.process, read.ip, read.period, read.kernel), (7, 0x401000, 1_001_001, false));
    assert_eq!((read.chain.len(), read.registers.len(), read.stack.len()), (16, 24, 16));
    let mut rows = Vec::new();
    record::index(&[sample(2), bytes_of(2, 0, &[0, 5, pair(7, 7), 98])].concat(), 0, &mut rows);
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [99, 98]);
}

#[test]
fn threads_without_a_user_part_and_32_bit_programs_have_no_registers() {
    for width in [0, 1] {
        let bytes = sample(width);
        let Record::Sample(read) = record::parse(&bytes, true) else { panic!("not a sample") };
        assert!(read.registers.is_empty());
        assert_eq!(read.stack.len(), 16);
    }
}

#[test]
fn any_bytes_are_a_record_or_none() {
    let whole = sample(2);
    for cut in 0..whole.len() {
        for position in 0..cut {
            let mut bytes = whole[..cut].to_vec();
            bytes[position] ^= 0xff;
            record::parse(&bytes, true);
            record::index(&bytes, 0, &mut Vec::new());
        }
    }
}

#[test]
fn only_new_processes_are_forks() {
    let fork = |process, parent| bytes_of(7, 0, &[pair(process, parent), pair(9, 9), 5, pair(parent, parent), 5]);
    assert!(matches!(record::parse(&fork(9, 8), true), Record::Fork { process: 9, parent: 8 }));
    assert!(matches!(record::parse(&fork(8, 8), true), Record::Other));
}

#[test]
fn a_new_mapping_cuts_the_old_ones() {
    let mut space = Space::default();
    space.map(0x1000, 0x4000, 0, 0);
    space.map(0x2000, 0x1000, 0x9000, 1);
    assert_eq!(space.locate(0x0fff), (UNMAPPED, 0x0fff));
    assert_eq!(space.locate(0x1800), (0, 0x800));
    assert_eq!(space.locate(0x2010), (1, 0x9010));
    assert_eq!(space.locate(0x3010), (0, 0x2010));
    assert_eq!(space.locate(0x5000), (UNMAPPED, 0x5000));
    space.map(0, 0x10000, 0, 2);
    assert_eq!(space.locate(0x2010), (2, 0x2010));
    assert_eq!(space.fork().locate(0x2010), (2, 0x2010));
}

#[test]
fn runs_at_different_addresses_meet() {
    let run = |start: u64| {
        let mut samples = Samples::default();
        let key = MappingKey { path: "/bin/x".into(), device: (1, 2), inode: 3, file_offset: 0x1000 };
        let mapping = samples.mapping(SeenMapping { key, start, length: 0x1000 });
        let frame = samples.frame((mapping, 0x1234));
        let raw = samples.frame((UNMAPPED, 5));
        samples.add(&[frame, raw], Total { samples: 1, period: 10, ended: 1, dwarf: 1 });
        samples
    };
    let mut sum = run(0x10_0000);
    sum.absorb(run(0x20_0000));
    assert_eq!((sum.mappings.len(), sum.frames.len(), sum.stacks.len()), (1, 2, 1));
    assert_eq!(sum.total().samples, 2);
    assert_eq!(sum.total().period, 20);
}

#[test]
fn names_lose_their_hashes() {
    assert_eq!(readable("_ZN4core3fmt5write17h0123456789abcdefE", None), "core::fmt::write");
    assert_eq!(readable("_ZN3app4spinEl", None), "app::spin(long)");
    assert_eq!(readable("_RNvC6_123foo3bar", None), "123foo::bar");
    assert_eq!(readable("main.spin", None), "main.spin");
    assert_eq!(readable("\u{0}[", None), "\u{0}[");
}
