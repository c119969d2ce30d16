//! The reader: tokens, values and what to skip.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{JsonError, JsonErrorKind, to_text};

/// Objects and lists that may be open at once. What is skipped may nest deeper: skipping does not
/// recurse.
pub const MAX_DEPTH: u8 = 127;

/// What is done with each key of an object; it must read the value.
pub type EachField<'s, 'a> = dyn FnMut(Cow<'a, str>, &mut Reader<'a>) -> Result<(), JsonError> + 's;

/// A place in a document. Every method reads one value, with the blanks before it.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Where the last key of an object began: the place that errors about a field name.
    key: usize,
    depth: u8,
    /// Whether what is passed over may be `NaN` and `Infinity`, which some tools write.
    loose: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of a document.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, key: 0, depth: 0, loose: false }
    }

    /// A reader that passes over `NaN`, `Infinity` and `-Infinity` as it does over numbers.
    pub(super) fn loose(bytes: &'a [u8]) -> Reader<'a> {
        Reader { loose: true, ..Reader::new(bytes) }
    }

    /// Nothing but blanks may follow.
    ///
    /// # Errors
    /// When something does.
    pub fn end(&mut self) -> Result<(), JsonError> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.syntax("more follows behind the value")),
        }
    }

    /// An object; `each` gets every key and must read its value. Keys may repeat.
    ///
    /// # Errors
    /// When no object stands here, when it nests too deep, and those of `each`.
    pub fn object(&mut self, each: &mut EachField<'_, 'a>) -> Result<(), JsonError> {
        if self.open(b'{', "an object")? {
            loop {
                self.key_quote()?;
                let key = self.text_behind_quote()?;
                self.colon()?;
                each(key, self)?;
                if !self.more(b'}')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// A list; `each` must read one element, and is called for every one.
    ///
    /// # Errors
    /// When no list stands here, when it nests too deep, and those of `each`.
    pub fn array(&mut self, each: &mut dyn FnMut(&mut Reader<'a>) -> Result<(), JsonError>) -> Result<(), JsonError> {
        if self.open(b'[', "a list")? {
            loop {
                each(self)?;
                if !self.more(b']')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The first byte of the next value, which is not read: what kind of value stands here.
    ///
    /// # Errors
    /// When nothing does.
    pub fn first(&mut self) -> Result<u8, JsonError> {
        self.next().ok_or_else(|| self.here(JsonErrorKind::Ended))
    }

    /// Whether `null` stands here, which is then read.
    ///
    /// # Errors
    /// When nothing does, or something like `nul`.
    pub fn null(&mut self) -> Result<bool, JsonError> {
        if self.first()? != b'n' {
            return Ok(false);
        }
        self.word("null")?;
        Ok(true)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// When something else stands here.
    pub fn bool(&mut self) -> Result<bool, JsonError> {
        match self.first()? {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => Err(self.mismatch("true or false")),
        }
    }

    /// Any number, as the nearest double; finite.
    ///
    /// # Errors
    /// When something else stands here, or a number beyond the largest double.
    pub fn f64(&mut self) -> Result<f64, JsonError> {
        if !matches!(self.first()?, b'-' | b'0'..=b'9') {
            return Err(self.mismatch("a number"));
        }
        if let Some(value) = self.short_number() {
            return Ok(value);
        }
        let from = self.at;
        let (token, _) = self.number()?;
        self.double(from, token)
    }

    /// The number behind a comma, where both stand here and the number is short. Otherwise nothing is read.
    pub(crate) fn number_behind_comma(&mut self) -> Option<f64> {
        let from = self.at;
        if let Some(b'-' | b'0'..=b'9') = self.behind_comma()
            && let Some(value) = self.short_number()
        {
            return Some(value);
        }
        self.at = from;
        None
    }

    /// The same of a number of one digit.
    pub(crate) fn digit_behind_comma(&mut self) -> Option<u8> {
        let from = self.at;
        let digit = self.behind_comma().and_then(|_| self.single_digit());
        if digit.is_none() {
            self.at = from;
        }
        digit
    }

    /// The first byte of a value behind a comma, where both stand here. Something may be read where not.
    #[inline(always)]
    fn behind_comma(&mut self) -> Option<u8> {
        if self.peek() != Some(b',') && self.next() != Some(b',') {
            return None;
        }
        self.at += 1;
        match self.peek() {
            Some(byte @ b'!'..) => Some(byte),
            _ => self.next(),
        }
    }

    /// A whole number without fraction and exponent.
    ///
    /// # Errors
    /// When something else stands here, or a number outside 0 to 2⁶⁴ − 1.
    pub fn u64(&mut self) -> Result<u64, JsonError> {
        let expected = "a whole number from 0";
        let (from, negative, size) = self.whole(expected)?;
        if negative { Err(self.error(from, JsonErrorKind::Expected(expected))) } else { Ok(size) }
    }

    /// A whole number without fraction and exponent, perhaps below 0.
    ///
    /// # Errors
    /// When something else stands here, or a number outside −2⁶³ to 2⁶³ − 1.
    pub fn i64(&mut self) -> Result<i64, JsonError> {
        let expected = "a whole number";
        let (from, negative, size) = self.whole(expected)?;
        let value = if negative { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
        value.ok_or_else(|| self.error(from, JsonErrorKind::Expected(expected)))
    }

    /// Text; borrowed where it holds no escape.
    ///
    /// # Errors
    /// When something else stands here, or text that is not Unicode.
    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if self.first()? != b'"' {
            return Err(self.mismatch("a text"));
        }
        self.at += 1;
        self.text_behind_quote()
    }

    /// Adds the text that ends an object, and with it the document, to another. `false`: something else stands here,
    /// and a part of it may have been added.
    pub(crate) fn last_text(&mut self, text: &mut String) -> bool {
        if self.peek() != Some(b'"') {
            return false;
        }
        self.at += 1;
        let ends = self.text_onto(text).is_ok() && self.next() == Some(b'}');
        self.at += 1;
        ends && self.end().is_ok()
    }

    /// A number, or `None` for anything else, which must be readable all the same.
    ///
    /// # Errors
    /// When no value stands here.
    pub fn number_or_other(&mut self) -> Result<Option<f64>, JsonError> {
        if matches!(self.first()?, b'-' | b'0'..=b'9') {
            return self.f64().map(Some);
        }
        self.written().map(|_| None)
    }

    /// Any value as people would write it: a text as it is; anything else as JSON without blanks,
    /// keys in order and each once, the last one of equal keys.
    ///
    /// # Errors
    /// When no value stands here, or one that nests too deep.
    pub fn written(&mut self) -> Result<String, JsonError> {
        if self.first()? == b'"' {
            return self.string().map(Cow::into_owned);
        }
        let mut out = String::new();
        self.compact(&mut out)?;
        Ok(out)
    }

    fn compact(&mut self, out: &mut String) -> Result<(), JsonError> {
        let from = self.mark()?;
        match self.first()? {
            b'"' => {
                let text = self.string()?;
                out.push_str(&to_text(&*text));
            }
            b'[' => {
                let mut before = '[';
                self.array(&mut |r| {
                    out.push(before);
                    before = ',';
                    r.compact(out)
                })?;
                out.push_str(if before == '[' { "[]" } else { "]" });
            }
            b'{' => {
                let mut entries: BTreeMap<String, String> = BTreeMap::new();
                self.object(&mut |key, r| {
                    let mut value = String::new();
                    r.compact(&mut value)?;
                    entries.insert(key.into_owned(), value);
                    Ok(())
                })?;
                let mut before = '{';
                for (key, value) in &entries {
                    out.push(before);
                    before = ',';
                    out.push_str(&to_text(key));
                    out.push(':');
                    out.push_str(value);
                }
                out.push_str(if before == '{' { "{}" } else { "}" });
            }
            b'-' | b'0'..=b'9' => {
                let (token, integer) = self.number()?;
                let value = self.double(from, token)?;
                // Only ASCII can be in it.
                let token = core::str::from_utf8(token).unwrap_or_default();
                // Whole numbers stay as they are as far as 64 bits reach.
                let digits = token.strip_prefix('-').unwrap_or(token);
                let fits = integer
                    && token != "-0"
                    && digits
                        .parse::<u64>()
                        .is_ok_and(|size| digits.len() == token.len() || 0i64.checked_sub_unsigned(size).is_some());
                if fits {
                    out.push_str(token);
                } else {
                    out.push_str(&to_text(&value));
                }
            }
            _ if self.null()? => out.push_str("null"),
            _ => out.push_str(if self.bool()? { "true" } else { "false" }),
        }
        Ok(())
    }

    /// Passes over a value of any kind and depth. It must be JSON; whether its texts are Unicode
    /// and its numbers are doubles is not looked at.
    ///
    /// # Errors
    /// When no value stands here.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        // What closes the objects and lists that are open.
        let mut open: Vec<u8> = Vec::new();
        loop {
            let byte = self.first()?;
            if let b'[' | b'{' = byte {
                self.at += 1;
                let close = byte + 2;
                if self.next() == Some(close) {
                    self.at += 1;
                } else {
                    open.push(close);
                    if close == b'}' {
                        self.skip_key()?;
                    }
                    continue;
                }
            } else {
                self.skip_single(byte)?;
            }
            // A value has ended, and with it perhaps what it stands in.
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                if self.more(close)? {
                    if close == b'}' {
                        self.skip_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn skip_single(&mut self, first: u8) -> Result<(), JsonError> {
        match first {
            b'"' => {
                self.at += 1;
                self.skip_text()
            }
            b'n' => self.word("null"),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'N' if self.loose => self.word("NaN"),
            b'I' if self.loose => self.word("Infinity"),
            b'-' if self.loose && self.bytes.get(self.at + 1) == Some(&b'I') => self.word("-Infinity"),
            b'-' | b'0'..=b'9' => self.number().map(|_| ()),
            _ => Err(self.syntax("expected a value")),
        }
    }

    fn skip_key(&mut self) -> Result<(), JsonError> {
        self.key_quote()?;
        self.skip_text()?;
        self.colon()
    }

    /// The bytes of a value, which is passed over.
    pub(super) fn piece(&mut self) -> Result<&'a [u8], JsonError> {
        let from = self.mark()?;
        self.skip()?;
        Ok(self.bytes.get(from..self.at).unwrap_or(&[]))
    }

    /// The bytes of the next member of an object, or of the next element of a list with no name;
    /// `None` behind the last. `begun`: whether the bracket was read.
    pub(super) fn member(&mut self, bracket: u8, begun: bool) -> Option<(&'a [u8], &'a [u8])> {
        let next = if begun { self.more(bracket + 2) } else { self.open(bracket, "an object or a list") };
        if !next.ok()? {
            return None;
        }
        let mut key: &[u8] = &[];
        if bracket == b'{' {
            key = self.piece().ok()?;
            self.colon().ok()?;
        }
        Some((key, self.piece().ok()?))
    }

    /// The place at which the next value begins.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn mark(&mut self) -> Result<usize, JsonError> {
        self.first()?;
        Ok(self.at)
    }

    /// An error about the value that begins at a place.
    #[cold]
    pub(super) fn expected_at(&self, place: usize, expected: &'static str) -> JsonError {
        self.error(place, JsonErrorKind::Expected(expected))
    }

    /// An error at the last key.
    pub(super) fn about_key(&self, kind: JsonErrorKind) -> JsonError {
        self.error(self.key, kind)
    }

    /// An error at the present place.
    pub(super) fn here(&self, kind: JsonErrorKind) -> JsonError {
        self.error(self.at, kind)
    }

    /// An error about the value that stands here and should be another; an error of that value, where
    /// it is none.
    #[cold]
    pub(super) fn mismatch(&mut self, expected: &'static str) -> JsonError {
        let from = self.at;
        let read = match self.first() {
            Ok(b'[' | b'{') => Ok(()),
            Ok(b'"') => self.string().map(|_| ()),
            Ok(b'-' | b'0'..=b'9') => self.f64().map(|_| ()),
            Ok(other) => self.skip_single(other),
            Err(e) => Err(e),
        };
        match read {
            Ok(()) => self.error(from, JsonErrorKind::Expected(expected)),
            Err(e) => e,
        }
    }

    pub(super) fn error(&self, at: usize, kind: JsonErrorKind) -> JsonError {
        JsonError::new(self.bytes, at, kind)
    }

    #[cold]
    pub(super) fn syntax(&self, what: &'static str) -> JsonError {
        let kind = if self.at < self.bytes.len() { JsonErrorKind::Syntax(what) } else { JsonErrorKind::Ended };
        self.here(kind)
    }

    #[inline(always)]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        let mut at = 0;
        // Indentation of pretty-printed lists, which have a line for each number.
        while let Some(b"        ") = rest.get(at + 1..).and_then(|rest| rest.first_chunk::<8>())
            && rest.get(at) == Some(&b'\n')
        {
            at += 9;
        }
        while let Some(byte) = rest.get(at) {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                self.at += at;
                return Some(*byte);
            }
            at += 1;
        }
        self.at += at;
        None
    }

    /// Opens an object or list: whether anything is in it. An empty one is closed as well.
    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<bool, JsonError> {
        if self.first()? != bracket {
            return Err(self.mismatch(expected));
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.syntax("nested too deep"));
        }
        self.depth += 1;
        self.at += 1;
        let empty = self.next() == Some(bracket + 2);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// Behind an element: whether another one follows. The comma or bracket is read.
    fn more(&mut self, close: u8) -> Result<bool, JsonError> {
        match self.next() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.syntax("expected a comma or the closing bracket")),
        }
    }

    /// To behind the quote that begins a key.
    fn key_quote(&mut self) -> Result<(), JsonError> {
        if self.next() != Some(b'"') {
            return Err(self.syntax("expected a key"));
        }
        self.key = self.at;
        self.at += 1;
        Ok(())
    }

    fn colon(&mut self) -> Result<(), JsonError> {
        if self.next() != Some(b':') {
            return Err(self.syntax("expected a colon"));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.syntax("expected a value"));
            }
            self.at += 1;
        }
        Ok(())
    }
}
