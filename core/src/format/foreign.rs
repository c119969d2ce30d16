//! Formats that are known and not read: whoever brings one is told what it is.

/// A format by what its files hold: all of the pieces in their first 64 KiB, the first one at the
/// very beginning where it starts with `^`.
type Row = (&'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("a Java Flight Recorder file", &["^FLR\0"]),
    ("a Java heap dump", &["^JAVA PROFILE"]),
    ("a zip archive", &["^PK\u{3}\u{4}"]),
    ("Google Benchmark console text", &["Time             CPU   Iterations"]),
    ("gungraun JSON", &["\"metrics_summary\""]),
    ("benchstat text", &["│", "sec/op"]),
    ("benchstat text", &["│", "vs base"]),
    ("benchstat text", &["old time/op"]),
    ("benchstat text", &["name", " time/op"]),
    ("nanobench text", &["|    err% |"]),
    ("nanobench CSV", &["\"title\";\"name\";\"unit\""]),
    ("JMH results in Markdown", &["| Benchmark ", "| Mode "]),
    ("a BenchmarkDotNet table", &["Method", "Mean", "StdDev"]),
    ("speedscope JSON", &["speedscope.app/file-format-schema.json"]),
    ("a Chrome CPU profile", &["\"callFrame\"", "\"nodes\""]),
    ("a V8 heap profile", &["\"callFrame\"", "\"selfSize\""]),
    ("a Chrome trace", &["\"ph\":", "\"ts\":"]),
    ("a Firefox profile", &["\"meta\"", "\"interval\"", "\"processType\""]),
    ("a stackprof profile", &["\"missed_samples\"", "\"gc_samples\""]),
    ("callgrind output", &["events: ", "fn="]),
    ("a pprof profile of the old text form", &["^heap profile:"]),
    ("a pprof profile of the old text form", &["^--- "]),
    ("a Go garbage collector trace", &["gc 1 @", "ms clock"]),
    ("a JVM garbage collector log", &["[gc"]),
    ("Go compiler notes", &["escapes to heap"]),
    ("the output of tests without a benchmark", &["running ", "\ntest result: "]),
];

/// The name of a known format; `None`: never seen.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let holds = |piece: &&str| match piece.strip_prefix('^') {
        Some(start) => head.starts_with(start.as_bytes()),
        None => crate::format::find(head, piece.as_bytes()).is_some(),
    };
    let row = ROWS.iter().find(|(_, pieces)| pieces.iter().all(holds));
    row.map(|(name, _)| *name).or_else(|| perf_script(head).then_some("`perf script` text"))
}

/// A header that ends in a colon, and below it a frame: an address, a symbol, a file in brackets.
fn perf_script(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).peekable();
    while let Some(line) = lines.next() {
        let frame = |l: &&[u8]| {
            let address = l.trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or(&[]);
            l.ends_with(b")") && address.len() >= 6 && address.iter().all(u8::is_ascii_hexdigit)
        };
        if line.ends_with(b":") && lines.peek().is_some_and(frame) {
            return true;
        }
    }
    false
}
