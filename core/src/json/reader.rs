//! The reader: tokens, values and what to skip.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{JsonError, JsonErrorKind, to_text};
use crate::number::{MAX_DIGITS, leading_digits, nearest, parse};

/// Objects and lists that may be open at once. What is skipped may nest deeper: skipping does not
/// recurse.
pub const MAX_DEPTH: u8 = 127;

/// What is done with each key of an object; it must read the value.
pub type EachField<'s, 'a> = dyn FnMut(Cow<'a, str>, &mut Reader<'a>) -> Result<(), JsonError> + 's;

/// A place in a document. Every method reads one value, with the blanks before it.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
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
    fn behind_comma(&mut self) -> Option<u8> {
        if self.next() != Some(b',') {
            return None;
        }
        self.at += 1;
        self.next()
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

    fn error(&self, at: usize, kind: JsonErrorKind) -> JsonError {
        JsonError::new(self.bytes, at, kind)
    }

    #[cold]
    fn syntax(&self, what: &'static str) -> JsonError {
        let kind = if self.at < self.bytes.len() { JsonErrorKind::Syntax(what) } else { JsonErrorKind::Ended };
        self.here(kind)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
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

    /// The characters of a number, and whether it has neither fraction nor exponent.
    fn number(&mut self) -> Result<(&'a [u8], bool), JsonError> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let first = self.at;
        self.digits()?;
        if zero && self.at > first + 1 {
            self.at = first + 1;
            return Err(self.syntax("a number with zeros before it"));
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok((self.bytes.get(from..self.at).unwrap_or(&[]), integer))
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        self.at += rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        if self.at == from { Err(self.syntax("expected a digit")) } else { Ok(()) }
    }

    /// A number of at most 19 digits, zeros in front apart, without exponent, as nearly all are. `None`, with nothing
    /// read, for any other.
    fn short_number(&mut self) -> Option<f64> {
        let rest = self.bytes.get(self.at..)?;
        let sign = usize::from(rest.first() == Some(&b'-'));
        let (whole, mut size) = leading_digits(rest.get(sign..)?, 0);
        let mut length = sign + whole;
        let mut fraction = 0;
        let point = rest.get(length) == Some(&b'.');
        if point {
            (fraction, size) = leading_digits(rest.get(length + 1..)?, size);
            length += 1 + fraction;
        }
        let zeros = whole > 1 && rest.get(sign) == Some(&b'0');
        // Zeros in front are no digits that have to fit.
        let mut digits = whole + fraction;
        if digits > MAX_DIGITS && whole == 1 && rest.get(sign) == Some(&b'0') {
            let behind = rest.get(sign + 2..length).unwrap_or(&[]);
            digits = fraction - behind.iter().take_while(|b| **b == b'0').count();
        }
        let other = digits > MAX_DIGITS || matches!(rest.get(length), Some(b'e' | b'E'));
        if whole == 0 || zeros || other || (point && fraction == 0) {
            return None;
        }
        let value = nearest(size, fraction, rest.get(sign..length)?);
        self.at += length;
        Some(if sign > 0 { -value } else { value })
    }

    /// The nearest double to the characters of a number.
    fn double(&self, from: usize, token: &[u8]) -> Result<f64, JsonError> {
        match parse(token) {
            Some(value) if value.is_finite() => Ok(value),
            _ => Err(self.error(from, JsonErrorKind::Syntax("a number beyond the largest double"))),
        }
    }

    /// A whole number: where it begins, whether it is below 0, and its size.
    fn whole(&mut self, expected: &'static str) -> Result<(usize, bool, u64), JsonError> {
        if !matches!(self.first()?, b'-' | b'0'..=b'9') {
            return Err(self.mismatch(expected));
        }
        let from = self.at;
        if let Some(single) = self.single_digit() {
            return Ok((from, false, u64::from(single)));
        }
        let (token, integer) = self.number()?;
        let token = core::str::from_utf8(token).unwrap_or_default();
        let digits = token.strip_prefix('-').unwrap_or(token);
        let negative = digits.len() < token.len();
        match digits.parse::<u64>() {
            // −0 is a double: no whole number has a sign at zero.
            Ok(size) if integer && !(negative && size == 0) => Ok((from, negative, size)),
            _ => {
                self.double(from, token.as_bytes())?;
                Err(self.error(from, JsonErrorKind::Expected(expected)))
            }
        }
    }

    /// A number of one digit, as most codes and counts are.
    fn single_digit(&mut self) -> Option<u8> {
        let digit = self.peek()?.wrapping_sub(b'0');
        let ends = matches!(self.bytes.get(self.at + 1), Some(b',' | b']' | b'}' | b'\n' | b' '));
        (digit < 10 && ends).then(|| {
            self.at += 1;
            digit
        })
    }

    /// To the next byte of a text that is not for itself: a quote, a backslash, a control character.
    fn plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        // Eight at a time while all are for themselves: 0 behind `^` is a quote or a backslash, and what is below
        // 0x20 borrows; a byte of 0x80 and above never counts, and one that borrowed is looked at alone.
        while let Some(eight) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let lanes = u64::from_le_bytes(*eight);
            let is = |byte: u8| {
                let other = lanes ^ (ONES * u64::from(byte));
                other.wrapping_sub(ONES) & !other
            };
            let control = lanes.wrapping_sub(ONES * 0x20) & !lanes;
            if (is(b'"') | is(b'\\') | control) & (ONES << 7) != 0 {
                break;
            }
            self.at += 8;
        }
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
    }

    fn text_behind_quote(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let from = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            let text = self.unicode(from)?;
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.at = from;
        let mut text = String::new();
        self.text_onto(&mut text)?;
        Ok(Cow::Owned(text))
    }

    /// The bytes from a place to the present one as text.
    fn unicode(&self, from: usize) -> Result<&'a str, JsonError> {
        core::str::from_utf8(self.bytes.get(from..self.at).unwrap_or(&[]))
            .map_err(|e| self.error(from + e.valid_up_to(), JsonErrorKind::Syntax("a text that is not UTF-8")))
    }

    /// Adds what stands behind a quote to a text.
    fn text_onto(&mut self, text: &mut String) -> Result<(), JsonError> {
        loop {
            let from = self.at;
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    text.push_str(self.unicode(from)?);
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    text.push_str(self.unicode(from)?);
                    let c = self.escape()?;
                    text.push(c);
                }
                _ => return Err(self.syntax("a control character in a text")),
            }
        }
    }

    fn skip_text(&mut self) -> Result<(), JsonError> {
        loop {
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.escape_unit()?;
                }
                _ => return Err(self.syntax("a control character in a text")),
            }
        }
    }

    /// The character that an escape stands for.
    fn escape(&mut self) -> Result<char, JsonError> {
        let from = self.at;
        let half = "half of a surrogate pair";
        let unit = self.escape_unit()?;
        let code = if let 0xd800..0xdc00 = unit {
            // The other half must be an escape by number as well.
            for byte in *b"\\u" {
                if self.peek() != Some(byte) {
                    return Err(self.syntax(half));
                }
                self.at += 1;
            }
            self.at -= 2;
            let low = self.escape_unit()?;
            match low {
                0xdc00..0xe000 => 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00),
                _ => unit,
            }
        } else {
            unit
        };
        // A half alone is no character.
        char::from_u32(code).ok_or_else(|| self.error(from, JsonErrorKind::Syntax(half)))
    }

    /// The UTF-16 unit that one escape stands for.
    fn escape_unit(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let unit = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                // Where too little is left for four digits, the document ends too early, whatever it is.
                if self.bytes.len() < self.at + 5 {
                    self.at = self.bytes.len();
                }
                let mut unit = 0;
                for _ in 0..4 {
                    self.at += 1;
                    let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
                    unit = unit * 16 + digit.ok_or_else(|| self.syntax("expected four hexadecimal digits"))?;
                }
                self.at += 1;
                return Ok(unit);
            }
            _ => return Err(self.syntax("an unknown escape")),
        };
        self.at += 1;
        Ok(u32::from(unit))
    }
}
