//! The engine of noisefloor for JavaScript.
