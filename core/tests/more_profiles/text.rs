//! Tools that print text.

use crate::shown::{holds, read};

const UNNAMED: &str = "TruncatedStacks 1 addresses without names";
const GRAPH: &str = "TruncatedStacks 1 a graph of calls: each function on its own";

#[test]
fn heaps_of_tcmalloc_are_scaled_and_placed() {
    let text = "heap profile:      2:      200 [     4:      400] @ heap_v2/100\n\
        \x20    1:      100 [     3:      300] @ 0x1010 0x5005 0x9000\n\
        \x20    1:      100 [     1:      100] @ 0x1010\n\n\
        MAPPED_LIBRARIES:\n00001000-00002000 r-xp 00000200 08:01 7   /bin/tool\n00005000-00006000 rw-p 00000000 00:00 0 \n";
    // 100 bytes at a rate of 100 are seen with a chance of 1 - 1/e.
    holds(
        text.as_bytes(),
        "pprof-legacy",
        &["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes*"],
        &["0x8fff;0x5004;[tool+0x20f] 4 474 1 158", "[tool+0x20f] 1 158 1 158"],
        &["TruncatedStacks 2 addresses without names"],
    );
    let plain = text.replace("heap_v2/100", "heapprofile").replace("[     4:      400]", "[     2:      200]");
    holds(
        plain.as_bytes(),
        "pprof-legacy",
        &["objects/count", "space/bytes*"],
        &["0x8fff;0x5004;[tool+0x20f] 1 100", "[tool+0x20f] 1 100"],
        &["TruncatedStacks 2 addresses without names"],
    );
}

#[test]
fn heaps_of_jemalloc_count_all_threads_together() {
    let text = "heap_v2/524288\n  t*: 3: 3145728 [0: 0]\n  t0: 3: 3145728 [0: 0]\n@ 0x11 0x21\n  t*: 1: 524288 [0: 0]\n\
        \x20 t0: 1: 524288 [0: 0]\n@ 0x11\n  t*: 2: 0 [0: 0]\n\nMAPPED_LIBRARIES:\n10-30 r-xp 0 00:00 0 [vdso]\n";
    holds(
        text.as_bytes(),
        "pprof-legacy",
        &["objects/count", "space/bytes*"],
        &["[vdso+0x0] 2 0", "[vdso+0x10];[vdso+0x0] 1 829411"],
        &["TruncatedStacks 2 addresses without names"],
    );
}

#[test]
fn go_prints_names_below_each_stack() {
    let text = "goroutine profile: total 5\n3 @ 0x10 0x20 0x30\n# labels: {\"k\":\"v\"}\n#\t0xf\tmain.leaf+0x5\t/a.go:3\n\
        #\t0xf\tmain.middle+0x5\t/a.go:5\n#\t0x2f\tmain.(*T).f+0x1\t\t/b.go:7\n\n2 @ 0x10\n\nunknown words\n";
    holds(
        text.as_bytes(),
        "pprof-legacy",
        &["goroutine/count*"],
        &["0xf 2", "main.(*T).f;main.middle;main.leaf 3"],
        &["UnknownRecord 1 unknown words", UNNAMED],
    );
    // Labels are of the stack that they stand behind alone; what is no JSON is told.
    let text = text.replace("\"k\":\"v\"", "\"k\":\"v\", \"path\":\"/a \\\"b\\\"\"")
        + "1 @ 0x20\n# labels: {\"k\":\"v\"}\n\n1 @ 0x20\n# labels: {\"k\":\"\\x1b\"}\n";
    let profile = holds(
        text.as_bytes(),
        "pprof-legacy",
        &["goroutine/count*"],
        &["0x1f 2", "0xf 2", "main.(*T).f;main.middle;main.leaf 3"],
        &["UnknownRecord 1 unknown words", "TruncatedStacks 3 addresses without names", "BrokenLine 1 labels"],
    );
    assert_eq!(profile.label_keys(0), [("k", 4.0), ("path", 3.0)]);
    assert_eq!(
        (profile.label_values("path", 0), profile.label_values("k", 0)),
        (vec![("/a \"b\"", 3.0)], vec![("v", 4.0)])
    );
    let mutex = "--- mutex:\ncycles/second=2000000000\nsampling period=5\n40 2 @ 0x10\n#\t0xf\tsync.(*Mutex).Unlock+0x5\t/a.go:3\n\n";
    holds(
        mutex.as_bytes(),
        "pprof-legacy",
        &["contentions/count", "delay/nanoseconds*"],
        &["sync.(*Mutex).Unlock 10 100"],
        &[],
    );
    let dump = "goroutine 1 [running]:\nmain.f(0x1, {0x2, 0x3})\n\t/a.go:29 +0x6f\nmain.g(...)\n\t/a.go:30\nmain.main()\n\t/a.go:142 +0x2c7\n\n\
        goroutine 22 [sleep, 5 minutes]:\ntime.Sleep(0x3b9aca00)\n\t/time.go:188 +0xbf\n...additional frames elided...\ncreated by main.main\n\t/a.go:5 +0x1\n\nexit status 2\n";
    holds(
        dump.as_bytes(),
        "goroutines",
        &["goroutine/count*"],
        &["main.main;main.g_[i];main.f 1", "time.Sleep 1"],
        &["TruncatedStacks 1 frames elided", "UnknownRecord 1 exit status 2"],
    );
    assert_eq!(read(format!("panic: oh\n\n{dump}").as_bytes()).unwrap().0, "goroutines");
}

