//! Makes the page, twice: HTML files with style, scripts, words and engine inside. `index.html` has the small engine and
//! gets the whole one out of `offline.html` when it needs it; `offline.html` has it, and is what a report is made of.
//!
//! Modules are joined into one classic script, because a browser refuses modules from `file://`, and
//! the same file is served and saved. Two slots are left for a report (see the runner's
//! `render/page.rs`): `<!--NOISEFLOOR-DATA-->` in an inert element, `<!--NOISEFLOOR-STATIC-->` for
//! readers without scripts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::smaller::smaller;

/// The target of the browser build.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// The engine's file among its bindings.
const MODULE: &str = "noisefloor_wasm_bg.wasm";
/// Most that the engine of a page that is opened may measure with gzip.
pub const WASM_BUDGET: usize = 250_000;
/// Most that such a page may measure, compressed.
pub const PAGE_BUDGET: usize = 330_000;
/// Most that a saved report may measure without its data, uncompressed.
pub const REPORT_BUDGET: usize = 800_000;

/// An engine to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The one that a page opens with: the common formats.
    Small,
    /// Every format and the test of itself; larger and faster.
    Whole,
}

impl Engine {
    /// The profile that it is compiled with; each has a folder of its own.
    fn profile(self) -> &'static str {
        if self == Engine::Small { "wasm" } else { "wasm-whole" }
    }

    fn features(self) -> &'static [&'static str] {
        if self == Engine::Small { &[] } else { &["--features", "full"] }
    }

    /// The page that carries it.
    #[must_use]
    pub fn page(self) -> &'static str {
        if self == Engine::Small { "index.html" } else { "offline.html" }
    }

    /// Where its bindings lie, for the browser in `web` and for Node in `node`.
    #[must_use]
    pub fn folder(self, root: &Path) -> PathBuf {
        root.join("target/wasm").join(if self == Engine::Small { "small" } else { "whole" })
    }
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The page.
    pub page: PathBuf,
    /// Size of its engine as it carries it.
    pub wasm_packed: usize,
    /// Size of its engine with gzip.
    pub wasm_gz: usize,
    /// Size of the page, compressed.
    pub page_gz: usize,
    /// Size of the page as it is: with the whole engine a saved report without its data.
    pub page_raw: usize,
}

/// Both pages.
#[derive(Debug)]
pub struct Pages {
    /// `www/dist/index.html`.
    pub index: Built,
    /// `www/dist/offline.html`.
    pub offline: Built,
}

impl Pages {
    /// The sizes, each beside its budget.
    #[must_use]
    pub fn sizes(&self) -> String {
        let (index, offline) = (&self.index, &self.offline);
        format!(
            "{}: engine {} bytes of {WASM_BUDGET} with gzip ({} as it is carried), page {} bytes of {PAGE_BUDGET} \
             (compressed)\n{}: a report without data {} bytes of {REPORT_BUDGET}; engine {} bytes as it is carried",
            index.page.display(),
            index.wasm_gz,
            index.wasm_packed,
            index.page_gz,
            offline.page.display(),
            offline.page_raw,
            offline.wasm_packed
        )
    }

    /// Whether every size is within its budget.
    #[must_use]
    pub fn keeps_budgets(&self) -> bool {
        let Built { wasm_gz, page_gz, .. } = self.index;
        wasm_gz <= WASM_BUDGET && page_gz <= PAGE_BUDGET && self.offline.page_raw <= REPORT_BUDGET
    }
}

/// Builds both pages, and the engines for Node.
///
/// # Errors
/// What went wrong, in words.
pub fn build(root: &Path) -> Result<Pages, String> {
    // Each is compiled in a folder of its own, so that neither waits for the other.
    let (whole, small) = std::thread::scope(|scope| {
        let whole = scope.spawn(|| compile(root, Engine::Whole, Engine::Whole.features()));
        let small = compile(root, Engine::Small, Engine::Small.features());
        (whole.join(), small)
    });
    let whole = whole.map_err(|_| "building the whole engine panicked".to_string())??;
    let offline = build_page(root, Engine::Whole, &whole, ALONE)?;
    // The page takes no other engine than the one that was built with it.
    let page = fs::read(&offline.page).map_err(|e| format!("{}: {e}", offline.page.display()))?;
    let rest = serde_json::json!({
        "file": Engine::Whole.page(),
        "integrity": format!("sha256-{}", BASE64.encode(Sha256::digest(page))),
    });
    Ok(Pages { index: build_page(root, Engine::Small, &small?, &rest.to_string())?, offline })
}

