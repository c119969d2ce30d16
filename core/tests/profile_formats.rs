//! Profiles of other tools: small files made by hand, read to the last weight.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "folded_stacks/mod.rs"]
mod folded_stacks;

use noisefloor_core::error::ParseError;
use noisefloor_core::format::{self, Content};
use noisefloor_core::profile::Profile;
use noisefloor_core::source::{NoticeCode, Source};

use folded_stacks::folded;

fn read(text: &str) -> Result<(&'static str, Profile, Vec<NoticeCode>), ParseError> {
    let (format, parsed) = format::read(Source { name: "x", bytes: text.as_bytes() })?;
    let Content::Profile(profile) = parsed.value else { panic!("{} is no profile", format.id) };
    Ok((format.id, profile, parsed.notices.iter().map(|notice| notice.code).collect()))
}

fn types(profile: &Profile) -> Vec<String> {
    profile.sample_types().iter().map(|kind| format!("{}/{}", kind.name, kind.unit)).collect()
}

#[test]
fn perf_script_has_a_type_for_each_event() {
    let text = "# captured on: today\n\
        my tool  42/43 [001] 1.500000:    250000 cpu-clock:u: \n\
        \t  401b97 inner+0x1f (/bin/tool)\n\
        \t  401b97 middle (inlined)\n\
        \t  401b00 f(int, char (*)[3])+0x1 (/bin/tool (deleted))\n\
        \t  7f0000 [unknown] (/lib/libc-2.31.so)\n\
        \t       0 [unknown] ([unknown])\n\n\
        my tool  42/43 [001] 3.500000:    page-faults: \n\
        \t  401b97 inner+0x20 (/bin/tool)\n\n\
        dd 7 page-faults: ffffffff9b201293 read ([kernel.kallsyms])\n\
        nothing of the kind\n";
    let (format, profile, notices) = read(text).unwrap();
    assert_eq!((format, profile.duration_seconds()), ("perf-script", Some(2.0)));
    assert_eq!(types(&profile), ["cpu-clock:u/nanoseconds", "page-faults/count"]);
    let wanted = [
        "dd;read 0 1",
        "my tool;[unknown];[libc-2.31.so];f(int, char (*)[3]);middle_[i];inner 250000 0",
        "my tool;inner 0 1",
    ];
    assert_eq!(folded(&profile), wanted);
    assert_eq!(notices, [NoticeCode::UnknownRecord]);
}

#[test]
fn speedscope_has_stacks_or_events() {
    let text = r#"{"$schema":"https://www.speedscope.app/file-format-schema.json",
        "shared":{"frames":[{"name":"a"},{"name":"b"},{"name":"","file":"x.js","line":3}]},
        "profiles":[
          {"type":"sampled","name":"one","unit":"milliseconds","samples":[[0,1],[0],[0,1],[9]],"weights":[1,2,0.5,4]},
          {"type":"evented","name":"two","unit":"milliseconds","events":[
            {"type":"O","frame":0,"at":1},{"type":"O","frame":2,"at":3},{"type":"C","frame":2,"at":4},
            {"type":"C","frame":0,"at":9},{"type":"O","frame":1,"at":20},{"type":"C","frame":1,"at":21}]}]}"#;
    let (format, profile, notices) = read(text).unwrap();
    assert_eq!((format, types(&profile)), ("speedscope", vec!["time/milliseconds".to_string()]));
    let wanted = ["one 4", "one;a 2", "one;a;b 1.5", "two;a 7", "two;a;(anonymous) x.js:3 1", "two;b 1"];
    assert_eq!(folded(&profile), wanted);
    assert_eq!(notices, [NoticeCode::DanglingReference]);
    let error = read(&text.replace("\"at\":9", "\"at\":2")).unwrap_err();
    assert!(error.to_string().starts_with("x: byte "), "{error}");
}

