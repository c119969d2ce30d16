//! Decimal text and doubles: [`parse`](fn@parse) rounds to the nearest double, [`print`](fn@print)
//! writes the shortest text that reads back as the same one.
//!
//! The standard library and serde_json do the same, each with ten kilobytes of powers of ten that
//! do not compress. Here both directions share one table of less than a kilobyte, made by the compiler.

mod exact;
mod parse;
mod power;
mod print;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it meets what must not be")]
mod tests;

pub use parse::parse;
pub(crate) use parse::{MAX_DIGITS, leading_digits, nearest};
pub(crate) use print::decimal;
pub use print::print;