#[test]
fn threads_and_contention_of_cpp_and_java() {
    let threads = "--- threadz 1 ---\n\n--- Thread 7f (name: main/1) stack: ---\n  PC:  0x10: wait(int)\n  0x21: main\n      creator: 0x31\n\
        --- Thread 80 (name: b/2) stack: ---\n  [same as previous thread]\n--- Memory map: ---\n  00000030-00000040: /lib/x.so\n";
    holds(threads.as_bytes(), "pprof-legacy", &["thread/count*"], &["[x.so+0x0];main;wait(int) 2"], &[UNNAMED]);
    let java = "--- contentionz 1 ---\nformat = java\nresolution = microseconds\nsampling period = 10\nms since reset = 2000\n\
        discarded samples = 0\n 7 3 @ 0x1 0x2\n\n 0x1 a.B.c (B.java:5)\n 0x2 a.D.run (Unknown Source)\n";
    let profile = holds(
        java.as_bytes(),
        "pprof-legacy",
        &["contentions/count", "delay/microseconds*"],
        &["a.D.run (Unknown Source);a.B.c 30 70"],
        &[],
    );
    assert_eq!(profile.duration_seconds(), Some(2.0));
    let heap = "--- heapz 1 ---\nformat = java\nresolution = bytes\n 524288 1 @ 0x1\n 0x1 a.B.c (B.java:5)\n";
    holds(heap.as_bytes(), "pprof-legacy", &["inuse_objects/count", "inuse_space/bytes*"], &["a.B.c 1 829411"], &[]);
}

#[test]
fn instruments_copies_its_table() {
    let text = "Weight\tSelf Weight\t\tSymbol Name\n3.00 Kc  100.0%\t-\t \tapp (1)\n3.00 Kc  100.0%\t1.00 Kc\t \t main\n2.00 Kc   66.0%\t1.50 Kc\t \t  f\n\
        500 cycles    9.0%\t500 cycles\t \t   g\n1.00 Kc\t1.00 Kc\t \t other\nbroken\n";
    holds(
        text.as_bytes(),
        "instruments",
        &["cycles/count*"],
        &["app (1);main 1000", "app (1);main;f 1500", "app (1);main;f;g 500", "app (1);other 1000"],
        &["UnknownRecord 1 broken"],
    );
    let times = "Running Time\tSelf (ms)\t\tSymbol Name\n3.0ms  100.0%\t1\t \tmain\n2.0ms   66.0%\t2\t \t f\n";
    holds(times.as_bytes(), "instruments", &["time/nanoseconds*"], &["main 1000000", "main;f 2000000"], &[]);
    let without =
        "copied from Instruments\nWeight\tSelf Weight\tSymbol Names\n3.0 ms\t1.0 ms\tmain\n2.0 ms\t2.0 ms\t f\n";
    holds(without.as_bytes(), "instruments", &["time/nanoseconds*"], &["main 1000000", "main;f 2000000"], &[]);
    let bytes = "Bytes Used\tCount\t\tSymbol Name\n5.00 KB 100.0%\t9\t \tmain\n3.00 KB  60.0%\t5\t \t f\n\
        512 Bytes  1.0%\t1\t \t  g\n1.00 KB  20.0%\t4\t \t h\nx\ty\tz\tw\n";
    holds(
        bytes.as_bytes(),
        "instruments",
        &["space/bytes*", "objects/count"],
        &["main 1000 0", "main;f 2488 4", "main;f;g 512 1", "main;h 1000 4"],
        &["UnknownRecord 2 x\ty\tz\tw"],
    );
}

