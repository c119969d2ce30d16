//! A flame graph as columns: which boxes exist, where they lie, which of them can be seen.
//!
//! Nothing here draws; a canvas, an SVG or a test reads the same numbers.

mod layout;
mod svg;

pub use layout::{FlameLayout, FunctionValue, SearchResult, VisibleBox, layout};
pub use svg::{SvgOptions, svg};
