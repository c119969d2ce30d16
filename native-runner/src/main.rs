//! The command `noisefloor`.

fn main() {}
