//! Flame-graph layout: pure geometry, no drawing.
