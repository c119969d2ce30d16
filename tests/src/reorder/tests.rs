#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::*;

/// One section: identifier, length, content.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![id];
    leb(&mut out, content.len());
    out.extend(content);
    out
}

/// A body with its length.
fn body(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    leb(&mut out, content.len());
    out.extend(content);
    out
}

const HEAD: &[u8] = b"\0asm\x01\0\0\0";

/// One imported function, of type 0; own ones are 1 (type 0, short), 2 (type 1, one result) and 3
/// (type 0, longest). Everything that may name a function does so.
fn module() -> Vec<u8> {
    let first = body(&[0, 0x10, 0, 0x10, 0x83, 0, 0x0b]);
    let second = body(&[0, 0x41, 42, 0x0b]);
    let third = body(&[0, 0xd2, 1, 0x1a, 0x10, 2, 0x1a, 0x41, 0x10, 0x1a, 0x10, 0, 0x0b]);
    [
        HEAD.to_vec(),
        section(1, &[2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]),
        section(2, &[1, 1, b'm', 1, b'f', 0, 0]),
        section(3, &[3, 0, 1, 0]),
        section(4, &[1, 0x70, 0, 8]),
        section(6, &[1, 0x70, 0, 0xd2, 2, 0x0b]),
        section(7, &[2, 1, b'a', 0, 1, 1, b'z', 0, 3]),
        section(8, &[1]),
        section(
            9,
            &[
                4, 0, 0x41, 0, 0x0b, 3, 0, 1, 3, // active, indices
                1, 0, 1, 2, // passive, indices
                3, 0, 1, 3, // declared, indices
                5, 0x70, 2, 0xd2, 1, 0x0b, 0xd0, 0x70, 0x0b, // passive, expressions
            ],
        ),
        section(10, &[vec![3], first, second, third].concat()),
    ]
    .concat()
}

/// The module with its own functions as 2, 3, 1 (the new first is the old second, and so on).
fn turned() -> Vec<u8> {
    // Old 1, 2, 3 are new 3, 1, 2.
    let first = body(&[0, 0x10, 0, 0x10, 2, 0x0b]);
    let second = body(&[0, 0x41, 42, 0x0b]);
    let third = body(&[0, 0xd2, 3, 0x1a, 0x10, 1, 0x1a, 0x41, 0x10, 0x1a, 0x10, 0, 0x0b]);
    [
        HEAD.to_vec(),
        section(1, &[2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]),
        section(2, &[1, 1, b'm', 1, b'f', 0, 0]),
        section(3, &[3, 1, 0, 0]),
        section(4, &[1, 0x70, 0, 8]),
        section(6, &[1, 0x70, 0, 0xd2, 1, 0x0b]),
        section(7, &[2, 1, b'a', 0, 3, 1, b'z', 0, 2]),
        section(8, &[3]),
        section(
            9,
            &[4, 0, 0x41, 0, 0x0b, 3, 0, 3, 2, 1, 0, 1, 1, 3, 0, 1, 2, 5, 0x70, 2, 0xd2, 3, 0x0b, 0xd0, 0x70, 0x0b],
        ),
        section(10, &[vec![3], second, third, first].concat()),
    ]
    .concat()
}

#[test]
fn everything_that_names_a_function_follows_it() {
    let wasm = module();
    validate(&wasm).unwrap();
    let out = Module::read(&wasm).unwrap().write(&[1, 2, 0]).unwrap();
    assert_eq!(out, turned());
    validate(&out).unwrap();
}

#[test]
fn an_order_that_changes_nothing_keeps_all_but_lengths() {
    // An index of two bytes where one would do becomes one.
    let wasm = module();
    let kept = Module::read(&wasm).unwrap().write(&[0, 1, 2]).unwrap();
    assert_eq!(kept.len() + 1, wasm.len());
    assert_eq!(Module::read(&kept).unwrap().write(&[0, 1, 2]).unwrap(), kept);
}

#[test]
fn equal_modules_give_equal_bytes() {
    let wasm = module();
    let out = reorder(&wasm).unwrap();
    assert_eq!(out, reorder(&wasm).unwrap());
    assert_ne!(out, wasm);
}

#[test]
fn an_order_places_each_function_once() {
    let wasm = module();
    let module = Module::read(&wasm).unwrap();
    assert!(module.write(&[0, 1]).is_err());
    assert!(module.write(&[0, 1, 1]).is_err());
    assert!(module.write(&[0, 1, 3]).is_err());
}

#[test]
fn functions_alike_become_neighbours() {
    let (a, b): (Vec<u8>, Vec<u8>) = ((0..40).collect(), (100..140).collect());
    let bodies = [&a[..], &b[..], &a[..39], &b[..39]];
    assert_eq!(order::by_likeness(&bodies), [0, 2, 1, 3]);
    assert!(order::by_likeness(&[]).is_empty());
}

#[test]
fn what_is_not_understood_is_refused() {
    let with = |code: &[u8]| {
        let code = section(10, &[vec![1], body(code)].concat());
        [HEAD.to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), code].concat()
    };
    assert!(reorder(&with(&[0, 0x0b])).is_ok());
    // v128.const, a call in place of a return, an instruction that does not exist.
    let vector = [&[0, 0xfd, 12][..], &[0; 16], &[0x1a, 0x0b]].concat();
    assert!(reorder(&with(&vector)).unwrap_err().contains("SIMD"));
    assert!(reorder(&with(&[0, 0x12, 0, 0x0b])).unwrap_err().contains("tail calls"));
    assert!(reorder(&with(&[0, 0x27, 0x0b])).is_err());
    assert!(reorder(&with(&[0, 0x10, 1, 0x0b])).is_err(), "a call to a function that does not exist");
    let named = [with(&[0, 0x0b]), section(0, b"\x04name\x01\x04\x01\x00\x01f")].concat();
    assert!(reorder(&named).unwrap_err().contains("custom section name"));
    let produced = [with(&[0, 0x0b]), section(0, b"\x09producers\x00")].concat();
    assert_eq!(reorder(&produced).unwrap(), produced);
    assert!(reorder(b"").is_err());
}
