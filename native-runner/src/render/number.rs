//! Numbers and units as text.

use noisefloor_core::report::ReportRow;
use noisefloor_core::unit::Quantity;

use crate::render::printable;

/// Decimals that leave two significant digits of a half-width, from 0 to 3.
pub(crate) fn decimals(half_width: f64) -> usize {
    match half_width {
        w if w >= 10.0 => 0,
        w if w >= 1.0 => 1,
        w if w >= 0.1 => 2,
        _ => 3,
    }
}

/// A ratio as a change: percent up to a factor of 2, a factor beyond.
pub(crate) fn change(ratio: f64, decimals: usize) -> String {
    if ratio > 2.0 || (ratio > 0.0 && ratio < 0.5) {
        return format!("×{}", digits(ratio));
    }
    let percent = (ratio - 1.0) * 100.0;
    let text = format!("{:.decimals$}", percent.abs());
    format!("{}{text}%", if percent < 0.0 { "−" } else { "+" })
}

/// A change that is known without error: as many decimals as it has, three at most.
pub(crate) fn exact_change(ratio: f64) -> String {
    if ratio == 1.0 {
        return "0%".to_string();
    }
    let text = change(ratio, 3);
    match text.strip_suffix('%') {
        Some(number) => format!("{}%", number.trim_end_matches('0').trim_end_matches('.')),
        None => text,
    }
}

/// Four significant digits; fewer and an exponent for what stands far from the point.
pub(crate) fn digits(value: f64) -> String {
    // What rounds up to the next power of ten has its digits.
    let size = format!("{:.3e}", value.abs()).parse().unwrap_or(value.abs());
    let text = match size {
        0.0 => "0".to_string(),
        s if s >= 1e12 => format!("{value:.3e}"),
        s if s < 1e-6 => format!("{value:.1e}"),
        s if s < 5e-4 => format!("{value:.*}", (1.0 - s.log10().floor()) as usize),
        s if s >= 1000.0 => format!("{value:.0}"),
        s if s >= 100.0 => format!("{value:.1}"),
        s if s >= 10.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    text.replace('-', "−")
}

/// A number with its sign.
pub(crate) fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", digits(value)) } else { digits(value) }
}

/// A number for programs: all its digits, with an exponent where there would be dozens of zeros.
pub(crate) fn plain(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-5..1e16).contains(&size) { value.to_string() } else { format!("{value:e}") }
}

/// Seconds as people say them: `4 min`.
pub(crate) fn span(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "1 s".to_string(),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s if s < 1e9 => format!("{:.0} days", s / 86_400.0),
        _ => "decades".to_string(),
    }
}

/// The factor and the name of the unit in which a value of a row reads well.
pub(crate) fn scale(row: &ReportRow, value: f64) -> (f64, String) {
    let (base, tail) =
        row.unit.split_once('/').map_or((row.unit.as_str(), String::new()), |(b, t)| (b, format!("/{t}")));
    // A custom metric may carry its unit as last part: `skew-s`.
    let (prefix, base) = match base.rsplit_once('-') {
        Some((name, unit @ ("s" | "B"))) => (format!("{}-", printable(name)), unit),
        _ => (String::new(), base),
    };
    let tail = printable(&tail);
    let steps: &[(f64, &str)] = match (row.quantity, base) {
        (Quantity::Time, "s") => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        (_, "B") => &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")],
        (Quantity::Rate, _) => {
            let steps = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
            let (factor, prefix) = steps.into_iter().find(|(f, _)| value.abs() >= *f).unwrap_or((1.0, ""));
            return (factor, format!("{prefix}{}", printable(&row.unit)));
        }
        _ => return (1.0, printable(&row.unit)),
    };
    let fits = steps.iter().find(|(f, _)| value.abs() >= *f).or(steps.last());
    fits.map_or((1.0, printable(&row.unit)), |(f, name)| (*f, format!("{prefix}{name}{tail}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_short() {
        let texts = [0.0, 12_345.6, 999.96, 1e12, -1e300, 0.000_4, 0.000_012, 1e-300, -0.5].map(digits);
        let wanted = ["0", "12346", "1000", "1.000e12", "−1.000e300", "0.00040", "0.000012", "1.0e−300", "−0.500"];
        assert_eq!(texts, wanted);
        assert_eq!(
            [1.0, 1.041_88, 2.0, 0.75, 1e300].map(exact_change),
            ["0%", "+4.188%", "+100%", "−25%", "×1.000e300"]
        );
        assert_eq!([1e300, 2.5e-9, 16.0, 0.0, -0.25].map(plain), ["1e300", "2.5e-9", "16", "0", "-0.25"]);
        assert_eq!([0.0, 60.0, 250.0, 1e5, 1e6].map(span), ["1 s", "60 s", "4 min", "28 h", "12 days"]);
    }
}
