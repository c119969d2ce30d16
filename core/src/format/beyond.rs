//! What of the page's own formats only the command line reads, since the page has no room for it.

use crate::find::find;
use crate::format::{Format, PAGE, detect, dtrace, parse, unpack};
use crate::source::Source;

/// Whether the page reads an input as the command line does. What neither reads is refused alike.
#[must_use]
pub fn page_reads(bytes: &[u8]) -> bool {
    let Ok((plain, _)) = unpack(&Source { name: "", bytes }) else { return true };
    let Some(format) = detect(&plain) else { return true };
    PAGE.iter().any(|own| own.id == format.id) && !beyond(format, &plain)
}

fn beyond(format: &'static Format, bytes: &[u8]) -> bool {
    match format.id {
        "chrome-trace" => trace(bytes),
        "dtrace" => dtrace::beyond(bytes),
        _ => cut(format, bytes),
    }
}

/// Samples, and calls that run at the same time as others of their thread.
fn trace(bytes: &[u8]) -> bool {
    let named = ["\"Profile\"", "\"ProfileChunk\"", "\"CpuProfile\"", "\"stackFrames\"", "\"samples\""];
    if named.iter().any(|name| find(bytes, name.as_bytes()).is_some()) {
        return true;
    }
    // `"ph": "b"`, and times as texts.
    let mut rest = bytes;
    while let Some(at) = find(rest, b"\"ph\"") {
        rest = rest.get(at + 4..).unwrap_or(&[]);
        let value = rest.trim_ascii_start().strip_prefix(b":").map_or(&[][..], <[u8]>::trim_ascii_start);
        if let [b'"', b'b' | b'e' | b'S' | b'F', b'"', ..] = value {
            return true;
        }
    }
    let mut rest = bytes;
    while let Some(at) = find(rest, b"\"ts\"") {
        rest = rest.get(at + 4..).unwrap_or(&[]);
        if rest.trim_ascii_start().strip_prefix(b":").is_some_and(|v| v.trim_ascii_start().starts_with(b"\"")) {
            return true;
        }
    }
    false
}

/// Results in JSON that end too early.
fn cut(format: &'static Format, bytes: &[u8]) -> bool {
    let json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    let source = Source { name: "", bytes };
    json && (format.parse)(source).is_err() && parse(format, source).is_ok()
}

#[cfg(test)]
mod tests {
    use super::page_reads;

    #[test]
    fn what_the_page_has_no_room_for_is_told() {
        let trace = |event: &str| {
            let call = "{\"ph\":\"X\",\"ts\":1,\"dur\":2,\"name\":\"a\",\"pid\":1,\"tid\":1}";
            page_reads(alloc::format!("[{call},{event}]").as_bytes())
        };
        assert!(trace("{\"ph\":\"B\",\"ts\":2,\"name\":\"b\",\"pid\":1,\"tid\":1}"));
        assert!(!trace("{\"ph\" : \"b\",\"ts\":2,\"name\":\"b\",\"pid\":1,\"tid\":1}"));
        assert!(!trace("{\"ph\":\"B\",\"ts\": \"2\",\"name\":\"b\",\"pid\":1,\"tid\":1}"));
        assert!(!trace("{\"ph\":\"P\",\"ts\":2,\"name\":\"ProfileChunk\",\"pid\":1,\"tid\":1}"));
        let hyperfine =
            "{\"results\":[{\"command\":\"a\",\"times\":[1.0,2.0]},{\"command\":\"b\",\"times\":[1.0,2.0]}]}";
        assert!(page_reads(hyperfine.as_bytes()));
        // Half of it gives a result, or none to both.
        let cut = hyperfine.find("},{").unwrap_or(0);
        assert!(!page_reads(hyperfine.get(..cut + 12).unwrap_or("").as_bytes()));
        assert!(page_reads(hyperfine.get(..cut - 5).unwrap_or("").as_bytes()));
        assert!(page_reads(b"nothing that anybody knows") && page_reads(b""));
    }
}
