//! How fast files are read: beside each, copying the same bytes. Run by `cargo dev bench`.
#![allow(clippy::print_stderr, reason = "a bench that talks to a person")]

mod made;

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("the harness runs on Linux");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use std::hint::black_box;

    use noisefloor::harness::{self, Harness};
    use noisefloor_core::format::{self, Content};
    use noisefloor_core::profile::{StackTree, View};
    use noisefloor_core::source::Source;

    let mut files = made::all(8 << 20);
    files.push(("pprof, stacks unlike", made::unlike(8 << 20)));
    harness::main(|harness: &mut Harness<'_>| {
        for (id, bytes) in &files {
            harness.bench(&format!("copy {id}"), move |b| {
                b.iter(|| black_box(bytes).to_vec());
                b.metric("input", "B", bytes.len() as f64);
            });
            let read = move || format::read(Source { name: "x", bytes: black_box(bytes) }).map(|(_, p)| p.value);
            harness.bench(&format!("read {id}"), move |b| {
                b.iter(read);
                b.metric("input", "B", bytes.len() as f64);
            });
            // What a profile is read for.
            if matches!(read(), Ok(Content::Profile(_))) {
                harness.bench(&format!("read {id}, with the tree"), move |b| {
                    b.iter(|| match read() {
                        Ok(Content::Profile(profile)) => Some(StackTree::build(&profile, &View::default())),
                        _ => None,
                    });
                    b.metric("input", "B", bytes.len() as f64);
                });
            }
        }
    })
}
