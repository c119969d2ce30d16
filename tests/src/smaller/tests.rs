#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::module::leb;
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
    let out = smaller(&wasm).unwrap();
    assert_eq!(out, smaller(&wasm).unwrap());
    assert_ne!(out, wasm);
}

#[test]
fn an_order_places_each_function_that_is_used_once() {
    let wasm = module();
    let module = Module::read(&wasm).unwrap();
    assert!(module.write(&[0, 1]).unwrap_err().contains("function 3 does not exist"));
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
        let export = section(7, &[1, 1, b'a', 0, 0]);
        [HEAD.to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), export, code].concat()
    };
    assert!(smaller(&with(&[0, 0x0b])).is_ok());
    // v128.const, a call in place of a return, an instruction that does not exist.
    let vector = [&[0, 0xfd, 12][..], &[0; 16], &[0x1a, 0x0b]].concat();
    assert!(smaller(&with(&vector)).unwrap_err().contains("SIMD"));
    assert!(smaller(&with(&[0, 0x12, 0, 0x0b])).unwrap_err().contains("tail calls"));
    assert!(smaller(&with(&[0, 0x27, 0x0b])).is_err());
    assert!(smaller(&with(&[0, 0x10, 1, 0x0b])).is_err(), "a call to a function that does not exist");
    let linked = [with(&[0, 0x0b]), section(0, b"\x07linking\x02")].concat();
    assert!(smaller(&linked).unwrap_err().contains("custom section linking"));
    let produced = [with(&[0, 0x0b]), section(0, b"\x09producers\x00")].concat();
    assert_eq!(smaller(&produced).unwrap(), produced);
    assert!(smaller(b"").is_err());
}

/// Functions: 0 imported; 1 exported, checks something and calls 2 or 3; 2 `core::panicking::panic`, which calls 4;
/// 3 `mine::stop`, which never returns either; 4 `core::fmt::write`; 5 `core::outside`, which calls 0.
fn panicking() -> Vec<u8> {
    panicking_with(&check(3, 32))
}

/// Where the parameter is not 0, a call with a place, which does not return.
fn check(function: u8, place: u8) -> Vec<u8> {
    vec![0x20, 0, 0x04, 0x40, 0x41, place, 0x10, function, 0x00, 0x0b]
}