#[test]
fn vtune_and_visual_studio_are_tables_of_calls() {
    let text = "war:Column filter is ON.\nFunction Stack,CPU Time:Self,Module\nTotal,0.0,[Unknown]\n main,0.5,a.exe\n  \"f<a, b>\",0.25,a.exe\n g,1.0s,b.dll\nx\n";
    holds(
        text.as_bytes(),
        "vtune",
        &["CPU Time/seconds*"],
        &["g 1", "main 0.5", "main;f<a, b> 0.25"],
        &["BrokenLine 1 x"],
    );
    let text = "\u{feff}Level,Function Name,Number of Calls,Elapsed Inclusive Time %,Elapsed Exclusive Time %,Avg Elapsed Inclusive Time,Avg Elapsed Exclusive Time,Module Name,\r\n\
        0,\"a.exe\",0,100.00,1.00,0.00,0.00,\"\",\r\n1,\"f(int, int)\",\"1,471\",91.25,60.5,401.92,81.02,\"a.exe\",\r\n2,\"g\",2,30.00,38.5,0,0,\"\",\r\nx,\"h\",2,30.00,38.5,0,0,\"\",\r\n";
    holds(
        text.as_bytes(),
        "visual-studio",
        &["elapsed/percent*", "calls/count"],
        &["a.exe 1 0", "a.exe;f(int, int) 60.5 1471", "a.exe;f(int, int);g 38.5 2"],
        &["BrokenLine 1 h"],
    );
}

#[test]
fn ghc_prints_shares_and_on_demand_ticks() {
    let head = "\tSun Aug  6 14:50 2023 Time and Allocation Profiling Report  (Final)\n\n\t   a +RTS -p -RTS\n\n\ttotal time  =        0.02 secs   (20 ticks @ 1000 us, 1 processor)\n\n\
        COST CENTRE MODULE SRC %time %alloc\n\nmain Main a.hs:1:1 99.0 9.4\n\n\n    individual inherited\n";
    let shares = "COST CENTRE  MODULE  SRC  no.  entries  %time %alloc   %time %alloc\n\nMAIN  MAIN  <built-in>  337  0  0.5  0.0  100.0  100.0\n main  Main  a.hs:1:1  338  1  99.5  100.0  99.5  100.0\nbroken\n";
    let profile = holds(
        (head.to_string() + shares).as_bytes(),
        "ghc",
        &["time/percent*", "alloc/percent"],
        &["MAIN.MAIN 0.5 0", "MAIN.MAIN;Main.main 99.5 100"],
        &["UnknownRecord 1 broken"],
    );
    assert_eq!(profile.duration_seconds(), Some(0.02));
    let ticks = "COST CENTRE  MODULE  SRC  no.  entries  %time %alloc   %time %alloc  ticks     bytes\n\nMAIN  MAIN  <built-in>  337  0  0.0  0.0  100.0  100.0  0  728\n f  Main  a.hs:1:1  338  1  99.5  100.0  99.5  100.0  19  1,024\n";
    holds(
        (head.to_string() + ticks).as_bytes(),
        "ghc",
        &["ticks/count*", "alloc_space/bytes"],
        &["MAIN.MAIN 0 728", "MAIN.MAIN;Main.f 19 1024"],
        &[],
    );
}

