//! Large files of the formats that people have most of, made up: what readers are timed with, and what they may
//! take of memory.

use std::fmt::Write;

/// A file: the format's id, and its content.
pub(crate) type Made = (&'static str, Vec<u8>);

/// One of each, of about so many bytes.
pub(crate) fn all(bytes: usize) -> Vec<Made> {
    vec![
        ("go-bench", go_text(bytes).into_bytes()),
        ("go-test-json", go_json(bytes).into_bytes()),
        ("jmh", jmh(bytes).into_bytes()),
        ("criterion", criterion(bytes).into_bytes()),
        ("hyperfine", hyperfine(bytes).into_bytes()),
        ("folded", folded(bytes).into_bytes()),
        ("perf-script", perf_script(bytes).into_bytes()),
        ("pprof", pprof(bytes, true)),
    ]
}

/// A profile in which next to all stacks differ: what is hardest to read.
#[allow(dead_code, reason = "not every bench and test reads it")]
pub(crate) fn unlike(bytes: usize) -> Vec<u8> {
    pprof(bytes, false)
}

/// Numbers that look measured, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Around `center`, give or take some percent.
    fn time(&mut self, center: f64) -> f64 {
        center * (1.0 + (self.next() % 1_000_000) as f64 / 2e7)
    }
}

/// The calls of a program: paths that begin alike, as those of every program do.
struct Program {
    noise: Noise,
    /// Paths of functions, root first: each is an earlier one with a call more.
    paths: Vec<Vec<u64>>,
}

impl Program {
    const FUNCTIONS: u64 = 3000;

    fn new(seed: u64) -> Program {
        let mut program = Program { noise: Noise(seed), paths: vec![vec![0, 1]] };
        while program.paths.len() < 5000 {
            let caller = program.noise.next() as usize % program.paths.len();
            let mut path = program.paths[caller].clone();
            if path.len() < 40 {
                path.push(program.function());
                program.paths.push(path);
            }
        }
        program
    }

    /// Some functions are called by many.
    fn function(&mut self) -> u64 {
        let place = self.noise.next() % (Program::FUNCTIONS * Program::FUNCTIONS);
        place * place / Program::FUNCTIONS.pow(3)
    }

    /// Where a program was found, root first: two calls beyond one of its paths.
    fn stack(&mut self) -> Vec<u64> {
        let path = self.noise.next() as usize % self.paths.len();
        let mut stack = self.paths[path].clone();
        stack.extend([self.function(), self.function()]);
        stack
    }

    /// Functions have names of all lengths.
    fn name(function: u64) -> String {
        let module =
            ["core::iter", "app::engine::worker", "net", "serde_json::de", "app::store"][function as usize % 5];
        format!("{module}::part{function}::function")
    }
}

fn result(noise: &mut Noise, index: u64) -> String {
    let time = noise.time(100.0 + (index % 500) as f64);
    format!("BenchmarkWork/size={}-8 \t 1000000\t{time:10.2} ns/op\t     64 B/op\t       2 allocs/op", index % 500)
}

/// Text of `go test -bench`.
fn go_text(bytes: usize) -> String {
    let mut out = String::from("goos: linux\ngoarch: amd64\npkg: example.org/work\ncpu: Some CPU\n");
    let mut noise = Noise(1);
    for index in 0.. {
        if out.len() >= bytes {
            break;
        }
        let _ = writeln!(out, "{}", result(&mut noise, index));
    }
    out + "PASS\nok  \texample.org/work\t10.0s\n"
}

fn go_json(bytes: usize) -> String {
    let mut out = String::new();
    let mut noise = Noise(2);
    for index in 0.. {
        if out.len() >= bytes {
            break;
        }
        let line = result(&mut noise, index).replace('\t', "\\t");
        let head = "{\"Time\":\"2026-01-01T00:00:00Z\",\"Action\":\"output\",\"Package\":\"example.org/work\",";
        let _ = writeln!(out, "{head}\"Output\":\"{line}\\n\"}}");
    }
    out
}

/// Values of one list, until they are so long.
fn values(noise: &mut Noise, bytes: usize, center: f64) -> String {
    let mut out = String::with_capacity(bytes + 32);
    while out.len() < bytes {
        let comma = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{comma}{}", noise.time(center));
    }
    out
}

fn jmh(bytes: usize) -> String {
    let mut noise = Noise(3);
    let forks: Vec<String> = (0..10).map(|_| format!("[{}]", values(&mut noise, bytes / 10, 12.5))).collect();
    format!(
        "[{{\"jmhVersion\":\"1.37\",\"benchmark\":\"org.example.Work.run\",\"mode\":\"avgt\",\"threads\":1,\"forks\":10,\
         \"primaryMetric\":{{\"score\":12.5,\"scoreError\":0.1,\"scoreUnit\":\"us/op\",\"rawData\":[{}]}},\
         \"secondaryMetrics\":{{}}}}]",
        forks.join(",")
    )
}

