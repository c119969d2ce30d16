//! Each example cut anywhere, and with bytes turned: an answer or an error, in time.

use noisefloor_core::format::{self, Content};
use noisefloor_core::source::Source;

use crate::binary::{SAMPLES, bytes, join, number, otlp, pstats};
use crate::recording::recording;

fn examples() -> Vec<Vec<u8>> {
    let mut words: Vec<u8> = SAMPLES.iter().flat_map(|word| (*word as u32).to_le_bytes()).collect();
    words.extend_from_slice(b" 0x7 a.B.c (B.java:3)\n10-20: x\n");
    let texts = [
        "heap profile: 2: 200 [4: 400] @ heap_v2/100\n1: 100 [3: 300] @ 0x10 0x20\nMAPPED_LIBRARIES:\n10-20 r-xp 0 08:01 7 /a\n",
        "heap_v2/9\n t*: 3: 3 [0: 0]\n@ 0x11 0x21\n t*: 1: 5 [0: 0]\n",
        "--- contention\ncycles/second=2\nsampling period=5\n40 2 @ 0x10\n#\t0xf\tf+0x5\n",
        "--- threadz 1 ---\n--- Thread 7f\n PC: 0x10: w\n 0x21: main\n--- Thread 8\n [same as previous thread]\n",
        "goroutine profile: total 3\n3 @ 0x10\n#\t0xf\tmain.f+0x5\n",
        "goroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:29\n",
        "Weight\tSelf Weight\t\tSymbol Name\n3.00 Kc  100.0%\t1 Kc\t \tapp (1)\n",
        "Function Stack,CPU Time:Self,Module\n main,0.5,a.exe\n",
        "Level,Function Name,Number of Calls,Elapsed Inclusive Time %,Elapsed Exclusive Time %,A,B,M,\n1,\"f\",2,9,8,7,6,\"\",\n",
        "Time and Allocation Profiling Report\nindividual\nCOST CENTRE M bytes\nMAIN  MAIN x 3 0 0 0 0 0 1 728\n",
        r#"{"total_ticks":3,"cost_centres":[{"id":1,"label":"a"}],"profile":{"id":1,"ticks":1,"children":[]}}"#,
        "@ e [9 samples]\n66.6%  [6]     leaf @ k\n 66.6%  [4]      a\n",
        "JAVA PROFILE 1, created x\nTRACE 1:\n\ta.f(A:1)\nCPU SAMPLES BEGIN (total = 5)\n 1 6% 6% 3 1 a\n",
        "@[a,\n    f+1 (m)\n, 7]: 3\n@x[\n    g\n]: 4\n",
        "Flat profile:\ncumulative\n 6 0.7 0.7 3 0 0 f\n",
        "index % time self children called\n[1] 1 2 3 4/5 f [1]\n",
        "<!DOCTYPE html>async-profiler levels function f(\nconst cpool = [\n'all',\n' a'\n];\nf(3,0,0,9)\nu(9,8)\n",
        r#"{"dhatFileVersion":2,"pps":[{"tb":1,"fs":[0]}],"ftbl":["f"]}"#,
        r#"{"recording":{"instrumentTypes":["timeline-record-type"],"sampleStackTraces":[{"stackFrames":[{"name":"f"}]}],"sampleDurations":[5]}}"#,
        r#"{"costs":[{"description":"M"}],"functions":[{"name":"a"}],"events":[{"callchain":[0],"cost":[7]}]}"#,
        "<?xml?><trace-query-result><row><weight id=\"2\">5</weight><backtrace id=\"3\"><frame id=\"4\" name=\"f\"/></backtrace></row></trace-query-result>",
    ];
    let mut list: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    list.extend([words, otlp(), pstats(), recording()]);
    list
}

#[test]
fn broken_profiles_give_an_answer_or_an_error() {
    let mut random = 7u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize
    };
    let read = |bytes: &[u8]| format::read(Source { name: "x", bytes }).is_ok();
    for whole in examples() {
        assert!(read(&whole), "{}", String::from_utf8_lossy(&whole));
        for cut in 0..whole.len() {
            read(&whole[..cut]);
        }
        let mut good = 0;
        for _ in 0..2000 {
            let mut bytes = whole.clone();
            for _ in 0..1 + next() % 3 {
                let at = next() % bytes.len();
                match next() % 4 {
                    0 => _ = bytes.remove(at),
                    1 => bytes.insert(at, next() as u8),
                    _ => bytes[at] = next() as u8,
                }
            }
            good += usize::from(read(&bytes));
        }
        assert!(good > 0, "{}", String::from_utf8_lossy(&whole));
    }
}

