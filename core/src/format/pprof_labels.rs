//! Labels of pprof's samples: a key with a text, or with a number and its unit.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::ParseErrorKind;
use crate::find::lossy;
use crate::format::pprof::integers;
use crate::format::protobuf::Value;
use crate::profile::{LabelSet, MAX_TEXT, Memo, ProfileBuilder};

/// The field of a sample.
pub(super) const LABEL: u64 = 3;

/// Labels of the sample in work, and those that were met before.
#[derive(Default)]
pub(super) struct Labels<'a> {
    /// Places in `met`, by the bytes of a label.
    known: Memo<'a, u32>,
    met: Vec<Met>,
    /// What the sample has, as it stands in the file.
    raw: Vec<&'a [u8]>,
    pairs: Vec<(u32, u32)>,
}

/// A label that was met, and the set of it alone: most samples have one.
#[derive(Clone, Copy)]
struct Met {
    pair: (u32, u32),
    alone: Option<LabelSet>,
}

impl<'a> Labels<'a> {
    /// Begins a sample.
    pub(super) fn clear(&mut self) {
        self.raw.clear();
    }

    /// A label of the sample.
    #[inline]
    pub(super) fn push(&mut self, value: Value<'a>) {
        if let Value::Bytes(label) = value {
            self.raw.push(label);
        }
    }

    /// The set of the labels; `text` gives a string of the table.
    ///
    /// # Errors
    /// Where a label is broken or names a string that does not exist.
    pub(super) fn set(
        &mut self,
        text: &dyn Fn(u64) -> Result<&'a [u8], ParseErrorKind>,
        builder: &mut ProfileBuilder,
    ) -> Result<LabelSet, ParseErrorKind> {
        if let [only] = self.raw.as_slice()
            && let Some(met) = self.known.get(only).and_then(|at| self.met.get_mut(at as usize))
        {
            return Ok(*met.alone.get_or_insert_with(|| builder.label_set(&mut vec![met.pair])));
        }
        self.pairs.clear();
        for label in &self.raw {
            if let Some(met) = self.known.get(label).and_then(|at| self.met.get(at as usize)) {
                self.pairs.push(met.pair);
                continue;
            }
            let pair = read(label, text, builder)?;
            if self.known.insert(label, self.met.len() as u32) {
                self.met.push(Met { pair, alone: None });
            }
            self.pairs.push(pair);
        }
        Ok(builder.label_set(&mut self.pairs))
    }
}

fn read<'a>(
    label: &[u8],
    text: &dyn Fn(u64) -> Result<&'a [u8], ParseErrorKind>,
    builder: &mut ProfileBuilder,
) -> Result<(u32, u32), ParseErrorKind> {
    let short = |index: u64| {
        let text = text(index)?;
        Ok(lossy(text.get(..MAX_TEXT).unwrap_or(text)))
    };
    let [key, value, number, unit] = integers(label, [1, 2, 3, 4])?;
    let value = if value == 0 { alloc::format!("{}{}", number as i64, short(unit)?).into() } else { short(value)? };
    Ok(builder.label(&short(key)?, &value))
}