/// Builds the page with the whole engine alone: what a report is made of.
///
/// # Errors
/// What went wrong, in words.
pub fn build_offline(root: &Path) -> Result<Built, String> {
    let module = compile(root, Engine::Whole, Engine::Whole.features())?;
    build_page(root, Engine::Whole, &module, ALONE)
}

/// What stands in a page that needs no other.
const ALONE: &str = "null";

/// `rest` is JSON: where the page finds the whole engine, or [`ALONE`].
fn build_page(root: &Path, engine: Engine, module: &Path, rest: &str) -> Result<Built, String> {
    let (web, node) = (engine.folder(root).join("web"), engine.folder(root).join("node"));
    let wasm = bindings(module, &web, true)?;
    if bindings(module, &node, false)? != wasm {
        return Err("the bindings for Node are made for another engine than those for the browser".into());
    }
    let glue = read(&web.join("noisefloor_wasm.js"))?;
    own_numbers(&wasm)?;
    let wasm = smaller(&wasm)?;
    // What is tested in Node is what lies in the page.
    write_whole(&node.join(MODULE), &wasm)?;
    let packed = pack(&wasm)?;
    let html = assemble(&root.join("www"), &glue, &packed, rest)?;
    let page = root.join("www/dist").join(engine.page());
    fs::create_dir_all(root.join("www/dist")).map_err(|e| format!("www/dist: {e}"))?;
    // Only where it differs: the runner, which has it inside, is built anew when it is written.
    if fs::read(&page).ok().as_deref() != Some(html.as_bytes()) {
        fs::write(&page, &html).map_err(|e| format!("{}: {e}", page.display()))?;
    }
    Ok(Built {
        page,
        wasm_packed: packed.len(),
        wasm_gz: gzip(&wasm).len(),
        page_gz: gzip(html.as_bytes()).len(),
        page_raw: html.len(),
    })
}

/// Compiles an engine and says where it lies: until the next one of its profile is compiled.
fn compile(root: &Path, engine: Engine, features: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked", "-p", "noisefloor-wasm", "--target", TARGET]);
    cargo.args(["--profile", engine.profile()]).args(features);
    // Places of panics would hold the folders of this machine, and the page would differ from one to another.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|h| h.join(".cargo"))).unwrap_or_default();
    let remap = format!(
        "--remap-path-prefix={}=.\x1f--remap-path-prefix={}=.",
        home.join("registry/src").display(),
        root.display()
    );
    cargo.current_dir(root).env("CARGO_TARGET_DIR", root.join("target/wasm")).env("CARGO_ENCODED_RUSTFLAGS", remap);
    let status = cargo.status().map_err(|e| format!("cargo cannot be started: {e}"))?;
    if !status.success() {
        return Err(format!("building the engine ended with {status}"));
    }
    Ok(root.join("target/wasm").join(TARGET).join(engine.profile()).join("noisefloor_wasm.wasm"))
}

/// An engine that runs the functions of statistics on random inputs, with its glue, in the folder returned; not the
/// page's, into which it would bring what no page uses.
///
/// # Errors
/// What went wrong, in words.
pub fn probe(root: &Path) -> Result<PathBuf, String> {
    let folder = root.join("target/wasm/probe");
    bindings(&compile(root, Engine::Whole, &["--features", "probe"])?, &folder, true)?;
    Ok(folder)
}

/// Writes the glue of one kind into a folder, and gives the engine that it is for.
fn bindings(module: &Path, folder: &Path, browser: bool) -> Result<Vec<u8>, String> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).typescript(false).remove_name_section(false);
    let kind = if browser { bindgen.no_modules(true) } else { bindgen.nodejs(true) };
    let made = kind.and_then(|b| b.generate_output()).and_then(|mut output| {
        // Before the files are written: the generator gives custom sections away once. And not from
        // the file, which another build may be writing.
        let wasm = output.wasm_mut().emit_wasm();
        output.emit(folder).map(|()| wasm)
    });
    let wasm = made.map_err(|e| format!("bindings in {}: {e:#}", folder.display()))?;
    write_whole(&folder.join(MODULE), &wasm)?;
    Ok(wasm)
}

