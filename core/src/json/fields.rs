//! Values that can be read, and objects as tables of them.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{JsonError, JsonErrorKind, Reader};

/// A place that a JSON value can be read into.
pub trait FromJson<'a> {
    /// Reads the next value. The place holds its default before.
    ///
    /// # Errors
    /// When the value is of another shape. The place may then hold a part of it.
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError>;

    /// The next element of a list with the comma before it, where that takes no more than a look: lists of numbers
    /// are long. `None`, with nothing read, says nothing of what stands there.
    fn next_of_list(reader: &mut Reader<'a>) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = reader;
        None
    }
}

/// The name of a field and the place of its value.
pub type Slot<'s, 'a> = (&'static str, &'s mut dyn FromJson<'a>);

impl<'a> Reader<'a> {
    /// An object with named fields, none of which must be there; unknown ones are skipped.
    ///
    /// # Errors
    /// When no object stands here or a known field stands there twice, and those of the fields.
    pub fn fields(&mut self, slots: &mut [Slot<'_, 'a>]) -> Result<(), JsonError> {
        self.table(0, false, slots)
    }

    /// An object with named fields, the first `required` of which must be there; unknown ones are
    /// skipped.
    ///
    /// # Errors
    /// Those of [`Reader::fields`], and when one of them is missing.
    pub fn required_fields(&mut self, required: usize, slots: &mut [Slot<'_, 'a>]) -> Result<(), JsonError> {
        self.table(required, false, slots)
    }

    /// An object with named fields, none of which must be there; unknown ones are errors.
    ///
    /// # Errors
    /// Those of [`Reader::fields`], and when there is an unknown field.
    pub fn closed_fields(&mut self, slots: &mut [Slot<'_, 'a>]) -> Result<(), JsonError> {
        self.table(0, true, slots)
    }

    fn table(&mut self, required: usize, closed: bool, slots: &mut [Slot<'_, 'a>]) -> Result<(), JsonError> {
        // A bit per field that was met; no table is longer than 64.
        debug_assert!(slots.len() <= 64, "a field beyond the 64th may stand there twice");
        let bit = |index: usize| 1u64.checked_shl(index as u32).unwrap_or(0);
        let mut met = 0;
        self.object(&mut |key, reader| {
            let known = slots.iter_mut().enumerate().find(|(_, (name, _))| *name == key);
            let Some((index, (name, slot))) = known else {
                return if closed {
                    Err(reader.about_key(JsonErrorKind::Unknown(key.into_owned())))
                } else {
                    reader.skip()
                };
            };
            if met & bit(index) != 0 {
                return Err(reader.about_key(JsonErrorKind::Twice(name)));
            }
            met |= bit(index);
            slot.read(reader)
        })?;
        let missing = slots.iter().enumerate().take(required).find(|(index, _)| met & bit(*index) == 0);
        match missing {
            Some((_, (name, _))) => Err(self.here(JsonErrorKind::Missing(name))),
            None => Ok(()),
        }
    }

    /// A list of exactly these values.
    ///
    /// # Errors
    /// When something else stands here, or a longer or shorter list.
    pub fn tuple(&mut self, places: &mut [&mut dyn FromJson<'a>]) -> Result<(), JsonError> {
        let expected = "a list of the right length";
        let from = self.mark()?;
        let mut places = places.iter_mut();
        self.array(&mut |reader| match places.next() {
            Some(place) => place.read(reader),
            None => Err(reader.expected_at(from, expected)),
        })?;
        if places.next().is_some() { Err(self.expected_at(from, expected)) } else { Ok(()) }
    }

    /// A text that `parse` takes.
    ///
    /// # Errors
    /// When something else stands here, or `parse` says no; the error then says `expected`.
    pub fn parsed(&mut self, parse: &mut dyn FnMut(&str) -> bool, expected: &'static str) -> Result<(), JsonError> {
        let from = self.mark()?;
        let text = self.string()?;
        if parse(&text) { Ok(()) } else { Err(self.expected_at(from, expected)) }
    }

    /// One of some words.
    ///
    /// # Errors
    /// When something else stands here; the error says `expected`.
    pub fn one_of<T: Copy>(&mut self, words: &[(&str, T)], expected: &'static str) -> Result<T, JsonError> {
        let from = self.mark()?;
        let text = self.string()?;
        let known = words.iter().find(|(word, _)| *word == text);
        known.map(|(_, value)| *value).ok_or_else(|| self.expected_at(from, expected))
    }
}

/// A map of anything, each value as [`Reader::written`] gives it. Of equal keys the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub BTreeMap<String, String>);

impl<'a> FromJson<'a> for Texts {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.0.clear();
        reader.object(&mut |key, reader| {
            self.0.insert(key.into_owned(), reader.written()?);
            Ok(())
        })
    }
}

impl<'a> FromJson<'a> for bool {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.bool()?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for f64 {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.f64()?;
        Ok(())
    }

    fn next_of_list(reader: &mut Reader<'a>) -> Option<f64> {
        reader.number_behind_comma()
    }
}

impl<'a> FromJson<'a> for u64 {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.u64()?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for i64 {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.i64()?;
        Ok(())
    }

    fn next_of_list(reader: &mut Reader<'a>) -> Option<i64> {
        reader.digit_behind_comma().map(i64::from)
    }
}

impl<'a> FromJson<'a> for u32 {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let from = reader.mark()?;
        *self = u32::try_from(reader.u64()?).map_err(|_| reader.expected_at(from, "a whole number below 2^32"))?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for usize {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let from = reader.mark()?;
        *self = usize::try_from(reader.u64()?).map_err(|_| reader.expected_at(from, "a smaller whole number"))?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for i32 {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let from = reader.mark()?;
        *self = i32::try_from(reader.i64()?).map_err(|_| reader.expected_at(from, "a whole number of 32 bits"))?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for Cow<'a, str> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.string()?;
        Ok(())
    }
}

impl<'a> FromJson<'a> for String {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = reader.string()?.into_owned();
        Ok(())
    }
}

/// `null` is `None`.
impl<'a, T: FromJson<'a> + Default> FromJson<'a> for Option<T> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        *self = None;
        if reader.null()? { Ok(()) } else { self.insert(T::default()).read(reader) }
    }

    fn next_of_list(reader: &mut Reader<'a>) -> Option<Option<T>> {
        T::next_of_list(reader).map(Some)
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Box<T> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        (**self).read(reader)
    }
}

impl<'a, T: FromJson<'a> + Default> FromJson<'a> for Vec<T> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.clear();
        reader.array(&mut |reader| {
            if self.capacity() == 0 {
                // Lists of values are the long ones, and grow from four.
                self.reserve(32);
            }
            let mut value = T::default();
            value.read(reader)?;
            self.push(value);
            while let Some(next) = T::next_of_list(reader) {
                self.push(next);
            }
            Ok(())
        })
    }
}

/// Of equal keys the last counts.
impl<'a, T: FromJson<'a> + Default> FromJson<'a> for BTreeMap<String, T> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.clear();
        reader.object(&mut |key, reader| {
            let mut value = T::default();
            value.read(reader)?;
            self.insert(key.into_owned(), value);
            Ok(())
        })
    }
}