#[test]
fn cpu_profiles_of_v8_weigh_by_time() {
    let text = r#"{"nodes":[
        {"id":1,"callFrame":{"functionName":"(root)"},"hitCount":0,"children":[2,5]},
        {"id":5,"callFrame":{"functionName":"(idle)"},"hitCount":1},
        {"id":3,"callFrame":{"functionName":"","url":"a.js","lineNumber":4},"hitCount":1},
        {"id":2,"callFrame":{"functionName":"main"},"hitCount":2,"children":[3]}],
        "startTime":0,"endTime":2000000,"samples":[2,3,5,3,7],"timeDeltas":[9,10,20,30,40]}"#;
    let (format, profile, notices) = read(text).unwrap();
    assert_eq!((format, profile.duration_seconds()), ("cpuprofile", Some(2.0)));
    // Each sample lasts until the next one.
    assert_eq!(folded(&profile), ["(idle) 30", "main 10", "main;(anonymous) a.js:5 60"]);
    assert_eq!(notices, [NoticeCode::DanglingReference]);
    let circle = text.replace(
        "\"functionName\":\"main\"},\"hitCount\":2,\"children\":[3]",
        "\"functionName\":\"main\"},\"hitCount\":2,\"children\":[3,2]",
    );
    assert!(read(&circle).unwrap().2.contains(&NoticeCode::DanglingReference));
    let tree = r#"{"head":{"functionName":"(root)","id":1,"hitCount":0,"children":[
        {"functionName":"a","id":2,"hitCount":3,"children":[{"functionName":"b","id":3,"hitCount":4,"children":[]}]}]}}"#;
    assert_eq!(folded(&read(tree).unwrap().1), ["a 3", "a;b 4"]);
}

#[test]
fn heap_profiles_of_v8_hold_bytes() {
    let text = r#"{"head":{"callFrame":{"functionName":"(root)","url":"","lineNumber":-1},"selfSize":0,"children":[
        {"callFrame":{"functionName":"f","url":"a.js","lineNumber":1},"selfSize":100,"children":[
          {"callFrame":{"functionName":"g","url":"a.js","lineNumber":2},"selfSize":28,"children":[]}]}]}}"#;
    let (format, profile, _) = read(text).unwrap();
    assert_eq!((format, types(&profile)), ("heapprofile", vec!["inuse_space/bytes".to_string()]));
    assert_eq!(folded(&profile), ["f 100", "f;g 28"]);
}

#[test]
fn a_tree_that_nests_without_end_is_refused_in_time() {
    let open = r#"{"callFrame":{"functionName":"f"},"selfSize":1,"children":["#;
    let text = format!("{{\"head\":{}{}}}", open.repeat(20_000), "]}".repeat(20_000));
    assert!(read(&text).is_err());
}

/// Each of these took time in the square of its length once, or would: minutes in place of a moment.
#[test]
fn long_lines_names_and_stacks_are_read_once() {
    let blanks =
        format!("x 1 2.5: 7 cycles:\n\t 1 f+0x1 (m)\n\n{}\n", " ".repeat(1_000_000) + "y" + &" z".repeat(200_000));
    assert_eq!(read(&blanks).unwrap().0, "perf-script");
    let begins = "{\"ph\":\"B\",\"name\":\"a\",\"ts\":1},".repeat(60_000);
    let ends = "{\"ph\":\"E\",\"name\":\"b\",\"ts\":1},".repeat(60_000);
    assert!(read(&format!("[{begins}{ends}{{}}]")).is_err(), "no call takes time, and none ends");
    let name = "n".repeat(300_000);
    let frames = vec!["0"; 100_000].join(",");
    let firefox = format!(
        "{{\"meta\":{{}},\"threads\":[{{\"samples\":{{\"stack\":[0]}},\"stackTable\":{{\"prefix\":[null],\"frame\":[0]}},\
         \"frameTable\":{{\"func\":[{frames}]}},\"funcTable\":{{\"name\":[0]}},\"stringArray\":[\"{name}\"]}}]}}"
    );
    assert_eq!(read(&firefox).unwrap().0, "firefox");
    let callgrind = format!("events: Ir\nfn=(1) {name}\n{}", "fn=(1)\n1 5\n".repeat(100_000));
    assert_eq!(folded(&read(&callgrind).unwrap().1), [format!("{name} 500000")]);
}