#[test]
fn pmcstat_grows_from_the_leaf() {
    let text = "@ inst_retired.any [9 samples]\n\n66.6%  [6]     leaf @ /boot/kernel/zfs.ko\n 66.6%  [4]      a\n  50.00%  [2]       root @ /boot/kernel/kernel\n 33.3%  [2]      b\n\n33.3%  [3]     alone\n\n\
        @ cpu_clk [1 samples]\n\n100.0%  [1]     leaf\nnot a line\n";
    holds(
        text.as_bytes(),
        "pmcstat",
        &["inst_retired.any/count*", "cpu_clk/count"],
        &["a;leaf 2 0", "alone 3 0", "b;leaf 2 0", "leaf 0 1", "root;a;leaf 2 0"],
        &["UnknownRecord 1 not a line"],
    );
}

#[test]
fn hprof_names_stacks_by_number() {
    let text = "JAVA PROFILE 1.0.1, created Fri Dec 18 16:33:00 2009\n\nTRACE 300001:\n\ta.B.leaf(B.java:5)\n\ta.B.main(Unknown Source)\nTRACE 300002: (thread=200001)\n\t<empty>\n\
        SITES BEGIN (ordered by live bytes) Fri Dec 18\n          percent          live          alloc'ed  stack class\n rank   self  accum     bytes objs     bytes  objs trace name\n    1 44.73% 44.73%   1161280 14516  1161281 14517 300001 java.util.zip.ZipEntry\nSITES END\n\
        CPU SAMPLES BEGIN (total = 5) Fri Dec 18\nrank   self  accum   count trace method\n   1 60.00% 60.00%       3 300001 a.B.leaf\n   2 40.00% 100.0%       2 300002 x\n   3 40.00% 100.0%       2 9 x\nCPU SAMPLES END\n";
    holds(
        text.as_bytes(),
        "hprof",
        &["inuse_space/bytes*", "inuse_objects/count", "alloc_space/bytes", "alloc_objects/count", "samples/count"],
        &[" 0 0 0 0 2", "a.B.main;a.B.leaf 1161280 14516 1161281 14517 3"],
        &["DanglingReference 1 TRACE"],
    );
    let times = "JAVA PROFILE 1.0.1, created now\nTRACE 1:\n\ta.f(A.java:1)\nCPU TIME (ms) BEGIN (total = 200) Fri\nrank   self  accum   count trace method\n   1 25.00% 25.00%  7 1 a.f\nCPU TIME (ms) END\n";
    holds(times.as_bytes(), "hprof", &["time/milliseconds*", "calls/count"], &["a.f 50 7"], &[]);
}

#[test]
fn hprof_tells_the_threads_of_stacks() {
    let text = "JAVA PROFILE 1.0.1, created now\nTHREAD START (obj=5, id = 200001, name=\"main\", group=\"main\")\n\
        TRACE 1: (thread=200001)\n\ta.f(A.java:1)\nTRACE 2: (thread=200004)\n\ta.f(A.java:1)\nTRACE 3:\n\ta.f(A.java:1)\n\
        TRACE 4: (thread=9)\n\ta.g(A.java:1)\nTHREAD START (obj=5, id = 200004, name=\"a \"b\", c\", group=\"x\")\n\
        CPU SAMPLES BEGIN (total = 15) Fri\nrank self accum count trace method\n 1 6% 6% 1 1 a.f\n 2 6% 6% 2 2 a.f\n 3 6% 6% 4 3 a.f\n 4 6% 6% 8 4 a.g\nCPU SAMPLES END\n";
    let profile = holds(text.as_bytes(), "hprof", &["samples/count*"], &["a.f 7", "a.g 8"], &[]);
    assert_eq!(profile.label_values("thread", 0), [("a \"b\", c", 2.0), ("main", 1.0)]);
    assert_eq!(profile.label_values("thread_id", 0), [("9", 8.0), ("200004", 2.0), ("200001", 1.0)]);
}

