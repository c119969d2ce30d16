//! The functions a complete stack ends in.

/// Functions below which nothing of the program is found.
pub(super) fn is_start(function: &str) -> bool {
    matches!(
        function,
        "main"
            | "_start"
            | "__libc_start_main"
            | "__libc_start_main_impl"
            | "__libc_start_call_main"
            | "_dl_start"
            | "_dl_start_user"
            | "start_thread"
            | "clone"
            | "__clone"
            | "clone3"
            | "__clone3"
            | "thread_start"
    ) || function.ends_with("::thread_start")
        || function.starts_with("runtime.rt0_go")
        || matches!(function, "runtime.goexit" | "runtime.mstart" | "runtime.main" | "ret_from_fork")
}