#[test]
fn firefox_is_columns_or_rows() {
    let gecko = r#"{"meta":{"version":3},"threads":[{"name":"Main","samples":{"schema":{"stack":0,"time":1},
        "data":[[1,0],[2,1],[null,2],[1,3]]},"stackTable":{"schema":{"prefix":0,"frame":1},"data":[[null,0],[0,1],[1,2]]},
        "frameTable":{"schema":{"location":0},"data":[[0],[1],[2]]},"stringTable":["(root)","a","b"]}]}"#;
    let (format, profile, notices) = read(gecko).unwrap();
    assert_eq!((format, notices), ("firefox", vec![]));
    assert_eq!(folded(&profile), ["a 2", "a;b 1"]);
    let processed = r#"{"meta":{"preprocessedProfileVersion":50},"shared":{"stringArray":["a","b","c"]},"threads":[
        {"name":"One","samples":{"stack":[0,1],"weight":[2,5],"length":2},"stackTable":{"prefix":[null,0],"frame":[0,1]},
         "frameTable":{"func":[1,0]},"funcTable":{"name":[0,2]}},
        {"name":"Two","samples":{"stack":[0,4],"length":2},"stackTable":{"prefix":[null],"frame":[0]},
         "frameTable":{"func":[0]},"funcTable":{"name":[1]}}]}"#;
    let (_, profile, notices) = read(processed).unwrap();
    assert_eq!(folded(&profile), ["One;c 2", "One;c;a 5", "Two;b 1"]);
    assert_eq!(notices, [NoticeCode::DanglingReference]);
    assert_eq!(profile.label_values("thread", 0), [("One", 7.0), ("Two", 1.0)]);
    // A lone thread is no root, and a label all the same; numbers tell threads of one name apart.
    let numbered = gecko.replace("\"name\":\"Main\",", "\"name\":\"Main\",\"tid\":7,\"pid\":\"3\",");
    let (_, profile, _) = read(&numbered).unwrap();
    assert_eq!(folded(&profile), ["a 2", "a;b 1"]);
    assert_eq!(profile.label_keys(0), [("pid", 3.0), ("thread", 3.0), ("tid", 3.0)]);
}

#[test]
fn trace_events_are_calls() {
    let text = r#"[{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"Worker"},"ts":0},
        {"ph":"X","name":"outer","ts":10,"dur":100,"pid":1,"tid":1},
        {"ph":"X","name":"inner","ts":30,"dur":20,"pid":1,"tid":1},
        {"ph":"E","ts":9,"pid":1,"tid":2},
        {"ph":"B","name":"job","ts":5,"pid":1,"tid":2},
        {"ph":"i","name":"mark","ts":5,"pid":1,"tid":2},"#;
    let (format, profile, notices) = read(text).unwrap();
    assert_eq!((format, types(&profile)), ("chrome-trace", vec!["time/microseconds".to_string()]));
    assert_eq!(folded(&profile), ["Worker;job 4", "thread 1;outer 80", "thread 1;outer;inner 20"]);
    assert_eq!(profile.label_values("thread", 0), [("thread 1", 100.0), ("Worker", 4.0)]);
    assert_eq!(notices, [NoticeCode::Truncated]);
}

#[test]
fn trace_events_of_equal_times_nest_as_they_were_written() {
    let text = r#"[{"ph":"X","name":"outer","ts":10,"dur":5,"pid":1,"tid":1},
        {"ph":"X","name":"inner","ts":10,"dur":5,"pid":1,"tid":1},
        {"ph":"X","name":"inmost","ts":10,"dur":5,"pid":1,"tid":1}]"#;
    let (_, profile, notices) = read(text).unwrap();
    assert_eq!((folded(&profile), notices), (vec!["outer;inner;inmost 5".to_string()], Vec::new()));
}

#[test]
fn trace_events_that_overlap_stand_below_their_category() {
    let text = r#"[{"ph":"b","cat":"net","id":1,"name":"get","ts":"10","pid":1,"tid":1},
        {"ph":"b","cat":"net","id":2,"name":"get","ts":20,"pid":1,"tid":1},
        {"ph":"e","cat":"net","id":1,"name":"get","ts":30,"pid":1,"tid":1},
        {"ph":"e","cat":"net","id":2,"name":"get","ts":50,"pid":1,"tid":1},
        {"ph":"S","cat":"net","id":3,"name":"old","ts":60,"pid":1,"tid":1}]"#;
    let (_, profile, notices) = read(text).unwrap();
    assert_eq!(folded(&profile), ["asynchronous net;get 50"]);
    assert_eq!(notices, [NoticeCode::UnknownRecord]);
}

