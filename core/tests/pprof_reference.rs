//! Functions of the open corpus's profiles against `go tool pprof` (`tests/reference/pprof_top.py`
//! wrote the answers). Without the corpus beside the project nothing is compared.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests stop at the first surprise and say what they skip")]

use std::path::Path;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze_all};
use noisefloor_core::flame::layout;
use noisefloor_core::profile::{Pattern, StackTree, View};
use noisefloor_core::source::Source;
use serde_json::Value;

/// Name, own and total value.
type Row<'a> = (&'a str, f64, f64);

fn same(a: &Row<'_>, b: &Row<'_>) -> bool {
    // pprof prints two digits behind the point.
    let near = |a: f64, b: f64| (a - b).abs() <= 0.005 + 1e-9 * b.abs();
    a.0 == b.0 && near(a.1, b.1) && near(a.2, b.2)
}

fn view_of(answer: &Value) -> View {
    let pattern = |option: &str| answer[option].as_str().map(|name| Pattern::new(&format!("^{name}$")));
    let sample_type = answer["type"].as_u64().map(|t| t as usize);
    let (focus, ignore, hide) = (pattern("focus"), pattern("ignore"), pattern("hide"));
    View { sample_type, focus, ignore, hide, unfold: true, ..View::default() }
}

#[test]
fn functions_of_profiles_agree_with_go_tool_pprof() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let corpus = root.join("../shared/corpus/profiles/pprof");
    if !corpus.is_dir() {
        eprintln!("skipped: no corpus");
        return;
    }
    let answers = std::fs::read(root.join("tests/reference/pprof_top.json")).unwrap();
    let answers: Vec<Value> = serde_json::from_slice(&answers).unwrap();
    let mut wrong = Vec::new();
    let (mut views, mut refused, mut filtered) = (0, 0, 0);
    for answer in &answers {
        let name = answer["file"].as_str().unwrap();
        let bytes = std::fs::read(corpus.join(name)).unwrap();
        let config = AnalysisConfig { top: 10, ..AnalysisConfig::default() };
        let analysis = analyze_all(&[Input { source: Source { name, bytes: &bytes }, side: None }], &config);
        let Some(profile) = analysis.profile(0) else {
            assert_eq!(answer["refused"], true, "{name}: {:?}", analysis.report.inputs[0].error);
            refused += 1;
            continue;
        };
        let view = view_of(answer);
        let boxes = layout(&StackTree::build(profile, &view));
        let functions = boxes.by_function();
        let found: Vec<Row<'_>> =
            functions.iter().map(|f| (boxes.names[f.name as usize].as_str(), f.own, f.total)).collect();
        let number = |v: &Value| v.as_f64().unwrap();
        let rows = answer["top"].as_array().unwrap();
        let want: Vec<Row<'_>> = rows.iter().map(|r| (r[0].as_str().unwrap(), number(&r[1]), number(&r[2]))).collect();
        wrong.extend(want.iter().filter(|w| !found.iter().any(|f| same(f, w))).map(|w| format!("{name}: {w:?}")));
        let (sum, wanted): (f64, f64) = (found.iter().map(|f| f.1).sum(), number(&answer["sum"]));
        // As many roundings as there are rows.
        if (sum - wanted).abs() > 0.005 * number(&answer["rows"]) + 1e-9 * wanted.abs() {
            wrong.push(format!("{name}: {sum} in all instead of {wanted}"));
        }
        views += 1;
        let plain = view.focus.is_none() && view.ignore.is_none() && view.hide.is_none();
        filtered += u32::from(!plain);
        if plain && view.sample_type == Some(profile.default_type()) {
            // The report's own table: equal values stand in no particular order.
            let table: Vec<Row<'_>> = analysis.report.profiles[0]
                .top
                .iter()
                .map(|r| (r.function.as_str(), r.self_value, r.total_value))
                .collect();
            let own = |rows: &[Row<'_>]| rows.iter().map(|r| (r.1 * 100.0).round()).collect::<Vec<_>>();
            assert_eq!(own(&table), own(&want), "{name}");
            wrong.extend(table.iter().filter(|t| !found.iter().any(|f| same(f, t))).map(|t| format!("{name}: {t:?}")));
        }
    }
    assert!(wrong.is_empty(), "{} of {views}: {wrong:#?}", wrong.len());
    assert!(views > 100 && refused == 2 && filtered > 20, "{views} {refused} {filtered}");
}
