//! Tools that write JSON or XML.

use crate::shown::{holds, read};

#[test]
fn dhat_counts_in_all_at_the_peak_and_at_the_end() {
    let text = r#"{"dhatFileVersion":2,"mode":"heap","pps":[
        {"tb":100,"tbk":2,"gb":60,"gbk":1,"eb":10,"ebk":1,"fs":[1,2]},{"tb":5,"tbk":1,"gb":0,"gbk":0,"eb":0,"ebk":0,"fs":[2,9]}],
        "ftbl":["[root]","0x10A: alloc::alloc::Global::allocate (alloc.rs:226:9)","0x10B: main (in /bin/a)"]}"#;
    holds(
        text.as_bytes(),
        "dhat",
        &[
            "alloc_space/bytes*",
            "alloc_objects/count",
            "peak_space/bytes",
            "peak_objects/count",
            "inuse_space/bytes",
            "inuse_objects/count",
        ],
        &["main 5 1 0 0 0 0", "main;alloc::alloc::Global::allocate 100 2 60 1 10 1"],
        &["DanglingReference 1 ftbl"],
    );
    let by_hand = r#"{"dhatFileVersion":2,"mode":"ad-hoc","pps":[{"tb":7,"tbk":2,"fs":[0]}],"ftbl":["f"]}"#;
    for mode in ["ad-hoc", "rust-ad-hoc"] {
        let text = by_hand.replace("ad-hoc", mode);
        holds(text.as_bytes(), "dhat", &["units/count*", "events/count"], &["f 7 2"], &[]);
    }
    let copies = by_hand.replace("ad-hoc", "copy");
    holds(copies.as_bytes(), "dhat", &["copied/bytes*", "copies/count"], &["f 7 2"], &[]);
}

#[test]
fn safari_has_a_duration_for_each_stack() {
    let text = r#"{"version":1,"recording":{"startTime":1,"endTime":3.5,"instrumentTypes":["timeline-record-type-script"],"records":[],
        "sampleStackTraces":[{"timestamp":1,"stackFrames":[{"name":"f"},{"name":"","url":"a.js","line":3}]},{"stackFrames":[]}],
        "sampleDurations":[0.5,0.25,1,1]}}"#;
    let profile = holds(
        text.as_bytes(),
        "safari",
        &["time/seconds*"],
        &[" 0.25", "(anonymous) a.js:3;f 0.5"],
        &["DanglingReference 1 2 of sampleDurations"],
    );
    assert_eq!(profile.duration_seconds(), Some(2.5));
}

#[test]
fn ghc_writes_a_tree() {
    let text = r#"{"total_time":0.5,"total_ticks":3,"cost_centres":[{"id":1,"label":"MAIN","module":"MAIN"},{"id":2,"label":"f","module":"Main"}],
        "profile":{"id":1,"ticks":1,"alloc":0,"children":[{"id":2,"ticks":2,"alloc":64,"children":[]},{"id":7,"ticks":2,"children":[]}]}}"#;
    holds(
        text.as_bytes(),
        "ghc",
        &["ticks/count*", "alloc_space/bytes"],
        &["MAIN.MAIN 1 0", "MAIN.MAIN;Main.f 2 64"],
        &["DanglingReference 1 cost_centres"],
    );
}

#[test]
fn gprof2dot_has_chains_and_costs() {
    let text = r#"{"version":0,"costs":[{"description":"Memory"},{"description":"Time","unit":"s"}],
        "functions":[{"name":"a"},{"name":"","module":"m"}],
        "events":[{"callchain":[1,0],"cost":[7,0.5]},{"callchain":[5,0],"cost":[1,2]}]}"#;
    holds(
        text.as_bytes(),
        "gprof2dot",
        &["Memory/count*", "Time/s"],
        &["a 1 2", "a;(anonymous) m 7 0.5"],
        &["DanglingReference 1 functions"],
    );
}

#[test]
fn xctrace_names_again_what_it_has_named() {
    let text = "<?xml version=\"1.0\"?>\n<trace-query-result>\n<node xpath='//x'><schema name=\"time-profile\"><col><name>a</name></col></schema>\
        <row><thread id=\"1\" fmt=\"main > x\"/><weight id=\"2\" fmt=\"1.00 ms\">1000000</weight><backtrace id=\"3\"><frame id=\"4\" name=\"operator-&gt;&amp;\" addr=\"0x1\"><binary id=\"5\" name=\"a\"/></frame><frame id=\"6\" name=\"start\"/></backtrace></row>\n\
        <row><weight ref=\"2\"/><backtrace ref=\"3\"/></row>\n<row><weight id=\"7\">5</weight><backtrace id=\"8\"><frame ref=\"6\"/></backtrace></row>\n\
        <row><tagged-backtrace id=\"9\"><backtrace id=\"10\"><frame ref=\"4\"/></backtrace></tagged-backtrace><weight ref=\"7\"/></row>\n<row><tagged-backtrace ref=\"9\"/><weight ref=\"7\"/></row>\n\
        <row><weight ref=\"2\"/><backtrace ref=\"99\"/></row><row><sentinel/></row></node></trace-query-result>\n";
    holds(
        text.as_bytes(),
        "xctrace",
        &["time/nanoseconds*"],
        &[" 1000000", "operator->& 10", "start 5", "start;operator->& 2000000"],
        &[
            "DanglingReference 1 backtrace",
            "TruncatedStacks 1 a sample without frames",
            "UnknownRecord 1 a row without a weight",
        ],
    );
    let (_, profile, _) = read(text.as_bytes()).unwrap();
    assert_eq!(profile.label_values("thread", 0), [("main > x", 1_000_000.0)]);
    let cut = &text[..text.find("<row><weight ref=\"2\"/><backtrace ref=\"3\"").unwrap()];
    holds(cut.as_bytes(), "xctrace", &["time/nanoseconds*"], &["start;operator->& 1000000"], &["Truncated 1 "]);
}

