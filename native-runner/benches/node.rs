//! How fast the page's engine reads in Node, beside the native one: the two take turns, and the best time of each
//! counts. Run by `cargo dev bench`, which builds the engine and names its folder.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench that talks to a person")]

mod made;

use std::hint::black_box;
use std::io::{BufRead, BufReader, Error, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use noisefloor_core::format::{self, Content};
use noisefloor_core::source::Source;

/// Each reads a file so often; the first times compile the engine.
const TIMES: usize = 12;

fn main() -> ExitCode {
    let Some(engine) = std::env::var_os("NOISEFLOOR_ENGINE") else {
        eprintln!("`cargo dev bench` says where the engine is");
        return ExitCode::SUCCESS;
    };
    let folder = std::env::temp_dir().join(format!("noisefloor-reading-{}", std::process::id()));
    let outcome = std::fs::create_dir(&folder).and_then(|()| compare(Path::new(&engine), &folder));
    let gone = std::fs::remove_dir_all(&folder);
    match outcome.and(gone) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("reading in Node: {e}");
            ExitCode::FAILURE
        }
    }
}

fn compare(engine: &Path, folder: &Path) -> Result<(), Error> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser/reading.mjs");
    let mut node = Command::new("node").arg(script).arg(engine).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(mut ask), Some(answers)) = (node.stdin.take(), node.stdout.take()) else { return Ok(()) };
    let mut answers = BufReader::new(answers).lines();
    println!("{:<14} {:>12} {:>12} {:>12}", "reading", "native MB/s", "Node MB/s", "times slower");
    for (id, bytes) in made::all(8 << 20) {
        let path = folder.join(id);
        std::fs::write(&path, &bytes)?;
        let [mut native, mut in_node] = [f64::INFINITY; 2];
        for _ in 0..TIMES {
            let start = Instant::now();
            let read = format::read(Source { name: "x", bytes: black_box(&bytes) }).map(|(_, parsed)| parsed.value);
            native = native.min(start.elapsed().as_secs_f64());
            let held = match read {
                Ok(Content::Run(run)) => run.series.len(),
                Ok(Content::Profile(profile)) => profile.len(),
                _ => 0,
            };
            writeln!(ask, "{}", path.display())?;
            let answer = answers.next().ok_or_else(|| Error::other("Node has ended"))??;
            let time = answer.strip_suffix(&format!(" {held}")).and_then(|time| time.parse::<f64>().ok());
            let time = time.ok_or_else(|| Error::other(format!("{id} holds {held}; Node said {answer:?}")))?;
            in_node = in_node.min(time / 1e3);
        }
        let speed = |seconds: f64| bytes.len() as f64 / seconds / 1e6;
        println!("{id:<14} {:>12.0} {:>12.0} {:>12.2}", speed(native), speed(in_node), in_node / native);
    }
    drop(ask);
    node.wait().map(|_| ())
}