#[test]
fn gprof_has_what_each_function_took_itself() {
    let flat = "Flat profile:\n\nEach sample counts as 0.01 seconds.\n  %   cumulative   self              self     total           \n time   seconds   seconds    calls   s/call   s/call  name    \n\
        \x20 60.00      0.75     0.75   603269     0.00     0.00  operator new(unsigned long)\n 40.00      1.25     0.50                             main\n\n %         the percentage of the total\n\nindex  % time    self  children called     name\n[1]    100.0    9.00    2.61                 main [1]\n";
    holds(flat.as_bytes(), "gprof", &["time/seconds*"], &["main 0.5", "operator new(unsigned long) 0.75"], &[GRAPH]);
    let graph = "index  % time    self  children called     name\n                                             <spontaneous>\n[1]    100.00    0.00     1.93    0      start [1]\n                 0.16     1.77    1/1        main [2]\n----------------------------------------\n\
        [3]     91.71    1.77     0.00    1+5    <cycle 1 as a whole> [3]\n----------------------------------------\n[4]     52.85    1.02     0.00    3      b <cycle 1> [4]\n[5]     52.85    0.25     0.00      f(int) [5]\n\nIndex by function name\n\n   [1] start\n";
    holds(graph.as_bytes(), "gprof", &["time/seconds*"], &["b 1.02", "f(int) 0.25", "start 0"], &[GRAPH]);
    let axe = "Index  % CPU Time:Total  CPU Time:Self  CPU Time:Children  Name                 Index\n-----  ----------------  -------------  -----------------  -------------------  -----\n                         0.0            3.120                _start             [2]  \n\
        [1]    100.0             0.5            3.120              print matrix         [1]  \n\nIndex by function name\n\nIndex  Function         \n[1]    x\n";
    holds(axe.as_bytes(), "gprof", &["time/seconds*"], &["print matrix 0.5"], &[GRAPH]);
}

#[test]
fn flame_graphs_of_async_profiler_are_read_back() {
    let head = "<!DOCTYPE html>\n<html lang='en'>\n<script>\n\t// async-profiler\n\tconst levels = Array(3);\n\tfunction f(key, level, left, width) {\n\t}\n";
    let text = format!(
        "{head}const cpool = [\n'all',\n' java/Foo.a',\n')b\\'s',\n' main'\n];\nunpack(cpool);\n\nf(3,0,0,10)\nu(27,8)\nu(9,5)\nn(17,2)\nf(13,1,8,2)\nn(999)\n\nsearch();\n</script>\n"
    );
    holds(
        text.as_bytes(),
        "flame-html",
        &["samples/count*"],
        &["java/Foo.a_[k] 2", "main 1", "main;java/Foo.a 5", "main;java/Foo.b's 2"],
        &["DanglingReference 1 cpool"],
    );
    let old = format!("{head}f(0,0,10,0,'all')\nf(1,0,7,1,'it\\'s')\nf(2,0,3,1,'b')\nf(1,7,2,1,'c')\n");
    holds(old.as_bytes(), "flame-html", &["samples/count*"], &[" 1", "c 2", "it's 4", "it's;b 3"], &[]);
}
#[test]
fn perf_prints_more_than_samples_and_frames() {
    // What happened to processes stands between the samples, and in front of them by the thousand.
    let record =
        "swapper     0     0.000000: PERF_RECORD_MMAP -1/0: [0xffff(0x12) @ 0xffff]: x [kernel.kallsyms]_text\n";
    let text = record.repeat(2000)
        + "a 42 1.5: PERF_RECORD_COMM: a:42/42\na 42 1.5: 2 cycles: \n\t 4f f+0x1 (t)\n  t.c:12\n\t 50 g (t)\n  t[50]\n\n\
        a 42 1.6: PERF_RECORD_LOST lost 7\na 42 1.7: PERF_RECORD_EXIT(42:42):(1:1)\n";
    holds(
        text.as_bytes(),
        "perf-script",
        &["cycles/count*"],
        &["a;g;f 2"],
        &["UnknownRecord 1 a 42 1.6: PERF_RECORD_LOST lost 7"],
    );
    assert_eq!(crate::shown::detected(record.repeat(2000).as_bytes()), Some("perf-script"));
    // Addresses of data stand on the line of a sample, whose frames are below or behind.
    let text = "a 42 1.5: 2 page-faults: 562b d+0x0 (t)\n\t 4f f+0x1 (t)\n\t 50 g (t)\n\n\
        a 42 1.6: 4 page-faults: 562b d (t) ff4f f(int) const (k)\na 42 1.7: 8 page-faults: 4f f(int) const (k)\n";
    holds(text.as_bytes(), "perf-script", &["page-faults/count*"], &["a;f(int) const 12", "a;g;f 2"], &[]);
}

