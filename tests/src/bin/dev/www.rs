//! `cargo dev www` and `cargo dev serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use noisefloor_tests::page::{self, Built, PAGE_BUDGET, REPORT_BUDGET, WASM_BUDGET};

use crate::check::wasm_target;
use crate::shell::{root, step};

/// Builds the page and checks its size.
pub(crate) fn www() -> Result<Built, String> {
    step("page");
    wasm_target()?;
    let built = page::build(&root())?;
    eprintln!(
        "{}: engine {} bytes of {WASM_BUDGET} ({} with gzip), page {} bytes of {PAGE_BUDGET} (compressed), a report \
         without data {} bytes of {REPORT_BUDGET}",
        built.page.display(),
        built.wasm_packed,
        built.wasm_gz,
        built.page_gz,
        built.page_raw
    );
    if built.wasm_packed > WASM_BUDGET || built.page_gz > PAGE_BUDGET || built.page_raw > REPORT_BUDGET {
        return Err("the page is over its budget".into());
    }
    Ok(built)
}

/// Serves the page on loopback until it is stopped.
pub(crate) fn serve() -> Result<(), String> {
    let built = www()?;
    let html = std::fs::read(&built.page).map_err(|e| format!("{}: {e}", built.page.display()))?;
    let listener = TcpListener::bind("127.0.0.1:8080")
        .or_else(|_| TcpListener::bind("127.0.0.1:0"))
        .map_err(|e| format!("no port on loopback: {e}"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    eprintln!("http://{address}/ (Ctrl-C stops)");
    for stream in listener.incoming().flatten() {
        // A browser that goes away is its own affair.
        let _ = answer(stream, &html);
    }
    Ok(())
}

fn answer(mut stream: TcpStream, html: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    let mut line = String::new();
    BufReader::new((&mut stream).take(8192)).read_line(&mut line)?;
    let (status, body): (&str, &[u8]) = match line.split(' ').nth(1) {
        Some(path) if path == "/" || path.starts_with("/?") || path == "/index.html" => ("200 OK", html),
        _ => ("404 Not Found", b"not found"),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n")?;
    stream.write_all(b"Cache-Control: no-store\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