#[test]
fn xctrace_rows_are_of_threads_and_processes() {
    let row = |of: &str, weight: u32| {
        format!("<row>{of}<weight>{weight}</weight><backtrace id=\"9\"><frame name=\"f\"/></backtrace></row>\n")
    };
    let process = "<process id=\"4\" fmt=\"my tool (49)\"><pid fmt=\"49\">49</pid></process>";
    let rows = [
        row(
            &format!(
                "<thread id=\"1\" fmt=\"a b  0x8480c1 (my tool, pid: 49)\">{process}</thread><process ref=\"4\"/>"
            ),
            1,
        ),
        row("<thread ref=\"1\"/><process ref=\"4\"/>", 2),
        row("<thread id=\"2\" fmt=\"a b  0x8480c2 (my tool, pid: 49)\"><process ref=\"4\"/></thread>", 4),
        row("<thread id=\"3\" fmt=\"0x9 (&lt;x&gt;, pid: 5)\"/>", 8),
        row("<thread ref=\"77\"/>", 16),
        // The one that woke another stands behind it.
        row("<thread ref=\"2\"/><thread ref=\"3\"/>", 32),
    ];
    let text =
        format!("<?xml version=\"1.0\"?>\n<trace-query-result>\n<node>{}</node></trace-query-result>\n", rows.concat());
    let profile = holds(text.as_bytes(), "xctrace", &["time/nanoseconds*"], &["f 63"], &[]);
    assert_eq!(profile.label_values("thread", 0), [("a b", 39.0)]);
    assert_eq!(profile.label_values("thread_id", 0), [("0x8480c2", 36.0), ("0x9", 8.0), ("0x8480c1", 3.0)]);
    assert_eq!(profile.label_values("process", 0), [("my tool (49)", 7.0)]);
}

#[test]
fn keys_of_firefox_may_stand_behind_long_lists() {
    let libraries =
        vec![r#"{"name":"libxul.so","path":"/usr/lib/firefox/libxul.so","start":1,"end":2}"#; 2000].join(",");
    let threads = r#""threads":[{"name":"Main","samples":{"schema":{"stack":0,"time":1},"data":[[0,1],[0,2]]},
        "stackTable":{"schema":{"prefix":0,"frame":1},"data":[[null,0]]},
        "frameTable":{"schema":{"location":0},"data":[[0]]},"stringTable":["main"]}]"#;
    let gecko = format!(
        r#"{{"meta":{{"version":27,"startTime":1.5,"categories":[],"interval":1,"processType":0}},"libs":[{libraries}],{threads}}}"#
    );
    holds(gecko.as_bytes(), "firefox", &["samples/count*"], &["main 2"], &[]);
    let old = format!(
        r#"{{"label":"","duration":10.5,"markers":[{libraries}],"profile":{{"meta":{{"version":9}},{threads}}},"fileType":"Recorded Performance Data","version":2}}"#
    );
    holds(old.as_bytes(), "firefox", &["samples/count*"], &["main 2"], &[]);
}

#[test]
fn what_convert_writes_for_speedscope_has_its_sample_types_again() {
    let profile = |name: &str, unit: &str, weight: u32| {
        format!(
            r#"{{"type":"sampled","name":"{name}","unit":"{unit}","startValue":0,"endValue":9,"samples":[[0]],"weights":[{weight}]}}"#
        )
    };
    let file = |exporter: &str, profiles: &[String]| {
        format!(
            r#"{{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"{exporter}","shared":{{"frames":[{{"name":"f"}}]}},"profiles":[{}],"activeProfileIndex":1}}"#,
            profiles.join(",")
        )
    };
    let one = [profile("alloc_space", "bytes", 9), profile("inuse_space", "bytes", 4), profile("calls", "none", 2)];
    let types = ["alloc_space/bytes", "inuse_space/bytes*", "calls/count"];
    holds(file("noisefloor 0.1.0", &one).as_bytes(), "speedscope", &types, &["f 9 4 2"], &[]);
    let two = [profile("a.pprof: cpu", "seconds", 9), profile("b.pprof: cpu", "seconds", 4)];
    let stacks = ["a.pprof;f 9", "b.pprof;f 4"];
    holds(file("noisefloor 0.1.0", &two).as_bytes(), "speedscope", &["cpu/seconds*"], &stacks, &[]);
    let stacks = ["alloc_space;f 9 0", "calls;f 0 2", "inuse_space;f 4 0"];
    holds(file("other", &one).as_bytes(), "speedscope", &["space/bytes*", "samples/count"], &stacks, &[]);
}
