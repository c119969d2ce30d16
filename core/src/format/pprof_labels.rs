//! Labels of pprof's samples: a key with a text, or with a number and its unit.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseErrorKind;
use crate::format::pprof::integers;
use crate::format::protobuf::{Field, Fields, Value};
use crate::profile::{Frame, ProfileBuilder};

/// The field of a sample.
const LABEL: u64 = 3;

/// Bytes of a text that count: one may be that of every sample.
const MAX_TEXT: usize = 400;

/// Whether a sample has labels.
pub(super) fn any(sample: &[u8]) -> bool {
    Fields::new(sample).any(|field| matches!(field, Ok(Field { number: LABEL, value: Value::Bytes(_) })))
}

/// Keys and values of a sample.
pub(super) type Labels = Vec<(String, String)>;

/// Reads the labels of a sample; `text` gives a string of the table.
///
/// # Errors
/// Where a label is broken or names a string that does not exist.
pub(super) fn read<'a>(
    sample: &[u8],
    text: &dyn Fn(u64) -> Result<&'a [u8], ParseErrorKind>,
) -> Result<Labels, ParseErrorKind> {
    let short = |index: u64| {
        let text = text(index)?;
        Ok(String::from_utf8_lossy(text.get(..MAX_TEXT).unwrap_or(text)).into_owned())
    };
    let mut labels = Vec::new();
    for field in Fields::new(sample) {
        let Field { number: LABEL, value: Value::Bytes(label) } = field? else { continue };
        let [key, value, number, unit] = integers(label, [1, 2, 3, 4])?;
        let value = if value == 0 { alloc::format!("{}{}", number as i64, short(unit)?) } else { short(value)? };
        labels.push((short(key)?, value));
    }
    Ok(labels)
}

/// Adds a stack with labels.
pub(super) fn add(builder: &mut ProfileBuilder, stack: &[Frame], labels: &Labels, values: &[f64]) {
    let pairs: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    builder.add_labelled(stack, &pairs, values);
}
