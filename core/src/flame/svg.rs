//! A flame graph as a picture that needs nothing else.

use alloc::string::String;
use core::fmt::Write;

use crate::flame::FlameLayout;
use crate::profile::Category;

/// How the picture looks.
#[derive(Clone, Debug)]
pub struct SvgOptions {
    /// What it shows.
    pub title: String,
    /// Width in pixels, at least 100.
    pub width: f64,
    /// Unit of the values, as in the file.
    pub unit: String,
}

/// Height of a row in pixels.
const ROW: f64 = 18.0;
/// Room above the graph for the title and the legend.
const HEAD: f64 = 44.0;
/// Boxes narrower than this are left out.
const NARROW: f64 = 0.3;
/// Average width of a character of the font, in pixels.
const CHARACTER: f64 = 6.6;
/// Rows drawn at most.
const MAX_ROWS: u32 = 1000;

const CLASSES: [(&str, &str, &str, &str); 6] = [
    ("user", "program", "#f2b36f", "#a4622b"),
    ("library", "library", "#e9d38b", "#7d6a1f"),
    ("runtime", "runtime, harness", "#a8c6e8", "#33587f"),
    ("memory", "memory", "#9fd3b4", "#2c6b4a"),
    ("kernel", "kernel", "#cdb4e3", "#5e4380"),
    ("unknown", "without a name", "#c9c9c9", "#5a5a5a"),
];

/// Draws a layout as SVG: one file without scripts, the same bytes for the same input; names are
/// escaped. Each box has a `<title>` with its name, value and share.
#[must_use]
pub fn svg(layout: &FlameLayout, options: &SvgOptions) -> String {
    let width = if options.width.is_finite() { options.width.clamp(100.0, 20_000.0) } else { 1200.0 };
    let rows = layout.depth().min(MAX_ROWS);
    let boxes = layout.visible(0, width, 0, rows, NARROW);
    let shown = boxes.iter().map(|b| b.row + 1).max().unwrap_or(0);
    let height = HEAD + f64::from(shown) * ROW + 4.0;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" \
         font-size=\"11\" role=\"img\"><title>{}</title><style>svg{{background:#fff;color:#1c1c1c}}\
         text{{fill:currentColor}}rect{{stroke:#fff;stroke-width:.5}}",
        escape(&options.title)
    );
    for (class, _, light, _) in CLASSES {
        let _ = write!(out, ".{class}{{fill:{light}}}");
    }
    out.push_str("@media (prefers-color-scheme: dark){svg{background:#16181c;color:#ececec}rect{stroke:#16181c}");
    for (class, _, _, dark) in CLASSES {
        let _ = write!(out, ".{class}{{fill:{dark}}}");
    }
    out.push_str("}</style>");
    let _ = write!(out, "<text x=\"4\" y=\"16\" font-size=\"13\">{}</text>", escape(&options.title));
    let mut x = 4.0;
    for (class, label, _, _) in CLASSES {
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x:.0}\" y=\"26\" width=\"10\" height=\"10\"/>\
             <text x=\"{:.0}\" y=\"35\">{label}</text>",
            x + 14.0
        );
        x += 30.0 + label.len() as f64 * CHARACTER;
    }
    let all = layout.total.first().copied().unwrap_or(0.0);
    for item in boxes {
        let name = layout.name_of(item.index);
        let total = layout.total.get(item.index as usize).copied().unwrap_or(0.0);
        let share = if all > 0.0 { total / all * 100.0 } else { 0.0 };
        let y = HEAD + f64::from(item.row) * ROW;
        let inlined = layout.inlined.get(item.index as usize).is_some_and(|i| *i);
        let note = if inlined { ", inlined" } else { "" };
        let _ = write!(
            out,
            "<g><title>{}: {} {}, {share:.2}%{note}</title><rect class=\"{}\" x=\"{:.2}\" y=\"{y:.0}\" \
             width=\"{:.2}\" height=\"{ROW:.0}\"/>",
            escape(name),
            value(total),
            escape(&options.unit),
            class(layout.category_of(item.index)),
            item.x,
            item.width,
        );
        let fits = ((item.width - 6.0) / CHARACTER).clamp(0.0, 1000.0) as usize;
        if fits >= 3 {
            let _ = write!(
                out,
                "<text x=\"{:.2}\" y=\"{:.0}\">{}</text>",
                item.x + 3.0,
                y + 13.0,
                escape(&clip(name, fits))
            );
        }
        out.push_str("</g>");
    }
    out.push_str("</svg>\n");
    out
}

fn class(category: Category) -> &'static str {
    CLASSES.get(category as usize).map_or("unknown", |c| c.0)
}

/// A whole number without decimals, another with two.
fn value(v: f64) -> String {
    if v == libm::trunc(v) { alloc::format!("{v:.0}") } else { alloc::format!("{v:.2}") }
}

fn clip(name: &str, fits: usize) -> String {
    if name.chars().count() <= fits {
        return name.into();
    }
    let mut out: String = name.chars().take(fits.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// Text that is safe in XML; characters that XML forbids become a replacement.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
