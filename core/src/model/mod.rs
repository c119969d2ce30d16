//! What a measurement is: `suite → benchmark (with parameters) → metric → block → (arm, fork) → iteration`.
//!
//! Every level exists from the start, with one member where a file does not show more. The order of
//! collection is kept throughout: sorting destroys the evidence of drift and warm-up.

mod environment;
mod mark;
mod run;
mod samples;
mod series;
mod side;
mod stopping;

pub use environment::Environment;
pub use mark::{Mark, Marks};
#[cfg(feature = "full")]
pub use run::Timed;
pub use run::{Arm, Evidence, Fork, Process, ProfileRef, Run};
pub use samples::{Samples, SamplesError};
pub use series::{Aggregate, Assumption, Columns, NO_ROUND, Series, SeriesData, SeriesKey, UNKNOWN_OPERATIONS};
pub(crate) use series::{identity, in_order};
pub use side::SideSeries;
pub use stopping::Stopping;
