//! `cargo dev www` and `cargo dev serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use noisefloor_tests::page::{self, Pages};

use crate::check::wasm_target;
use crate::shell::{root, step};

/// Builds the pages and checks their sizes.
pub(crate) fn www() -> Result<Pages, String> {
    step("page");
    wasm_target()?;
    let built = page::build(&root())?;
    eprintln!("{}", built.sizes());
    if built.keeps_budgets() { Ok(built) } else { Err("the page is over its budget".into()) }
}

/// Serves the page on loopback until it is stopped.
pub(crate) fn serve() -> Result<(), String> {
    let Pages { index, offline } = www()?;
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let pages = [read(&index.page)?, read(&offline.page)?];
    let listener = TcpListener::bind("127.0.0.1:8080")
        .or_else(|_| TcpListener::bind("127.0.0.1:0"))
        .map_err(|e| format!("no port on loopback: {e}"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    eprintln!("http://{address}/ (Ctrl-C stops)");
    for stream in listener.incoming().flatten() {
        // A browser that goes away is its own affair.
        let _ = answer(stream, &pages);
    }
    Ok(())
}

fn answer(mut stream: TcpStream, [index, offline]: &[Vec<u8>; 2]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    let mut line = String::new();
    BufReader::new((&mut stream).take(8192)).read_line(&mut line)?;
    let (status, body): (&str, &[u8]) = match line.split(' ').nth(1) {
        Some(path) if path == "/" || path.starts_with("/?") || path == "/index.html" => ("200 OK", index),
        Some("/offline.html") => ("200 OK", offline),
        _ => ("404 Not Found", b"not found"),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n")?;
    stream.write_all(b"Cache-Control: no-store\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