#[test]
fn perf_may_leave_out_events_and_orders_of_time() {
    let text = "a 42/42 1.5: \n\t 4f f\n\na 42/43 2.75: \n\t 4f f\n\t 50 g\n\n";
    let profile = holds(text.as_bytes(), "perf-script", &["samples/count*"], &["a;f 1", "a;g;f 1"], &[]);
    assert_eq!(profile.duration_seconds(), Some(1.25));
    let (_, twice, _) = read(text.repeat(2).as_bytes()).unwrap();
    assert_eq!(twice.duration_seconds(), None);
    // The name of a command may look like an address.
    let text = "dd 42 1.5: 2 cycles: 4f f+0x1 (t)\ndd 42 1.6: 4 cycles: 4f f+0x1 (t)\n";
    holds(text.as_bytes(), "perf-script", &["cycles/count*"], &["dd;f 6"], &[]);
}

#[test]
fn texts_that_are_cut_inside_of_a_line_say_so() {
    let perf = "a 42 1.5: 2 cycles: \n\t 4f f+0x1 (t)\n\t 50 g+0x1 (t)\n";
    let kinds = ["cycles/count*"];
    holds(perf.trim_end().as_bytes(), "perf-script", &kinds, &["a;g;f 2"], &[]);
    holds(perf.trim_end_matches("t)\n").as_bytes(), "perf-script", &kinds, &["a;g;f 2"], &["Truncated 1 "]);
    let first = perf.split_once("1 (t)\n\t 50").unwrap().0;
    let text = perf.to_string() + "\n" + first;
    holds(text.as_bytes(), "perf-script", &kinds, &["a;f 2", "a;g;f 2"], &["Truncated 1 "]);
    let go = "goroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:3 +0x1\nmain.main()\n\t/a.go:9 +0x1";
    holds(go.as_bytes(), "goroutines", &["goroutine/count*"], &["main.main;main.f 1"], &[]);
    let cut = go.split_once("\n\t/a.go:9").unwrap().0;
    holds(cut.as_bytes(), "goroutines", &["goroutine/count*"], &["main.main;main.f 1"], &["Truncated 1 "]);
    let go = "goroutine profile: total 3\n3 @ 0x10 0x20\n#\t0xf\tmain.f+0x5\t/a.go:3";
    holds(go.as_bytes(), "pprof-legacy", &["goroutine/count*"], &["main.f 3"], &["Truncated 1 "]);
}

#[test]
fn folded_stacks_may_have_no_frames() {
    let bare = "TruncatedStacks 1 a sample without frames";
    holds(b"a;b 3\n 2\na;c 1\n", "folded", &["samples/count*"], &[" 2", "a;b 3", "a;c 1"], &[bare]);
}

#[test]
fn go_counts_what_a_program_names() {
    for name in ["goroutineleak", "example.com/conns.open"] {
        let text = format!("{name} profile: total 3\n3 @ 0x10 0x20\n#\t0xf\tmain.f+0x5\t/a.go:3\n");
        holds(text.as_bytes(), "pprof-legacy", &[&format!("{name}/count*")], &["main.f 3"], &[]);
    }
    assert!(read(b"a profile: total of 3\n3 @ 0x10 0x20\n").is_err());
}

#[test]
fn stacks_of_goroutines_may_have_lines_of_windows() {
    let text = "goroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:3 +0x1\n\npanic: x\n";
    let dos = text.replace('\n', "\r\n");
    holds(dos.as_bytes(), "goroutines", &["goroutine/count*"], &["main.f 1"], &["UnknownRecord 1 panic: x"]);
    // Go 1.26 has the labels of goroutines there.
    let text = "goroutine 7 [chan receive] {id: 0, \"a key\": \"wait \\\"er\"}:\nmain.f(0x1)\n\t/a.go:3 +0x1\n\n\
        goroutine 8 [select, 2 minutes] {id: \"\\x01\"}:\nmain.f(0x1)\n\t/a.go:3 +0x1\n";
    let kinds = ["goroutine/count*"];
    let profile = holds(text.as_bytes(), "goroutines", &kinds, &["main.f 2"], &["BrokenLine 1 labels"]);
    assert_eq!(
        (profile.label_values("id", 0), profile.label_values("a key", 0)),
        (vec![("0", 1.0)], vec![("wait \"er", 1.0)])
    );
}

