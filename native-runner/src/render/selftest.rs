//! The engine's test of itself for people.

use std::fmt::Write;

use noisefloor_core::selftest::SelfTest;

use crate::render::{pad, width};

/// A line a check with the digits reached and needed, then the sum and the digest.
#[must_use]
pub fn table(found: &SelfTest) -> String {
    let widest = |of: &dyn Fn(usize) -> usize| (0..found.checks.len()).map(of).max().unwrap_or(0);
    let group = widest(&|i| found.checks.get(i).map_or(0, |c| width(c.group)));
    let id = widest(&|i| found.checks.get(i).map_or(0, |c| width(c.id)));
    let mut out = format!("{}  {}  digits  needed\n", pad("data or method", group, false), pad("check", id, false));
    for check in &found.checks {
        let mark = if check.passed { "" } else { "  FAILED" };
        let (name, what) = (pad(check.group, group, false), pad(check.id, id, false));
        let _ = writeln!(out, "{name}  {what}  {:>6.1}  {:>6.1}{mark}", check.digits, check.needed);
        if !check.passed {
            let got = check.got.map_or("no answer".to_string(), |g| format!("{g:e}"));
            let _ = writeln!(out, "    expected {:e}, got {got}", check.expected);
        }
    }
    let failed = found.checks.iter().filter(|c| !c.passed).count();
    let _ = writeln!(
        out,
        "\n{} checks, {failed} failed; {}; digest of all bits {}",
        found.checks.len(),
        found.engine,
        found.digest
    );
    out
}

#[cfg(test)]
mod tests {
    use noisefloor_core::selftest::{Check, SelfTest};

    #[test]
    fn a_failed_check_is_shown_with_both_numbers() {
        let checks = vec![Check::new("t", "p", 0.5, Some(0.25), 9.0), Check::new("t", "df", 2.0, None, 9.0)];
        let text = super::table(&SelfTest::of(checks));
        assert!(text.contains("FAILED") && text.contains("expected 5e-1, got 2.5e-1"), "{text}");
        assert!(text.contains("got no answer") && text.contains("2 checks, 2 failed"), "{text}");
    }
}
