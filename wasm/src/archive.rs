//! Archives to the files in them, for the page.

use js_sys::{Array, Uint8Array};
use noisefloor_core::archive::{self, Opened, Room};
use wasm_bindgen::prelude::*;

use crate::object;

/// What all archives of a page may unpack to. The bytes are here once more while an archive is open, and this memory
/// has 4 GiB at most.
const MOST: u64 = 1 << 30;

/// Whether a file that begins like this is an archive, or packed in a way that [`open_archive`] knows.
#[wasm_bindgen]
#[must_use]
pub fn is_packed(head: &[u8]) -> bool {
    archive::is_packed(head)
}

/// Opens an archive, beside others whose files have `used` bytes: an object with `files` (each `name` and `bytes`),
/// `problems` (each `name`, `code`, one of those of the engine's archives, and `message`) and `aside` (each `name` and
/// `why`, its code). Names have the archive's in front. A file alone that was packed is the one of `files`
/// and has the name given. Where nothing of the archive is read, its problem is the only one.
#[wasm_bindgen]
#[must_use]
pub fn open_archive(name: &str, bytes: &[u8], used: f64) -> JsValue {
    let mut room = Room { used: used as u64, most: MOST };
    let (mut files, mut problems, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    match archive::open(name, bytes, &mut room) {
        None => {}
        Some(Ok(Opened::File(bytes))) => files.push((name.to_string(), bytes)),
        Some(Ok(Opened::Members(members))) => {
            (files, problems, aside) = (members.files, members.problems, members.aside)
        }
        Some(Err(why)) => problems.push((name.to_string(), why)),
    }
    let text = |text: &str| JsValue::from_str(text);
    // Each is freed here as soon as it is there.
    let files: Array = files
        .into_iter()
        .map(|(name, bytes)| object(&[("name", text(&name)), ("bytes", Uint8Array::from(bytes.as_slice()).into())]))
        .collect();
    let problems: Array = problems
        .iter()
        .map(|(name, why)| {
            object(&[("name", text(name)), ("code", text(why.code())), ("message", text(&why.to_string()))])
        })
        .collect();
    let aside: Array =
        aside.iter().map(|(name, what)| object(&[("name", text(name)), ("why", text(what.code()))])).collect();
    object(&[("files", files.into()), ("problems", problems.into()), ("aside", aside.into())])
}