#[test]
fn trace_events_hold_samples_of_v8_and_of_stack_frames() {
    let chunk = |nodes: &str, samples: &str, deltas: &str| {
        format!(
            "{{\"ph\":\"P\",\"name\":\"ProfileChunk\",\"id\":\"0x1\",\"pid\":1,\"tid\":9,\"ts\":5,\"args\":{{\"data\":{{\
             \"cpuProfile\":{{{nodes}\"samples\":{samples}}},\"timeDeltas\":{deltas}}}}}}}"
        )
    };
    let node = |id: u32, name: &str, parent: &str| {
        format!("{{\"id\":{id},\"callFrame\":{{\"functionName\":\"{name}\"}}{parent}}}")
    };
    let first = format!("\"nodes\":[{},{}],", node(1, "(root)", ""), node(2, "f", ",\"parent\":1"));
    let second = format!("\"nodes\":[{}],", node(3, "g", ",\"parent\":2"));
    let text = format!(
        "[{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":7,\"ts\":0,\"args\":{{\"name\":\"Main\"}}}},\
         {{\"ph\":\"P\",\"name\":\"Profile\",\"id\":\"0x1\",\"pid\":1,\"tid\":7,\"ts\":1,\"args\":{{\"data\":{{\"startTime\":1}}}}}},\
         {},{},\
         {{\"ph\":\"X\",\"name\":\"task\",\"ts\":10,\"dur\":4,\"pid\":1,\"tid\":7}}]",
        chunk(&first, "[2,2]", "[100,10]"),
        chunk(&second, "[3,2,8]", "[20,30,40]"),
    );
    let (format, profile, notices) = read(&text).unwrap();
    assert_eq!(
        (format, types(&profile)),
        ("chrome-trace", vec!["cpu/microseconds".into(), "time/microseconds".into()])
    );
    assert_eq!(folded(&profile), ["Main;f 70 0", "Main;f;g 30 0", "Main;task 0 4"]);
    let thread = |kind| profile.label_values("thread", kind)[0];
    assert_eq!((thread(0), thread(1)), (("Main", 100.0), ("Main", 4.0)));
    assert_eq!(notices, [NoticeCode::DanglingReference]);
    let text = r#"{"traceEvents":[{"ph":"M","name":"thread_name","pid":1,"ts":"0","tid":"7","args":{"name":"js"}}],
        "samples":[{"ts":"1","pid":1,"tid":"7","weight":"2","sf":2},{"ts":"2","pid":1,"tid":"7","sf":1},
          {"ts":"3","pid":1,"tid":"7","sf":9},{"ts":"3","pid":1,"tid":"7","sf":3}],
        "stackFrames":{"1":{"name":"root"},"2":{"name":"f","parent":1},"3":{"name":"loop","parent":3}}}"#;
    let (_, profile, notices) = read(text).unwrap();
    assert_eq!(types(&profile), ["samples/count"]);
    assert_eq!(folded(&profile), ["loop;loop;loop;loop 1", "root 1", "root;f 2"]);
    assert_eq!(profile.label_values("thread", 0), [("js", 4.0)]);
    assert_eq!(notices, [NoticeCode::DanglingReference, NoticeCode::DanglingReference]);
}

#[test]
fn java_names_what_was_inlined_behind_arrows() {
    let text = "java 1/2 1.5: cycles: \n\t 7f0 La;::print->Lb;::write->Lc;::put+0x4 (/tmp/perf-1.map)\n\t 7f1 La;::main (/tmp/perf-1.map)\n\n\
        cpp 1/2 1.6: cycles: \n\t 7f0 p<T>::operator->+0x4 (/bin/cpp)\n\t 7f0 f(int) -> int (/bin/cpp)\n\n";
    let (_, profile, _) = read(text).unwrap();
    let wanted = ["cpp;f(int) -> int;p<T>::operator-> 1", "java;La;::main;La;::print;Lb;::write_[i];Lc;::put_[i] 1"];
    assert_eq!(folded(&profile), wanted);
}

#[test]
fn stackprof_repeats_stacks_by_number() {
    let text = r#"{"version":1.2,"mode":"wall","interval":1000,"samples":3,"total_samples":3,"frames":{
        "9007199254740993":{"name":"main","samples":0},"9007199254740995":{"name":"work","samples":3}},
        "raw":[2,9007199254740993,9007199254740995,2,1,9007199254740993,1]}"#;
    let (format, profile, _) = read(text).unwrap();
    assert_eq!((format, types(&profile)), ("stackprof", vec!["wall/microseconds".to_string()]));
    assert_eq!(folded(&profile), ["main 1000", "main;work 2000"]);
    let flat = format!("{}}}", text.split(",\n        \"raw\"").next().unwrap());
    let (_, profile, notices) = read(&flat).unwrap();
    assert_eq!((folded(&profile), notices), (vec!["work 3000".to_string()], vec![NoticeCode::TruncatedStacks]));
}

#[test]
fn callgrind_is_a_graph_without_stacks() {
    let text = "version: 1\ncreator: by hand\npositions: instr line\nevents: Ir Dr\n\nfl=(1) a.c\nfn=(1) main\n0x10 16 20 3\n\
        cfn=(2) work\ncalls=3 50\n0x14 16 400 7\n+4 +1 5\n\nfn=(2)\n* 51 100 2\n";
    let (format, profile, notices) = read(text).unwrap();
    assert_eq!((format, types(&profile)), ("callgrind", vec!["Ir/count".to_string(), "Dr/count".to_string()]));
    assert_eq!(folded(&profile), ["main 25 3", "work 100 2"]);
    assert_eq!(notices, [NoticeCode::TruncatedStacks]);
}

