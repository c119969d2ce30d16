//! Numbers and texts: what a document is made of besides brackets and words.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::json::{JsonError, JsonErrorKind, Reader};
use crate::number::{MAX_DIGITS, leading_digits, nearest, parse};

impl<'a> Reader<'a> {
    /// The characters of a number, and whether it has neither fraction nor exponent.
    pub(super) fn number(&mut self) -> Result<(&'a [u8], bool), JsonError> {
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
    #[inline(always)]
    pub(super) fn short_number(&mut self) -> Option<f64> {
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
    pub(super) fn double(&self, from: usize, token: &[u8]) -> Result<f64, JsonError> {
        match parse(token) {
            Some(value) if value.is_finite() => Ok(value),
            _ => Err(self.error(from, JsonErrorKind::Syntax("a number beyond the largest double"))),
        }
    }

    /// A whole number: where it begins, whether it is below 0, and its size.
    pub(super) fn whole(&mut self, expected: &'static str) -> Result<(usize, bool, u64), JsonError> {
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
    #[inline(always)]
    pub(super) fn single_digit(&mut self) -> Option<u8> {
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

    pub(super) fn text_behind_quote(&mut self) -> Result<Cow<'a, str>, JsonError> {
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
    pub(super) fn text_onto(&mut self, text: &mut String) -> Result<(), JsonError> {
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

    pub(super) fn skip_text(&mut self) -> Result<(), JsonError> {
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