#[test]
fn austin_says_what_its_numbers_are() {
    let text = |mode: &str, lines: &str| {
        format!("# austin: 3.7.0\n# interval: 2000\n# mode: {mode}\n\n{lines}\n# duration: 9\n")
    };
    holds(
        text("wall", "P1;T0:1;a.py:f:2 14221\nP1;T0:1;a.py:f:2 2\nx").as_bytes(),
        "austin",
        &["wall/microseconds*"],
        &["P1;T0:1;a.py:f:2 14223"],
        &["UnknownRecord 1 x"],
    );
    holds(
        text("memory", "P1;T0:1;a 65536\nP1;T0:1;a -4096").as_bytes(),
        "austin",
        &["alloc_space/bytes*", "freed_space/bytes"],
        &["P1;T0:1;a 65536 4096"],
        &[],
    );
    holds(
        text("full", "P1;T0:1;a 20,0,-8\nP1;T0:1;a 30,1,4").as_bytes(),
        "austin",
        &["wall/microseconds*", "cpu/microseconds", "alloc_space/bytes", "freed_space/bytes"],
        &["P1;T0:1;a 50 20 4 8"],
        &[],
    );
}

#[test]
fn callgrind_has_units_of_xdebug_and_a_sum_at_the_end() {
    let xdebug = "version: 1\ncreator: xdebug 3.2.0 (PHP 8.2.36)\npositions: line\n\nevents: Time_(10ns) Memory_(bytes)\n\n\
        fl=(1) php:internal\nfn=(1) php::range\n4 1633 36920\n\nsummary: 1633 36920\n";
    holds(
        xdebug.as_bytes(),
        "callgrind",
        &["Time/nanoseconds*", "Memory/bytes"],
        &["php::range 16330 36920"],
        &[GRAPH],
    );
    let whole = "version: 1\ncreator: callgrind-3.19.0\npositions: line\nevents: Ir\nsummary: 9\n\nfn=f\n1 4\n2 5\n\ntotals: 9\n";
    holds(whole.as_bytes(), "callgrind", &["Ir/count*"], &["f 9"], &[GRAPH]);
    let python = "event: ns : Nanoseconds\nevents: ns\nsummary: 9\nfl=a.py\nfn=f\n1 4\n";
    holds(python.as_bytes(), "callgrind", &["ns/nanoseconds*"], &["f 4"], &[GRAPH]);
    let cut = whole.split_once("2 5").unwrap().0;
    holds(cut.as_bytes(), "callgrind", &["Ir/count*"], &["f 4"], &["Truncated 1 totals:", GRAPH]);
}

#[test]
fn maps_of_bpftrace_hold_stacks_and_other_keys() {
    let text = "Attaching 2 probes...\n\n\n@[\n    leaf+31 (/bin/tool)\n    main+12\n]: 3\n\
        @[\nold_leaf+1\n\t55e7 main+12 (/bin/tool)\n]: 1\n@[\n    kernel_leaf+7\n, \n    leaf+9\n    main+12\n, tool, 42]: 2\n\
        @bytes[tool, \n    malloc+1\n]: 4096\n@count[tool]: 7\n@[\n    main+12\n";
    holds(
        text.as_bytes(),
        "bpftrace",
        &["samples/count*", "bytes/count"],
        &["main;leaf 3 0", "main;old_leaf 1 0", "tool;42;main;leaf;kernel_leaf 2 0", "tool;malloc 0 4096"],
        &["UnknownRecord 1 @count[tool]: 7", "Truncated 1 a stack has no end"],
    );
}

#[test]
fn simpleperf_writes_samples_with_tabs() {
    let text = "Gecko\t42 [007] 1.500000:\t\t1000 task-clock:u: \n\tb3ce\tLock::unlock() (/lib/libc.so)\n\tb3cf\tmain (/bin/app)\n\n\
        Gecko\t42 [007] 1.600000:\t\t500 task-clock:u: \n\tb3cf\tmain (/bin/app)\n\n";
    holds(
        text.as_bytes(),
        "perf-script",
        &["task-clock:u/nanoseconds*"],
        &["Gecko;main 500", "Gecko;main;Lock::unlock() 1000"],
        &[],
    );
}