/// The first words of the tables by which the standard library reads doubles, and prints them.
const FOREIGN_TABLES: [(u64, &str); 2] = [(0xeef4_53d6_923b_d65a, "str::parse"), (0xe61a_cf03_3d1a_45df, "{} or {:e}")];

/// The engine has its own reading and printing of doubles (`core/src/number`); one use of another's
/// would bring in its table. The compiler names none: a type to be parsed is mostly inferred.
fn own_numbers(wasm: &[u8]) -> Result<(), String> {
    let found = FOREIGN_TABLES.iter().find(|(word, _)| wasm.windows(8).any(|w| *w == word.to_le_bytes()));
    found.map_or(Ok(()), |(_, how)| Err(format!("a double goes through {how}: use noisefloor_core::number")))
}

/// The engine, the words and the example as the page carries them: LZMA, which `www/js/unpack.js` unpacks, a sixth
/// smaller than the best gzip.
fn pack(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut options = lzma_rust2::LzmaOptions::with_preset(9);
    // Code has no words of a fixed width: where a byte stands in one says nothing.
    (options.pb, options.dict_size, options.nice_len) = (0, 1 << 21, lzma_rust2::LzmaOptions::NICE_LEN_MAX);
    let fail = |e| format!("packing the engine: {e}");
    let mut writer =
        lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64)).map_err(fail)?;
    writer.write_all(bytes).map_err(fail)?;
    writer.finish().map_err(fail)
}

/// Bytes as text that `www/js/unpack.js` reads: two letters hold 13 bits, a twelfth less than base64 takes. Digits are the
/// printable letters but `&`, `<` and `>`, with which nothing of HTML can begin.
fn letters(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('!'..='~').filter(|c| !matches!(c, '&' | '<' | '>')).collect();
    let mut out = String::with_capacity(bytes.len() * 16 / 13 + 2);
    let (mut bits, mut held) = (0usize, 0);
    let mut put = |bits: usize| out.extend([digits[bits % digits.len()], digits[bits / digits.len()]]);
    for byte in bytes {
        bits |= usize::from(*byte) << held;
        held += 8;
        if held >= 13 {
            put(bits & 0x1fff);
            bits >>= 13;
            held -= 13;
        }
    }
    if held > 0 {
        put(bits);
    }
    out
}

/// Whole or not at all: another build may look for it at the same time.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let unfinished = path.with_extension(format!("{}", std::process::id()));
    fs::write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|e| format!("{}: {e}", path.display()))
}

/// A gzip member without name or time.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 10));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Puts everything into the frame of `www/index.html`. Equal inputs give equal bytes.
fn assemble(www: &Path, glue: &str, packed: &[u8], rest: &str) -> Result<String, String> {
    let main = join_modules(&www.join("js"))?;
    let worker = lean(&read(&www.join("worker.js"))?);
    let hash = BASE64.encode(Sha256::digest(main.as_bytes()));
    // A page with the whole engine asks nobody for anything; the other one asks its own server for that engine.
    let connect = if rest == ALONE { "'none'" } else { "'self'" };
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}' 'wasm-unsafe-eval' blob:; worker-src blob:; \
         style-src 'unsafe-inline'; img-src data: blob:; connect-src {connect}; base-uri 'none'; form-action 'none'"
    );
    let mut html = read(&www.join("index.html"))?;
    let mut example = Vec::new();
    for name in ["encoder.jsonl", "naive.folded", "improved.folded"] {
        let text = read(&www.join("example").join(name))?;
        example.push(serde_json::json!({ "name": name, "text": text }));
    }
    // All in one: the profiles are much alike.
    let example = serde_json::Value::Array(example).to_string();
    let example = letters(&pack(example.as_bytes())?);
    for (slot, content) in [
        ("<!--POLICY-->", policy),
        ("/*STYLE*/", tight(&lean(&read(&www.join("style.css"))?))),
        ("<!--WORDS-->", letters(&pack(words(&www.join("locales"))?.as_bytes())?)),
        ("<!--EXAMPLE-->", example),
        ("<!--REST-->", inert(rest)),
        ("<!--GLUE-->", inert_code(&lean(glue))?),
        ("<!--WORKER-->", inert_code(&worker)?),
        ("<!--WASM-->", letters(packed)),
        ("/*SCRIPT*/", main),
    ] {
        if html.matches(slot).count() != 1 {
            return Err(format!("index.html does not have {slot} exactly once"));
        }
        html = html.replacen(slot, &content, 1);
    }
    Ok(html)
}