fn criterion(bytes: usize) -> String {
    let mut noise = Noise(4);
    let times = values(&mut noise, bytes * 2 / 3, 123_456.0);
    let count = times.matches(',').count() + 1;
    let iterations: Vec<&str> = std::iter::repeat_n("1000.0", count).collect();
    format!("{{\"sampling_mode\":\"Flat\",\"iters\":[{}],\"times\":[{times}]}}", iterations.join(","))
}

fn hyperfine(bytes: usize) -> String {
    // As the tool writes it: a line for each time, and one for each exit code.
    let mut noise = Noise(5);
    let times: Vec<String> = (0..bytes / 44).map(|_| format!("        {}", noise.time(0.0123))).collect();
    let codes = vec!["        0"; times.len()];
    format!(
        "{{\n  \"results\": [\n    {{\n      \"command\": \"work\",\n      \"mean\": 0.0123,\n      \"median\": 0.0123,\n      \
         \"times\": [\n{}\n      ],\n      \"exit_codes\": [\n{}\n      ]\n    }}\n  ]\n}}\n",
        times.join(",\n"),
        codes.join(",\n")
    )
}

/// Stacks with their counts, in order, as tools write them.
fn folded(bytes: usize) -> String {
    let mut program = Program::new(6);
    let mut lines = Vec::new();
    let mut length = 0;
    while length < bytes {
        let names: Vec<String> = program.stack().into_iter().map(Program::name).collect();
        lines.push(format!("{} {}\n", names.join(";"), 1 + program.noise.next() % 13));
        length += lines.last().map_or(0, String::len);
    }
    lines.sort_unstable();
    lines.concat()
}

/// Samples as they came: each function is found at a few of its addresses.
fn perf_script(bytes: usize) -> String {
    let mut out = String::new();
    let mut program = Program::new(7);
    while out.len() < bytes {
        let micros = program.noise.next() % 1_000_000;
        let _ = writeln!(out, "work 4711/4712 [001] 12345.{micros:06}:     250000 cycles:u: ");
        for function in program.stack().into_iter().rev() {
            let offset = program.noise.next() % 5 * 16;
            let address = 0x55d0_0000_0000 + function * 4096 + offset;
            let _ = writeln!(out, "\t{address:16x} {}+0x{offset:x} (/usr/bin/work)", Program::name(function));
        }
        out.push('\n');
    }
    out
}

/// A profile as protocol buffers, not compressed. `heap`: as Go writes those of its heap, which say the size of what
/// was allocated in a label, with four values a sample and every other one of a stack that was there before.
fn pprof(bytes: usize, heap: bool) -> Vec<u8> {
    fn varint(out: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    fn field(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
        varint(out, number << 3 | 2);
        varint(out, bytes.len() as u64);
        out.extend(bytes);
    }
    let mut out = Vec::new();
    let mut program = Program::new(8);
    // samples/count, cpu/nanoseconds
    field(&mut out, 1, &[8, 1, 16, 2]);
    field(&mut out, 1, &[8, 3, 16, 4]);
    if heap {
        field(&mut out, 1, &[8, 1, 16, 2]);
        field(&mut out, 1, &[8, 3, 16, 4]);
    }
    for id in 1..=Program::FUNCTIONS {
        let (mut line, mut location, mut function) = (vec![8], vec![8], vec![8]);
        varint(&mut line, id);
        varint(&mut location, id);
        field(&mut location, 4, &line);
        field(&mut out, 4, &location);
        varint(&mut function, id);
        function.push(16);
        varint(&mut function, 5 + id);
        field(&mut out, 5, &function);
    }
    for text in ["", "samples", "count", "cpu", "nanoseconds", "bytes"] {
        field(&mut out, 6, text.as_bytes());
    }
    for function in 0..Program::FUNCTIONS {
        field(&mut out, 6, Program::name(function).as_bytes());
    }
    let mut stacks: Vec<Vec<u64>> = Vec::new();
    while out.len() < bytes {
        let (mut sample, mut locations) = (Vec::new(), Vec::new());
        let stack = match stacks.len() {
            known @ 1.. if heap && program.noise.next().is_multiple_of(2) => {
                stacks[program.noise.next() as usize % known].clone()
            }
            _ => program.stack(),
        };
        for function in stack.iter().rev() {
            varint(&mut locations, 1 + function);
        }
        field(&mut sample, 1, &locations);
        let size = 8 << (program.noise.next() % 16);
        let mut weights = vec![1];
        varint(&mut weights, 10_000_000);
        if heap {
            varint(&mut weights, program.noise.next() % 100);
            varint(&mut weights, size * (program.noise.next() % 100));
        }
        field(&mut sample, 2, &weights);
        if heap {
            // Key "bytes", the number.
            let mut label = vec![8, 5, 24];
            varint(&mut label, size);
            field(&mut sample, 3, &label);
            stacks.push(stack);
        }
        field(&mut out, 2, &sample);
    }
    out
}