/// The same with another second check.
fn panicking_with(second: &[u8]) -> Vec<u8> {
    let checks = [&[0][..], &check(2, 16), second, &check(5, 48), &[0x0b]].concat();
    let panic = [0, 0x20, 0, 0x10, 4, 0x00, 0x0b];
    let stop = [0, 0x00, 0x0b];
    let write = [0, 0x20, 0, 0x1a, 0x0b];
    let outside = [0, 0x10, 0, 0x00, 0x0b];
    // A path of four bytes at 64, and places that name it at 16, 32 and 48.
    let mut data = vec![0; 68];
    for at in [16, 32, 48] {
        data[at] = 64;
        data[at + 4] = 4;
        data[at + 8] = 7;
        data[at + 12] = 9;
    }
    data[64..].copy_from_slice(b"a.rs");
    let names = ["core::panicking::panic", "mine::stop", "core[1f]::fmt::write", "<core::outside>::call"];
    let mut map = vec![names.len() as u8];
    for (index, name) in (2..).zip(names) {
        map.extend([index, name.len() as u8]);
        map.extend(name.as_bytes());
    }
    let named = [b"\x04name\x01".to_vec(), body(&map)].concat();
    [
        HEAD.to_vec(),
        section(1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
        section(2, &[1, 1, b'm', 1, b'f', 0, 0]),
        section(3, &[5, 1, 1, 1, 1, 1]),
        section(5, &[1, 0, 1]),
        section(7, &[1, 1, b'a', 0, 1]),
        section(10, &[vec![5], body(&checks), body(&panic), body(&stop), body(&write), body(&outside)].concat()),
        section(11, &[vec![1, 0, 0x41, 0, 0x0b], body(&data)].concat()),
        section(0, &named),
    ]
    .concat()
}

#[test]
fn what_runs_only_after_a_panic_is_left_out() {
    let wasm = panicking();
    validate(&wasm).unwrap();
    let out = trim::trim(&wasm).unwrap();
    validate(&out).unwrap();
    let module = Module::read(&out).unwrap();
    assert_eq!(module.bodies.len(), 3, "the panic and what it calls are gone");
    assert!(module.names.is_empty());
    let first = &out[module.bodies[0].clone()];
    let start = [0, 0x20, 0, 0x04, 0x40, 0x00, 0x0b, 0x20, 0, 0x04, 0x40, 0x41, 32, 0x10, 2, 0x00, 0x0b];
    assert_eq!(first[..start.len()], start, "the call and its place are gone; that of our own code stays");
    let (_, data) = &module.data[0];
    assert!(out[data.clone()][16..32].iter().all(|byte| *byte == 0));
    assert_eq!(out[data.clone()][32..], wasm[Module::read(&wasm).unwrap().data[0].1.clone()][32..]);
}

#[test]
fn a_place_in_a_variable_before_a_jump_becomes_nothing() {
    // i32.const 32, local.set 0, br 0.
    let wasm = panicking_with(&[0x20, 0, 0x04, 0x40, 0x41, 32, 0x21, 0, 0x0c, 0, 0x0b]);
    validate(&wasm).unwrap();
    let out = trim::trim(&wasm).unwrap();
    validate(&out).unwrap();
    let module = Module::read(&out).unwrap();
    assert!(out[module.bodies[0].clone()].windows(6).any(|w| w == [0x41, 0, 0x21, 0, 0x0c, 0]));
    assert!(out[module.data[0].1.clone()][32..48].iter().all(|byte| *byte == 0));
}

#[test]
fn a_call_that_may_return_stays() {
    // The second call of function 2 is not followed by a trap.
    let wasm = panicking();
    let body = Module::read(&wasm).unwrap().bodies[0].clone();
    let mut returns = wasm.clone();
    let trap = wasm[body.clone()].windows(3).position(|w| w == [0x10, 2, 0x00]).unwrap();
    returns[body.start + trap + 2] = 0x01;
    validate(&returns).unwrap();
    let out = trim::trim(&returns).unwrap();
    assert_eq!(Module::read(&out).unwrap().bodies.len(), 4, "only what the panic calls is gone");
}

#[test]
fn a_number_that_is_no_place_stays() {
    // Own code uses an address inside of the path, and one where no place lies.
    let wasm = panicking();
    let body = Module::read(&wasm).unwrap().bodies[0].clone();
    for number in [66, 33] {
        let mut other = wasm.clone();
        let at = wasm[body.clone()].windows(2).position(|w| w == [0x41, 32]).unwrap();
        // Signed numbers from 64 on have a second byte, for which the call and its trap make room.
        other[body.start + at + 1] = number | if number < 64 { 0 } else { 0x80 };
        if number >= 64 {
            other.splice(body.start + at + 2..body.start + at + 5, [0, 0x1a, 0x01]);
        }
        validate(&other).unwrap();
        let out = trim::trim(&other).unwrap();
        let module = Module::read(&out).unwrap();
        assert!(out[module.bodies[0].clone()].windows(2).any(|w| w == [0x41, other[body.start + at + 1]]));
        assert_eq!(&out[module.data[0].1.clone()][64..], b"a.rs");
    }
}

#[test]
fn what_lies_in_a_table_and_cannot_be_called_is_left_out() {
    // 0 calls what lies at place 1, of type 0, and has 1 and 3 as constants. Places 1 and 2 are of type 0, 3 is of
    // type 1.
    let calls = body(&[0, 0x41, 1, 0x11, 0, 0, 0x41, 3, 0x1a, 0x0b]);
    let bodies = [vec![4], calls, body(&[0, 0x01, 0x0b]), body(&[0, 0x0b]), body(&[0, 0x0b])].concat();
    let with = |exports: &[u8]| {
        [
            HEAD.to_vec(),
            section(1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
            section(3, &[4, 0, 0, 0, 1]),
            section(4, &[1, 0x70, 0, 4]),
            section(7, exports),
            section(9, &[1, 0, 0x41, 1, 0x0b, 3, 1, 2, 3]),
            section(10, &bodies),
        ]
        .concat()
    };
    let wasm = with(&[1, 1, b'a', 0, 0]);
    validate(&wasm).unwrap();
    let out = trim::trim(&wasm).unwrap();
    validate(&out).unwrap();
    let module = Module::read(&out).unwrap();
    assert_eq!(module.bodies.len(), 2);
    let table: Vec<_> = module.entries.iter().map(|(place, at)| (*place, module.uses[*at].function)).collect();
    assert_eq!(table[0], (1, 1), "what is called stays where it is");
    assert_eq!(table.len(), 3);
    let open = with(&[2, 1, b'a', 0, 0, 1, b't', 1, 0]);
    validate(&open).unwrap();
    assert_eq!(trim::trim(&open).unwrap(), open, "others may call what lies in a table that they can see");
}

#[test]
fn equal_functions_become_one_and_their_callers_too() {
    // 1 and 2 are equal; 3 calls 1 and 4 calls 2, which makes them equal; 5 has another type.
    let call = |function: u8| body(&[0, 0x10, function, 0x0b]);
    let empty = body(&[0, 0x0b]);
    let bodies = [vec![5], empty.clone(), empty.clone(), call(1), call(2), body(&[0, 0x0b])].concat();
    let wasm = [
        HEAD.to_vec(),
        section(1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
        section(2, &[1, 1, b'm', 1, b'f', 0, 0]),
        section(3, &[5, 0, 0, 0, 0, 1]),
        section(7, &[3, 1, b'a', 0, 3, 1, b'b', 0, 4, 1, b'c', 0, 5]),
        section(10, &bodies),
    ]
    .concat();
    validate(&wasm).unwrap();
    let out = merge::merge(wasm).unwrap();
    validate(&out).unwrap();
    let module = Module::read(&out).unwrap();
    assert_eq!(module.bodies.len(), 3);
    let exported: Vec<u32> = module.uses.iter().take(3).map(|named| named.function).collect();
    assert_eq!(exported, [2, 2, 3]);
}