/// The words of both languages side by side, since keys that stand there once take half of the room; the
/// second text is `null` where there is none.
fn words(folder: &Path) -> Result<String, String> {
    let catalogue = |name: &str| -> Result<BTreeMap<String, String>, String> {
        serde_json::from_str(&read(&folder.join(name))?).map_err(|e| format!("{name}: {e}"))
    };
    let (english, chinese) = (catalogue("en.json")?, catalogue("zh.json")?);
    let both: BTreeMap<&String, [Option<&String>; 2]> =
        english.iter().map(|(key, text)| (key, [Some(text), chinese.get(key)])).collect();
    serde_json::to_string(&both).map_err(|e| format!("the words: {e}"))
}

/// JSON that cannot end the element that holds it.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// Code that must not end the element that holds it.
fn inert_code(code: &str) -> Result<String, String> {
    if code.contains("</script") || code.contains("<!--") {
        return Err("a script holds the end of its element".into());
    }
    Ok(code.to_string())
}

/// Joins the modules of a folder into one strict function. Only three forms exist: `import { a, b }
/// from "./x.js";` on one line, `export` before a declaration, and declarations; names are unique
/// across modules, so that joining changes nothing.
fn join_modules(folder: &Path) -> Result<String, String> {
    let mut out = String::from("(() => {\n\"use strict\";\n");
    let mut done: Vec<String> = Vec::new();
    let mut declared: Vec<(String, String)> = Vec::new();
    // Depth first: a module after those that it imports.
    let mut open = vec![("main.js".to_string(), false)];
    while let Some((name, ready)) = open.pop() {
        if done.contains(&name) {
            continue;
        }
        let text = read(&folder.join(&name))?;
        if !ready {
            open.push((name.clone(), true));
            for line in text.lines().filter(|l| l.starts_with("import ")) {
                let from =
                    line.strip_suffix("\";").and_then(|l| l.rsplit_once("from \"./")).map(|(_, f)| f.to_string());
                let from = from.ok_or_else(|| format!("{name}: an import of another form: {line}"))?;
                open.push((from, false));
            }
            continue;
        }
        for line in text.lines() {
            if line.starts_with("import ") {
                continue;
            }
            let plain = line.strip_prefix("export ").unwrap_or(line);
            if plain != line
                && !["function ", "async function ", "const ", "let ", "class "].iter().any(|w| plain.starts_with(w))
            {
                return Err(format!("{name}: an export of another form: {line}"));
            }
            if let Some(declaration) = declaration(plain) {
                if let Some((_, other)) = declared.iter().find(|(d, _)| *d == declaration) {
                    return Err(format!("{declaration} is declared in {other} and in {name}"));
                }
                declared.push((declaration, name.clone()));
            }
            out.push_str(plain);
            out.push('\n');
        }
        done.push(name);
    }
    out.push_str("})();\n");
    inert_code(&lean(&out))
}

/// Code without indentation, empty lines and lines that are comments. It holds no text that spans
/// lines, where that would matter.
fn lean(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut comment = false;
    for line in code.lines().map(str::trim) {
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    out
}

/// A style sheet without the blanks that say nothing. No text in it holds what is replaced.
fn tight(style: &str) -> String {
    let pairs = [("; }", "}"), (";}", "}"), (" {", "{"), ("{ ", "{"), ("} ", "}"), (": ", ":"), ("; ", ";")];
    pairs.into_iter().fold(style.to_string(), |style, (wide, narrow)| style.replace(wide, narrow))
}

/// The name that an unindented line declares.
fn declaration(line: &str) -> Option<String> {
    let rest =
        ["async function ", "function ", "const ", "let ", "class "].iter().find_map(|w| line.strip_prefix(w))?;
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).collect();
    (!name.is_empty()).then_some(name)
}
