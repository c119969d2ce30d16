//! Archives as inputs: what is in them reads as if it lay in a folder, and nothing of them is trusted.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use miniz_oxide::deflate::compress_to_vec;
use noisefloor::inputs::{File, Gathered, gather};
use support::Folder;

const GO: &[u8] = b"pkg: p\nBenchmarkA\t100\t12.5 ns/op\nPASS\n";

/// What a test wants of a zip member beyond its name and data.
#[derive(Clone, Copy, Default)]
struct Make {
    deflated: bool,
    /// Method written in place of the true one.
    method: Option<u16>,
    flags: u16,
    mode: u32,
    /// Length and checksum written in place of the true ones.
    size: Option<u32>,
    crc: Option<u32>,
}

fn zip(members: &[(&str, &[u8], Make)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data, make) in members {
        let packed = if make.deflated { compress_to_vec(data, 6) } else { data.to_vec() };
        let method = make.method.unwrap_or(if make.deflated { 8 } else { 0 });
        let (crc, size) = (make.crc.unwrap_or(crc32fast::hash(data)), make.size.unwrap_or(data.len() as u32));
        let at = out.len() as u32;
        let mut common = Vec::new();
        for short in [20, make.flags, method, 0, 0] {
            common.extend(short.to_le_bytes());
        }
        for long in [crc, packed.len() as u32, size] {
            common.extend(long.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(common);
        directory.extend([0; 6]);
        directory.extend((make.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, size, count) = (out.len() as u32, directory.len() as u32, members.len() as u16);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

/// A header and its data, filled up.
fn tar_member(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
    let mut header = [0u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = header.to_vec();
    out.extend(data);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(compress_to_vec(data, 6));
    out.extend(crc32fast::hash(data).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out
}

fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

fn take(folder: &Folder, name: &str, bytes: &[u8]) -> Gathered {
    let path = folder.0.join(name);
    fs::write(&path, bytes).unwrap();
    let mut out = gather(&[path.display().to_string()], true);
    let inside = |text: &str| text.replace(&format!("{}/", folder.0.display()), "");
    out.files.iter_mut().for_each(|f| f.name = inside(&f.name));
    out.problems.iter_mut().for_each(|p| *p = inside(p));
    out
}

fn names(files: &[File]) -> Vec<&str> {
    files.iter().map(|f| f.name.as_str()).collect()
}

fn deflated() -> Make {
    Make { deflated: true, ..Make::default() }
}

#[test]
fn members_become_files_by_content_whatever_the_name() {
    let folder = Folder::new("archive-kinds");
    let plain = tar(&[tar_member("./b/x.txt", b'0', GO), tar_member("b", b'5', b""), tar_member("a.txt", 0, b"1")]);
    let members =
        [("b/x.txt", GO, deflated()), ("b/", b"".as_slice(), Make::default()), ("a.txt", b"1", Make::default())];
    for bytes in [plain.clone(), gzip(&plain), zstd(&plain), zip(&members)] {
        let got = take(&folder, "any.bin", &bytes);
        assert_eq!(got.problems, [""; 0]);
        assert_eq!(names(&got.files), ["any.bin/a.txt", "any.bin/b/x.txt"]);
        assert_eq!((&got.files[0].bytes[..], &got.files[1].bytes[..]), (&b"1"[..], GO));
    }
    // A file alone that Zstandard packed keeps its name, as one that gzip packed does.
    let got = take(&folder, "go.txt.zst", &zstd(GO));
    assert_eq!((names(&got.files), &got.files[0].bytes[..]), (vec!["go.txt.zst"], GO));
    let twice = [zstd(GO), [&b"\x50\x2a\x4d\x18\x03\0\0\0"[..], b"abc"].concat(), zstd(GO)].concat();
    assert_eq!(take(&folder, "frames", &twice).files[0].bytes, [GO, GO].concat());
    let packed = gzip(GO);
    assert_eq!(take(&folder, "go.txt.gz", &packed).files[0].bytes, packed);
    assert_eq!(take(&folder, "go.txt", GO).files[0].bytes, GO);
}

#[test]
fn an_archive_is_a_side_like_a_folder() {
    let folder = Folder::new("archive-sides");
    let paths = ["a.zip", "b.zip"].map(|name| {
        let path = folder.0.join(name);
        fs::write(&path, zip(&[("x.txt", GO, deflated()), ("y.txt", GO, deflated())])).unwrap();
        path.display().to_string()
    });
    let sides =
        |paths: &[String], compare| gather(paths, compare).files.into_iter().map(|f| f.side).collect::<Vec<_>>();
    let own = |i: usize| Some(paths[i].clone());
    assert_eq!(sides(&paths, true), [own(0), own(0), own(1), own(1)]);
    assert_eq!(sides(&paths[..1], true), [None, None]);
    assert_eq!(sides(&paths, false), [None, None, None, None]);
    let both = [folder.0.display().to_string(), paths[0].clone()];
    assert_eq!(
        sides(&both, true)[..4],
        [Some(both[0].clone()), Some(both[0].clone()), Some(both[0].clone()), Some(both[0].clone())]
    );
}

#[test]
fn what_is_left_out_is_named() {
    let folder = Folder::new("archive-left-out");
    let link = Make { mode: 0o120_777, ..Make::default() };
    let pipe = Make { mode: 0o010_644, ..Make::default() };
    let inner = zip(&[("z", GO, deflated())]);
    let (packed, tarred) = (zstd(GO), gzip(&tar(&[tar_member("t", b'0', GO)])));
    let members = [
        ("good.txt", GO, deflated()),
        ("secret", GO, Make { flags: 1, ..deflated() }),
        ("odd", GO, Make { method: Some(12), ..deflated() }),
        ("link", b"good.txt", link),
        ("pipe", b"", pipe),
        ("inner.zip", &inner, Make::default()),
        ("inner.tgz", &tarred, Make::default()),
        ("one.zst", &packed, Make::default()),
        ("x.xz", b"\xfd7zXZ\0\0", Make::default()),
        ("../up", GO, deflated()),
        ("/root", GO, deflated()),
        ("c:\\x", GO, deflated()),
        ("short", GO, Make { size: Some(9), ..deflated() }),
        ("long", GO, Make { size: Some(900), ..deflated() }),
        ("sum", GO, Make { crc: Some(1), ..Make::default() }),
        ("torn", b"\xff\xff\xff", Make { method: Some(8), ..Make::default() }),
    ];
    let got = take(&folder, "a.zip", &zip(&members));
    assert_eq!(names(&got.files), ["a.zip/good.txt"]);
    let mut wanted: Vec<(String, &str)> = [
        ("secret", "encrypted"),
        ("odd", "method 12"),
        ("inner.zip", "an archive inside an archive"),
        ("inner.tgz", "an archive inside an archive"),
        ("one.zst", "packed by Zstandard inside an archive"),
        ("x.xz", "packed by xz"),
        ("../up", "leads out of the archive"),
        ("/root", "leads out of the archive"),
        ("c:\\x", "leads out of the archive"),
        ("short", "longer than the directory says"),
        ("long", "38 bytes long, where the directory says 900"),
        ("sum", "the checksum does not fit"),
        ("torn", "its data are damaged"),
    ]
    .map(|(name, why)| (format!("a.zip/{name}: left out: "), why))
    .to_vec();
    wanted.sort();
    assert_eq!(got.problems.len(), wanted.len(), "{:#?}", got.problems);
    for (problem, (start, why)) in got.problems.iter().zip(wanted) {
        assert!(problem.starts_with(&start) && problem.contains(why), "{problem}: {start}{why}");
    }

    let members = [
        tar_member("good.txt", b'0', GO),
        tar_member("hard", b'1', b""),
        tar_member("soft", b'2', b""),
        tar_member("device", b'3', b""),
        tar_member("pipe", b'6', b""),
        tar_member("holes", b'S', b""),
        tar_member("odd", b'Z', b""),
        tar_member("global", b'g', b"17 comment=abcde\n"),
        // The length of a record counts itself: this one lies.
        tar_member("header", b'x', b"18 path=longer.txt\n"),
        tar_member("cut", b'0', GO),
        tar_member("gnu", b'L', b"even/longer.txt\0"),
        tar_member("cut", b'0', GO),
    ];
    let got = take(&folder, "a.tar", &tar(&members));
    assert_eq!(got.problems, ["a.tar: the tar is damaged: no record of pax"]);
    let mut members = members;
    members[8] = tar_member("header", b'x', b"19 path=longer.txt\n");
    let got = take(&folder, "a.tar", &tar(&members));
    assert_eq!(names(&got.files), ["a.tar/even/longer.txt", "a.tar/good.txt", "a.tar/longer.txt"]);
    let said: Vec<&str> = got.problems.iter().map(|p| p.split("left out: ").nth(1).unwrap()).collect();
    assert_eq!(said, ["a file with holes (sparse)", "of the unknown kind Z"]);
}

#[test]
fn a_bomb_is_a_clear_error() {
    let folder = Folder::new("archive-bomb");
    let zeros = vec![0u8; 80 << 20];
    let packed = zip(&[("good.txt", GO, deflated()), ("zeros", &zeros, deflated())]);
    assert!(packed.len() < 200_000);
    let limit = "it unpacks to more than the limit of 67108864 bytes";
    let got = take(&folder, "a.zip", &packed);
    assert_eq!((names(&got.files), got.problems), (vec![], vec![format!("a.zip: {limit}")]));
    // The directory lies: it says little.
    let lies = zip(&[("zeros", &zeros, Make { size: Some(10), ..deflated() })]);
    assert_eq!(take(&folder, "b.zip", &lies).problems, ["b.zip/zeros: left out: longer than the directory says"]);
    let got = take(&folder, "c.zst", &zstd(&zeros));
    assert_eq!((names(&got.files), got.problems), (vec![], vec![format!("c.zst: {limit}")]));
    let got = take(&folder, "d.tgz", &gzip(&tar(&[tar_member("zeros", b'0', &zeros)])));
    assert!(
        got.problems[0].starts_with("d.tgz: the archive cannot be unpacked: more inflated bytes"),
        "{:?}",
        got.problems
    );
    // A frame that asks for a window of a terabyte, and one that says that it is one.
    let window = [&b"\x28\xb5\x2f\xfd\0\xf0"[..], &[1, 0, 0]].concat();
    assert!(take(&folder, "e.zst", &window).problems[0].contains("unpacks to more than"));
    let single = [&b"\x28\xb5\x2f\xfd\xe0"[..], &(1u64 << 40).to_le_bytes(), &[1, 0, 0]].concat();
    assert!(take(&folder, "f.zst", &single).problems[0].contains("unpacks to more than"));
    // Many members, long names, members over each other.
    let many: Vec<(&str, &[u8], Make)> = (0..10_001).map(|_| ("x", &b""[..], Make::default())).collect();
    assert_eq!(take(&folder, "g.zip", &zip(&many)).problems, ["g.zip: more members than the limit of 10000"]);
    let many: Vec<Vec<u8>> = (0..10_001).map(|_| tar_member("x", b'0', b"")).collect();
    assert_eq!(take(&folder, "g.tar", &tar(&many)).problems, ["g.tar: more members than the limit of 10000"]);
    let long = "n".repeat(5000);
    let got = take(&folder, "h.zip", &zip(&[(&long, GO, deflated())]));
    assert!(
        got.problems[0].starts_with("h.zip: a member's path is longer than 4096 bytes: nnnn"),
        "{:?}",
        got.problems
    );
    let one = zip(&[("a", &GO.repeat(10), Make::default())]);
    let end = one.len() - 22;
    let entry = one[end - 47..end].to_vec();
    let mut over = [&one[..end], &entry[..], &entry[..], &one[end..]].concat();
    let at = over.len() - 14;
    over[at..at + 4].copy_from_slice(&[3, 0, 3, 0]);
    assert_eq!(take(&folder, "i.zip", &over).problems, ["i.zip: the zip is damaged: its members lie over each other"]);
}

#[test]
fn cut_and_changed_archives_give_files_or_a_reason() {
    let folder = Folder::new("archive-damage");
    let plain = tar(&[
        tar_member("x.txt", b'0', GO),
        tar_member("h", b'x', b"19 path=longer.txt\n"),
        tar_member("y", b'0', GO),
    ]);
    let zipped = zip(&[("x.txt", GO, deflated()), ("y", GO, Make::default())]);
    let mut state = 1u64;
    for whole in [plain.clone(), gzip(&plain), zstd(&plain), zstd(&GO.repeat(300)), zipped] {
        for end in (0..whole.len()).step_by(1 + whole.len() / 150) {
            let got = take(&folder, "cut", &whole[..end]);
            assert!(!got.files.is_empty() || !got.problems.is_empty(), "{end}");
        }
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 24) as u8;
            }
            let got = take(&folder, "changed", &bytes);
            assert!(!got.files.is_empty() || !got.problems.is_empty());
        }
    }
}

#[test]
fn a_zipped_folder_of_criterion_reads_like_the_folder() {
    let folder = Folder::new("archive-criterion");
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/criterion/fib");
    let new = case.join("fib_1000/new");
    let files =
        ["benchmark.json", "estimates.json", "sample.json", "tukey.json"].map(|f| fs::read(new.join(f)).unwrap());
    let paths = ["benchmark.json", "estimates.json", "sample.json", "tukey.json"].map(|f| format!("fib_1000/new/{f}"));
    let members: Vec<(&str, &[u8], Make)> =
        paths.iter().zip(&files).map(|(path, bytes)| (path.as_str(), bytes.as_slice(), deflated())).collect();
    fs::write(folder.0.join("c.zip"), zip(&members)).unwrap();
    let tarred: Vec<Vec<u8>> = members.iter().map(|(name, data, _)| tar_member(name, b'0', data)).collect();
    fs::write(folder.0.join("c.tar.gz"), gzip(&tar(&tarred))).unwrap();
    fs::create_dir_all(folder.0.join("c/fib_1000/new")).unwrap();
    paths.iter().zip(&files).for_each(|(path, bytes)| fs::write(folder.0.join("c").join(path), bytes).unwrap());
    let check = |name: &str| {
        let out = Command::new(env!("CARGO_BIN_EXE_noisefloor"))
            .current_dir(&folder.0)
            .args(["check", name])
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let plain = check("c");
    assert!(plain.contains("fib 1000"), "{plain}");
    assert_eq!((check("c.zip"), check("c.tar.gz")), (plain.clone(), plain));
}

#[test]
fn other_packers_are_named_and_names_cannot_reach_the_terminal() {
    let folder = Folder::new("archive-others");
    for (magic, name) in [
        (&b"\xfd7zXZ\0"[..], "xz"),
        (b"BZh91AY&SY", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
    ] {
        assert_eq!(take(&folder, "x", magic).problems, [format!("x: packed by {name}, which is not unpacked here")]);
    }
    assert_eq!(names(&take(&folder, "x", b"BZhang;main 3\n").files), ["x"]);
    assert_eq!(take(&folder, "e.zip", &zip(&[])).problems, ["e.zip: the archive holds no file"]);
    fs::write(
        folder.0.join("t.zip"),
        zip(&[("a\u{1b}[31m", b"?", deflated()), ("b\u{1b}[1m", GO, Make { flags: 1, ..deflated() })]),
    )
    .unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor"))
        .current_dir(&folder.0)
        .args(["check", "t.zip"])
        .output()
        .unwrap();
    let told = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2), "{told}");
    assert!(
        told.contains("t.zip: left out 1 file (a\\u{1b}[31m): not a benchmark result")
            && told.contains("t.zip/b\\u{1b}[1m: left out: encrypted"),
        "{told}"
    );
    assert!(!told.contains('\u{1b}') && !String::from_utf8(out.stdout).unwrap().contains('\u{1b}'));
}

fn told(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).current_dir(&folder.0).args(arguments).output().unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

/// Criterion.rs writes pages and pictures beside its data: nobody gave these as inputs.
#[test]
fn what_lies_beside_results_is_counted_and_no_failure() {
    let folder = Folder::new("archive-beside");
    let sample =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/criterion/fib/fib_1000/new/sample.json"))
            .unwrap();
    let html = &b"<html></html>"[..];
    let members = [
        ("c/grp/f/10/base/sample.json", &sample[..], deflated()),
        ("c/grp/f/10/new/sample.json", &sample, deflated()),
        ("c/grp/f/report/index.html", html, deflated()),
        ("c/grp/f/report/pdf.svg", b"<svg></svg>", deflated()),
        ("c/grp/f/report/x.svg", b"<svg></svg>", deflated()),
        ("c/report/index.html", html, deflated()),
        ("c/empty", b"", deflated()),
        ("c/perf.data", b"PERFILE2", deflated()),
        ("c/z", b"c/empty", Make { mode: 0o120_777, ..Make::default() }),
    ];
    fs::write(folder.0.join("c.zip"), zip(&members)).unwrap();
    for (path, bytes, make) in &members {
        fs::create_dir_all(folder.0.join(path).parent().unwrap()).unwrap();
        if make.mode == 0 {
            fs::write(folder.0.join(path), bytes).unwrap();
        }
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", folder.0.join("c/z")).unwrap();
    fs::write(folder.0.join("page.html"), "<!--NOISEFLOOR-DATA--><!--NOISEFLOOR-STATIC-->").unwrap();
    let foreign = "left out 4 files (grp/f/report/index.html, grp/f/report/pdf.svg, grp/f/report/x.svg and 1 more): \
                   not a benchmark result or profile";
    for name in ["c", "c.zip"] {
        let own = if name == "c" { foreign.to_string() } else { foreign.replace("grp/", "c/grp/") };
        for arguments in [
            &["check", name][..],
            &["compare", name],
            &["convert", name, "--to", "csv"],
            &["convert", name, "--to", "report"],
            &["report", name, "--page", "page.html", "-o", "out.html"],
        ] {
            let (code, _, err) = told(&folder, arguments);
            assert_eq!(code, Some(0), "{arguments:?}: {err}");
            assert!(err.contains(&format!("{name}: {own}")), "{arguments:?}: {err}");
            assert!(err.contains("empty): the file is empty") && err.contains("z): a link"), "{arguments:?}: {err}");
            assert!(err.contains("perf.data): this looks like a recording of perf"), "{arguments:?}: {err}");
        }
        // The page is given the results alone, and says nothing of the rest.
        let page = fs::read_to_string(folder.0.join("out.html")).unwrap();
        assert!(page.contains("new/sample.json") && !page.contains("pdf.svg"));
        fs::remove_file(folder.0.join("out.html")).unwrap();
        let (code, text, err) = told(&folder, &["formats", name]);
        assert_eq!((code, text.lines().count(), err.as_str()), (Some(0), 8, ""), "{text}");
        // The report has an entry for each.
        let (_, json, _) = told(&folder, &["check", name, "--json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let codes: Vec<&str> =
            json["inputs"].as_array().unwrap().iter().filter_map(|i| i["error"]["code"].as_str()).collect();
        assert_eq!(codes.iter().filter(|c| **c == "unrecognized").count(), 4, "{codes:?}");
        assert_eq!(codes.len(), 6, "{codes:?}");
    }
    let (code, _, err) = told(&folder, &["compare", "c", "c.zip"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(err.matches("left out 4 files").count(), 2, "{err}");

    // What was named itself is a failure, and so is what is broken, and a folder of nothing.
    fs::write(folder.0.join("notes.txt"), "notes\n").unwrap();
    fs::create_dir_all(folder.0.join("none")).unwrap();
    fs::write(folder.0.join("none/notes.txt"), "notes\n").unwrap();
    fs::create_dir_all(folder.0.join("broken")).unwrap();
    fs::write(folder.0.join("broken/a.json"), &sample).unwrap();
    fs::write(folder.0.join("broken/b.json"), "{\"results\":[{\"command\":").unwrap();
    for (arguments, wanted) in [
        (&["check", "c", "notes.txt"][..], "notes.txt: not a benchmark result"),
        (&["check", "none"], "none: nothing of it was read"),
        (&["compare", "c", "none"], "none: nothing of it was read"),
        (&["convert", "none", "--to", "csv"], "none: nothing of it was read"),
        (&["report", "none", "--page", "page.html", "-o", "out.html"], "none: nothing of it was read"),
        (&["check", "broken"], "broken/b.json: line 1: the data end"),
        (&["convert", "broken", "--to", "csv"], "broken/b.json: line 1: the data end"),
        (&["formats", "none"], ""),
    ] {
        let (code, _, err) = told(&folder, arguments);
        assert!(code == Some(2) && err.contains(wanted), "{arguments:?}: {err}");
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_and_many_files_of_a_folder() {
    let folder = Folder::new("archive-folder");
    for name in ["x.json/inner", "y"] {
        fs::create_dir_all(folder.0.join("d").join(name)).unwrap();
    }
    fs::write(folder.0.join("d/x.json/inner/go.txt"), GO).unwrap();
    fs::write(folder.0.join("d/y/in.zip"), zip(&[("deep.txt", GO, deflated())])).unwrap();
    std::os::unix::fs::symlink(".", folder.0.join("d/loop")).unwrap();
    std::os::unix::fs::symlink("gone", folder.0.join("d/dangling")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.0.join("d/pipe")).status().is_ok_and(|s| s.success());
    let path = folder.0.join("d").display().to_string();
    let got = gather(std::slice::from_ref(&path), true);
    let found: Vec<&str> = got.files.iter().map(|f| f.name.strip_prefix(&path).unwrap()).collect();
    assert_eq!((found, got.problems), (vec!["/x.json/inner/go.txt", "/y/in.zip/deep.txt"], vec![]));
    let (code, _, err) = told(&folder, &["check", "d"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("d: left out 2 files (") && err.contains("): a link, which is not followed"), "{err}");
    assert_eq!(err.contains("d: left out 1 file (pipe): a pipe, socket or device"), pipe, "{err}");
    // What cannot be read is named, and what can be is read.
    fs::write(folder.0.join("d/y/in.zip"), b"PK\x03\x04").unwrap();
    let (code, out, err) = told(&folder, &["check", "d"]);
    assert!(
        code == Some(2) && err.contains("d/y/in.zip: the zip is damaged") && out.contains("12.50 ns"),
        "{err}{out}"
    );
    fs::create_dir_all(folder.0.join("links")).unwrap();
    std::os::unix::fs::symlink("..", folder.0.join("links/up")).unwrap();
    let (code, _, err) = told(&folder, &["check", "links"]);
    assert!(code == Some(2) && err.contains("links: the folder holds no file, but links or pipes"), "{err}");

    fs::create_dir_all(folder.0.join("many")).unwrap();
    fs::write(folder.0.join("many/a.txt"), GO).unwrap();
    (0..9_999).for_each(|i| fs::write(folder.0.join(format!("many/{i}.svg")), "<svg/>").unwrap());
    let (code, _, err) = told(&folder, &["check", "many"]);
    assert!(code == Some(0) && err.contains("many: left out 9999 files (0.svg, 1.svg, 10.svg and 9996 more)"), "{err}");
    fs::write(folder.0.join("many/b.txt"), GO).unwrap();
    let (code, _, err) = told(&folder, &["check", "many"]);
    assert!(code == Some(2) && err.contains("many: more than 10000 files"), "{err}");
}

/// What the usual tools write, where they are there.
#[test]
fn archives_of_the_usual_tools_are_read() {
    let folder = Folder::new("archive-tools");
    fs::create_dir_all(folder.0.join("d/e")).unwrap();
    let long = format!("d/e/{}.txt", "n".repeat(150));
    fs::write(folder.0.join("d/x.txt"), GO).unwrap();
    fs::write(folder.0.join(&long), GO.repeat(2000)).unwrap();
    let makers: [(&str, &[&str]); 6] = [
        ("a.zip", &["zip", "-qr", "a.zip", "d"]),
        ("s.zip", &["sh", "-c", "zip -qr - d | cat > s.zip"]),
        ("gnu.tar", &["tar", "--format=gnu", "-cf", "gnu.tar", "d"]),
        ("pax.tar", &["tar", "--format=posix", "-cf", "pax.tar", "d"]),
        ("a.tar.gz", &["tar", "-czf", "a.tar.gz", "d"]),
        ("a.tar.zst", &["sh", "-c", "tar -cf - d | zstd -q -19 --long=24 > a.tar.zst"]),
    ];
    let mut read = 0;
    for (name, words) in makers {
        let made = Command::new(words[0]).args(&words[1..]).current_dir(&folder.0).status();
        if !made.is_ok_and(|s| s.success()) {
            continue;
        }
        let got = gather(&[folder.0.join(name).display().to_string()], true);
        assert_eq!(got.problems, [""; 0], "{name}");
        let found: Vec<&str> = got.files.iter().map(|f| f.name.split_once(name).unwrap().1).collect();
        assert_eq!(found, [format!("/{long}").as_str(), "/d/x.txt"], "{name}");
        assert_eq!((got.files[0].bytes.len(), &got.files[1].bytes[..]), (GO.len() * 2000, GO), "{name}");
        read += 1;
    }
    assert!(read > 0 || Command::new("tar").arg("--version").output().is_err(), "no archive was made");
}
