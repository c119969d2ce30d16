//! What a function belongs to, by its name: groups that the default view folds away, and the
//! categories that colours stand for. Lists, not code: a further runtime is a further line.

use crate::find::find;

/// Functions that carry a measured program without being part of it.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Stable id.
    pub id: &'static str,
    /// Beginnings of names.
    pub prefixes: &'static [&'static str],
    /// Whole names.
    pub names: &'static [&'static str],
}

/// The groups, the first that fits counts.
pub static GROUPS: &[Group] = &[
    Group {
        id: "gc",
        prefixes: &[
            "runtime.gc",
            "runtime.scan",
            "runtime.greyobject",
            "runtime.mark",
            "runtime.sweep",
            "runtime.bgsweep",
            "runtime.bgscavenge",
            "runtime.wbBuf",
            "runtime.(*gcWork)",
            "runtime.(*sweepLocked)",
            "runtime.findObject",
            "runtime.tryDeferToSpanScan",
            "G1",
            "GCTaskThread",
        ],
        names: &["runtime.bulkBarrierPreWrite", "runtime.deductSweepCredit"],
    },
    Group {
        id: "runtime",
        prefixes: &[
            "runtime.",
            "runtime/",
            "internal/runtime/",
            "internal/abi.",
            "std::rt::",
            "std::panicking::",
            "std::panic::",
            "std::sys::backtrace::",
            "std::sys_common::backtrace::",
            "std::sys::pal::unix::thread::",
            "std::sys::thread::",
            "std::thread::",
            "core::ops::function::",
            "__libc_start",
            "__rust_try",
            "__rust_begin_short_backtrace",
            "java.lang.Thread.run",
            "java/lang/Thread.run",
            "jdk.internal.reflect.",
            "java.lang.reflect.",
        ],
        names: &[
            "_start",
            "start_thread",
            "clone",
            "clone3",
            "__clone3",
            "thread_start",
            "_IO_puts",
            "lang_start",
            "lang_start_internal",
            "do_call",
            "catch_unwind",
            "call_once",
            "call_mut",
            "[libc.so.6]",
            "thread_native_entry",
            "JavaThread::run",
            "JavaThread::thread_main_inner",
            "Thread::call_run",
        ],
    },
    Group {
        id: "harness",
        prefixes: &[
            "testing.",
            "noisefloor::harness::",
            "criterion::",
            "divan::",
            "test::",
            "org.openjdk.jmh.",
            "benchmark::",
            "Catch::",
        ],
        names: &[],
    },
];

/// Whether a text stands in a name; the library's search is larger than the use here.
pub(crate) fn holds(name: &str, text: &str) -> bool {
    find(name.as_bytes(), text.as_bytes()).is_some()
}

/// The group of a function, as an index into [`GROUPS`]; `None`: the program itself.
#[must_use]
pub fn group_of(name: &str) -> Option<usize> {
    // Calls through a closure's trait object are how runtimes and harnesses call.
    if holds(name, "core::ops::function::Fn") {
        return GROUPS.iter().position(|g| g.id == "runtime");
    }
    // `<noisefloor::harness::X as Y>::f` belongs to what it is implemented for.
    let name = name.strip_prefix('<').unwrap_or(name);
    GROUPS.iter().position(|g| g.names.contains(&name) || g.prefixes.iter().any(|p| name.starts_with(p)))
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Category {
    /// The program.
    User = 0,
    /// A standard or system library.
    Library = 1,
    /// Runtime or harness.
    Runtime = 2,
    /// Memory: allocation, collection, copying.
    Memory = 3,
    /// The kernel, and calls into it.
    Kernel = 4,
    /// A place without a name.
    Unknown = 5,
}

const KERNEL: &[&str] =
    &["[kernel", "entry_SYSCALL", "do_syscall", "__x64_sys", "syscall.", "internal/runtime/syscall."];
const MEMORY: &[&str] = &[
    "malloc",
    "calloc",
    "realloc",
    "free",
    "cfree",
    "_int_malloc",
    "_int_free",
    "_int_realloc",
    "__libc_malloc",
    "__libc_free",
    "__memcpy",
    "__memmove",
    "__memset",
    "memcpy",
    "memmove",
    "memset",
    "operator new",
    "operator delete",
    "alloc::alloc::",
    "alloc::raw_vec::",
    "__rust_alloc",
    "__rust_realloc",
    "__rust_dealloc",
    "__rdl_",
    "je_",
    "runtime.malloc",
    "runtime.newobject",
    "runtime.makeslice",
    "runtime.growslice",
    "runtime.memclr",
    "runtime.memmove",
];
const LIBRARY: &[&str] = &[
    "std::",
    "core::",
    "alloc::",
    "<core::",
    "<alloc::",
    "<std::",
    "<&",
    "<[",
    "<str",
    "java.",
    "java/",
    "jdk.",
    "sun.",
    "fmt.",
    "strings.",
    "bytes.",
    "strconv.",
    "sort.",
    "sync.",
    "sync/",
    "reflect.",
    "encoding/",
    "io.",
    "bufio.",
    "os.",
    "net.",
    "net/",
    "math.",
    "time.",
    "unicode",
    "context.",
    "hash/",
    "crypto/",
    "compress/",
    "__",
    "libc",
];

/// The category of a function, by its name.
#[must_use]
pub fn category(name: &str) -> Category {
    let starts = |list: &[&str]| list.iter().any(|p| name.starts_with(p));
    if name.is_empty() || name.starts_with("0x") || name.starts_with("[unknown") || holds(name, "+0x") {
        Category::Unknown
    } else if name.ends_with("_[k]") || starts(KERNEL) {
        Category::Kernel
    } else if starts(MEMORY) || group_of(name) == Some(0) {
        Category::Memory
    } else if group_of(name).is_some() || name.starts_with('[') {
        Category::Runtime
    } else if starts(LIBRARY) {
        Category::Library
    } else {
        Category::User
    }
}