#[test]
fn shares_may_have_a_comma() {
    let text = "JAVA PROFILE 1.0.1, created Sun\n\nTRACE 300001:\n\ta.B.leaf(B.java:1)\n\
        CPU TIME (ms) BEGIN (total = 200) Sun\nrank   self  accum   count trace method\n\
        \x20  1 12,50% 12,50%       3 300001 a.B.leaf\nCPU TIME (ms) END\n";
    holds(text.as_bytes(), "hprof", &["time/milliseconds*", "calls/count"], &["a.B.leaf 25 3"], &[]);
}

#[test]
fn another_profile_behind_is_told() {
    let flat = "Flat profile:\n\n  %   cumulative   self              self     total\n time   seconds   seconds    calls  ms/call  ms/call  name\n 60.0      0.50     0.50        3     0.1     0.1  f\n\n";
    holds(flat.repeat(2).as_bytes(), "gprof", &["time/seconds*"], &["f 0.5"], &["TrailingData 1 ", GRAPH]);
    let heap = "heap profile: 1: 100 [1: 100] @ heapprofile\n 1: 100 [1: 100] @ 0x1011\n\nMAPPED_LIBRARIES:\n00001000-00002000 r-xp 0 08:01 7 /bin/tool\n";
    holds(
        heap.repeat(2).as_bytes(),
        "pprof-legacy",
        &["objects/count", "space/bytes*"],
        &["[tool+0x10] 1 100"],
        &["TruncatedStacks 1 addresses without names", "TrailingData 1 "],
    );
}

#[test]
fn prose_and_metrics_are_no_stacks() {
    let names = |text: &str| noisefloor_core::format::detect(text.as_bytes()).map(|format| format.id);
    assert_eq!(names("Title\n\n  a ``word`` and\n  `another`_ of them\n  12\n"), None);
    assert_eq!(names("# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{level=\"0\"} 1\n"), None);
}

#[test]
fn what_is_known_and_not_read_has_a_name() {
    let named = [
        ("desc: (none)\ncmd: ls\ntime_unit: i\n#-----------\nsnapshot=0\nmem_heap_B=0\n", "Massif"),
        ("v8-version,11,3,244,8,-node.14,0\nshared-library,/usr/bin/node,0x1,0x2,0\n", "V8's profiler"),
        ("gmon\u{1}\0\0\0\0\0", "gprof"),
        ("Version: 3.1.6\nFile format: 4\nTRACE START [2024-01-01 00:00:00.000000]\n", "Xdebug"),
        ("{\"start_time\": 1.5, \"duration\": 0.2, \"sample_count\": 3, \"root_frame\": {}}", "pyinstrument"),
        ("{\"alloc_samples\": 1, \"elapsed_time_sec\": 0.5, \"files\": {}}", "Scalene"),
        ("<?xml version=\"1.0\" ?>\n<verbosegc version=\"1\">\n", "IBM"),
        ("{\"name\":\"root\",\"value\":3,\"children\":[]}", "d3-flame-graph"),
    ];
    for (text, name) in named {
        let source = noisefloor_core::source::Source { name: "x", bytes: text.as_bytes() };
        let error = noisefloor_core::format::read(source).unwrap_err();
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
}

#[test]
fn stacks_stand_behind_a_signal_and_other_output() {
    let stack = "goroutine 1 [chan receive, 12 minutes]:\nmain.main()\n\t/a.go:29 +0x26\n";
    let detected = |text: String| noisefloor_core::format::detect(text.as_bytes()).map(|format| format.id);
    holds(
        format!("SIGQUIT: quit\nPC=0x46 m=0 sigcode=128\n\n{stack}").as_bytes(),
        "goroutines",
        &["goroutine/count*"],
        &["main.main 1"],
        &["UnknownRecord 1 SIGQUIT: quit", "UnknownRecord 1 PC=0x46 m=0 sigcode=128"],
    );
    assert_eq!(detected(format!("listening on :80\n{stack}")), Some("goroutines"));
    assert_eq!(detected(format!("BenchmarkX-2 \t 10 \t 5.0 ns/op\n{stack}")), Some("go-bench"));
}
