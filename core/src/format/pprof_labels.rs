//! Labels of pprof's samples: a key with a text, or with a number and its unit.

use alloc::vec::Vec;

use crate::error::ParseErrorKind;
use crate::find::lossy;
use crate::format::pprof::integers;
use crate::format::protobuf::{Field, Fields, Value};
use crate::profile::{MAX_TEXT, Memo, ProfileBuilder};

/// The field of a sample.
const LABEL: u64 = 3;

/// Whether a sample has labels.
pub(super) fn any(sample: &[u8]) -> bool {
    Fields::new(sample).any(|field| matches!(field, Ok(Field { number: LABEL, value: Value::Bytes(_) })))
}

/// Labels that were met before, by their bytes.
pub(super) type Known<'a> = Memo<'a, (u32, u32)>;

/// Reads the labels of a sample; `text` gives a string of the table.
///
/// # Errors
/// Where a label is broken or names a string that does not exist.
pub(super) fn read<'a>(
    sample: &'a [u8],
    text: &dyn Fn(u64) -> Result<&'a [u8], ParseErrorKind>,
    builder: &mut ProfileBuilder,
    known: &mut Known<'a>,
    labels: &mut Vec<(u32, u32)>,
) -> Result<(), ParseErrorKind> {
    let short = |index: u64| {
        let text = text(index)?;
        Ok(lossy(text.get(..MAX_TEXT).unwrap_or(text)))
    };
    labels.clear();
    for field in Fields::new(sample) {
        let Field { number: LABEL, value: Value::Bytes(label) } = field? else { continue };
        if let Some(pair) = known.get(label) {
            labels.push(pair);
            continue;
        }
        let [key, value, number, unit] = integers(label, [1, 2, 3, 4])?;
        let value = if value == 0 { alloc::format!("{}{}", number as i64, short(unit)?).into() } else { short(value)? };
        let pair = builder.label(&short(key)?, &value);
        known.insert(label, pair);
        labels.push(pair);
    }
    Ok(())
}
