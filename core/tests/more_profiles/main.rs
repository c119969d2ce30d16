//! Profiles that only the command line reads: small files made by hand, read to the last weight, and those of the
//! open corpus against what other tools say of them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests stop at the first surprise and say what they skip")]

mod answers;
mod binary;
mod broken;
mod documents;
#[path = "../folded_stacks/mod.rs"]
mod folded_stacks;
mod labels;
mod recording;
mod shown;
mod text;
