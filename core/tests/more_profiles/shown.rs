//! What was read, as text to compare.

use noisefloor_core::error::ParseError;
use noisefloor_core::format::{self, Content};
use noisefloor_core::profile::Profile;
use noisefloor_core::source::{Notice, Source};

use crate::folded_stacks::folded;

pub(crate) fn read(bytes: &[u8]) -> Result<(&'static str, Profile, Vec<Notice>), ParseError> {
    let (format, parsed) = format::read(Source { name: "x", bytes })?;
    let Content::Profile(profile) = parsed.value else { panic!("{} is no profile", format.id) };
    Ok((format.id, profile, parsed.notices))
}

/// Format, sample types (the one shown first with a star), stacks and remarks of a file.
#[track_caller]
pub(crate) fn holds(bytes: &[u8], format: &str, types: &[&str], stacks: &[&str], notices: &[&str]) -> Profile {
    let (found, profile, remarks) = read(bytes).unwrap();
    let kinds: Vec<String> = profile
        .sample_types()
        .iter()
        .enumerate()
        .map(|(index, kind)| {
            let star = if index == profile.default_type() { "*" } else { "" };
            format!("{}/{}{star}", kind.name, kind.unit)
        })
        .collect();
    let remarks: Vec<String> = remarks.iter().map(|n| format!("{:?} {} {}", n.code, n.count, n.detail)).collect();
    assert_eq!(found, format);
    assert_eq!(kinds, types);
    assert_eq!(folded(&profile), stacks);
    assert_eq!(remarks, notices);
    profile
}

/// The format that a file is taken for.
pub(crate) fn detected(bytes: &[u8]) -> Option<&'static str> {
    format::detect(bytes).map(|format| format.id)
}