/// Each of these would take time or memory in the square of its length, were names and stacks read anew.
#[test]
fn long_names_and_stacks_are_read_once() {
    let name = "n".repeat(300_000);
    let read = |text: String| format::read(Source { name: "x", bytes: text.as_bytes() }).map(|(format, _)| format.id);
    let samples: String = (0..40_000).map(|at| format!("1: 1 [1: 1] @ 0x{:x}\n", 0x1000 + at)).collect();
    let heap = format!("heap profile: 1: 1 [1: 1] @ heap\n{samples}MAPPED_LIBRARIES:\n1000-fffff: /{name}\n");
    assert_eq!(read(heap).unwrap(), "pprof-legacy");
    let frames = "<frame ref=\"4\"/>".repeat(50_000);
    let rows = "<row><weight id=\"9\">1</weight><backtrace ref=\"3\"/></row>".repeat(20_000);
    let xml = format!(
        "<?xml?><trace-query-result><row><weight id=\"2\">5</weight><backtrace id=\"3\"><frame id=\"4\" name=\"{name}\"/>{frames}</backtrace></row>{rows}</trace-query-result>"
    );
    assert_eq!(read(xml).unwrap_err().kind.code(), "limit-exceeded");
    let pool = "'{x',\n".repeat(100_000);
    let html = format!(
        "<!DOCTYPE html>async-profiler levels function f(\nconst cpool = [\n'all',\n' {name}',\n{pool}];\nf(3,0,0,9)\n"
    );
    assert_eq!(read(html).unwrap(), "flame-html");
    let deep: String = (0..100_000).map(|at| format!("{}x\t1\t \t{}f\n", at, " ".repeat(at % 200))).collect();
    assert_eq!(read(format!("Weight\tSelf Weight\t\tSymbol Name\n{deep}")).unwrap(), "instruments");
    let blanks = format!("--- contention\n{}\n", " ".repeat(2_000_000) + "@ x");
    assert!(read(blanks).is_err());
}

/// One long name may be that of many functions, and one long path that of many places.
#[test]
fn names_in_pprof_are_read_once() {
    let name = "n".repeat(1_000_000);
    let mut parts = vec![bytes(1, &join(&[number(1, 1), number(2, 2)]))];
    parts.extend(["", "cpu", "nanoseconds", &name].map(|text| bytes(6, text.as_bytes())));
    parts.push(bytes(3, &join(&[number(1, 1), number(5, 3)])));
    for id in 1..=100_000 {
        parts.push(bytes(5, &join(&[number(1, id), number(2, 3)])));
        parts.push(bytes(4, &join(&[number(1, id), number(2, 1), number(3, id)])));
    }
    parts.push(bytes(2, &join(&[number(1, 7), number(2, 5)])));
    let data = join(&parts);
    let (format, parsed) = format::read(Source { name: "x", bytes: &data }).unwrap();
    let Content::Profile(profile) = parsed.value else { panic!("{}", format.id) };
    assert_eq!((format.id, profile.len()), ("pprof", 1));
    assert!(profile.names().iter().skip(1).all(|name| name.len() < 300));
}

/// Each sample type costs memory for every stack.
#[test]
fn sample_types_without_end_are_refused() {
    let perf: String = (0..100).map(|at| format!("x 1 2.5: 7 event{at}:\n\t 1 f{at}+0x1 (m)\n\n")).collect();
    let callgrind: String = (0..100).map(|at| format!("events: e{at}\nfn=f{at}\n1 5\n")).collect();
    let pmcstat: String = (0..100).map(|at| format!("@ e{at} [9 samples]\n66.6%  [6]     leaf @ k\n")).collect();
    let profiles: Vec<String> = (0..100)
        .map(|at| format!("{{\"type\":\"sampled\",\"unit\":\"u{at}\",\"samples\":[[0]],\"weights\":[1]}}"))
        .collect();
    let speedscope =
        format!("{{\"shared\":{{\"frames\":[{{\"name\":\"a\"}}]}},\"profiles\":[{}]}}", profiles.join(","));
    for text in [perf, callgrind, pmcstat, speedscope] {
        let error = format::read(Source { name: "x", bytes: text.as_bytes() }).unwrap_err();
        assert_eq!(error.kind.code(), "limit-exceeded", "{error}");
    }
    // What stands in brackets is no event.
    let heap = "heap profile: 13: 1595680 [47130736: 258] @ x\n1: 5242 [3: 1572864] @ 0x4\n";
    assert_ne!(
        format::detect(heap.replace("heap profile:", "some words 7").as_bytes()).map(|f| f.id),
        Some("perf-script")
    );
}