#[test]
fn samples_of_macos_and_dtrace_are_trees_and_blocks() {
    let text = "Analysis of sampling x (pid 1) every 1 millisecond\n\nCall graph:\n    10 Thread_1   DispatchQueue_1\n\
        \x20   + 10 start  (in libdyld.dylib) + 1  [0x7f]\n    +   6 main  (in x) + 41  [0x10]\n    +   ! 4 work  (in x)\n\
        \x20   +   3 other  (in x)\n\nTotal number in stack (recursive counted multiple, when >=5):\n        9 nothing\n";
    let (format, profile, _) = read(text).unwrap();
    assert_eq!(format, "macos-sample");
    let thread = "Thread_1   DispatchQueue_1";
    let wanted = [("start 1", ""), ("start;main 2", ""), ("start;main;work 4", ""), ("start;other 3", "")];
    assert_eq!(folded(&profile), wanted.map(|(stack, _)| format!("{thread};{stack}")));
    // What a thread has left is added when the next one begins.
    let two = text.replace("\n\nTotal", "\n    5 Thread_2\n    + 3 start  (in x)\n\nTotal");
    let (_, profile, _) = read(&two).unwrap();
    assert_eq!(profile.label_values("thread", 0), [(thread, 10.0), ("Thread_2", 5.0)]);
    let text = "CPU     ID                    FUNCTION:NAME\n  1  29684                        :tick-60s \n\n\n\
        \x20             x`leaf+0x6f\n              x`root\n                3\n\n              x`root+0x1\n                2\n";
    let (format, profile, _) = read(text).unwrap();
    assert_eq!((format, folded(&profile)), ("dtrace", vec!["root 2".to_string(), "root;leaf 3".to_string()]));
    let quiet = &text[text.find("\n\n\n").unwrap()..];
    for other in [quiet.to_string(), format!("dtrace: description 'x' matched 1 probe\n{text}")] {
        assert_eq!(read(&other).unwrap().1.len(), 2, "{other}");
    }
    // What is wrong with a file, not that its format were not read.
    let error = |text: &str| read(text).unwrap_err().kind.code();
    assert_eq!(error("CPU     ID      FUNCTION:NAME\n  1  29684     :tick-60s \n"), "no-data");
    assert_eq!(error("Analysis of sampling x (pid 1) every 1 millisecond\nProcess: x\n"), "no-data");
}

/// Each text cut anywhere, and with bytes turned: an answer or an error, in time.
#[test]
fn broken_profiles_give_an_answer_or_an_error() {
    let whole = [
        "x 1 2.5: 7 cycles: \n\t 1 f+0x1 (m)\n\n",
        r#"{"shared":{"frames":[{"name":"a"}]},"profiles":[{"type":"evented","unit":"s","events":[{"type":"O","frame":0,"at":0},{"type":"C","frame":0,"at":5}]}]}"#,
        r#"{"nodes":[{"id":1,"callFrame":{"functionName":"a"},"hitCount":1,"children":[1]}],"samples":[1],"timeDeltas":[1]}"#,
        r#"{"meta":{},"threads":[{"samples":{"stack":[0]},"stackTable":{"prefix":[0],"frame":[0]},"frameTable":{"func":[0]},"funcTable":{"name":[0]},"stringArray":["a"]}]}"#,
        r#"[{"ph":"B","name":"a","ts":1},{"ph":"E","ts":1e300}]"#,
        r#"{"mode":"cpu","interval":1,"total_samples":1,"frames":{"1":{"name":"a"}},"raw":[1,1,9000000000000000000]}"#,
        "events: Ir\nfn=(1) f\n1 5\ncalls=1 1\n1 5\n",
        "Analysis of sampling\nCall graph:\n  5 a\n    4 b\n",
        "CPU ID FUNCTION:NAME\n  a`b\n  5\n",
    ];
    let mut random = 7u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize
    };
    for text in whole {
        let mut good = 0;
        for cut in 0..=text.len() {
            let _ = read_any(text.get(..cut).unwrap_or("").as_bytes());
        }
        for _ in 0..2000 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..1 + next() % 3 {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
            good += usize::from(read_any(&bytes));
        }
        assert!(good > 0, "{text}");
    }
}

fn read_any(bytes: &[u8]) -> bool {
    format::read(Source { name: "x", bytes }).is_ok()
}
