//! `noisefloor profile`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use noisefloor_core::analyze::{Input, analyze_all};
use noisefloor_core::flame::{SvgOptions, layout, svg};
use noisefloor_core::profile::{Pattern, Profile, StackTree, View, summarize};
use noisefloor_core::report::ProfileReport;
use noisefloor_core::source::Source;

use crate::cli::judge::{complain_of_inputs, show};
use crate::cli::options::{Format, Options};
use crate::cli::{code, complain, print};
use crate::inputs::gather;
use crate::render::{printable, profile as render};

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor profile cpu.pb.gz
  noisefloor profile cpu.pb.gz --svg flame.svg --focus encode
  noisefloor profile heap.pb.gz --sample-type alloc_space --folded stacks.txt
  noisefloor profile cpu.pb.gz --label request=search
  noisefloor profile app.jfr --by-label thread

Patterns match anywhere in a function's name; ^ and $ anchor, * stands for any text, | separates alternatives.")]
pub(super) struct ProfileArgs {
    /// A profile, of any format that `noisefloor formats` lists
    file: String,
    /// Write a flame graph; never overwrites
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write folded stacks of the sample type; never overwrites
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// The sample type to show [default: the profile's]
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
    /// Only stacks in which a function matches
    #[arg(long, value_name = "PATTERN")]
    focus: Option<String>,
    /// No stack in which a function matches
    #[arg(long, value_name = "PATTERN")]
    ignore: Option<String>,
    /// Leave functions out that match; their callers get their value
    #[arg(long, value_name = "PATTERN")]
    hide: Option<String>,
    /// Show runtime and harness functions, which are folded away otherwise
    #[arg(long)]
    unfold: bool,
    /// Leaves first: who is called, by whom
    #[arg(long)]
    inverted: bool,
    /// Only samples that have this label: one of pprof, a thread, an attribute of OpenTelemetry
    #[arg(long, value_name = "KEY=VALUE", value_parser = label)]
    label: Option<(String, String)>,
    /// The values of a label as the roots of all stacks
    #[arg(long, value_name = "KEY")]
    by_label: Option<String>,
    /// Rows of the table
    #[arg(long, default_value_t = 30)]
    top: u32,
    #[command(flatten)]
    options: Options,
}

fn label(text: &str) -> Result<(String, String), String> {
    text.split_once('=').map(|(key, value)| (key.to_string(), value.to_string())).ok_or("write KEY=VALUE".into())
}

/// Reads a profile, prints its table, writes what was asked for.
pub(super) fn profile(args: &ProfileArgs) -> Result<u8, String> {
    let mut config = args.options.config(false)?;
    config.top = args.top;
    let gathered = gather(std::slice::from_ref(&args.file), false);
    if let Some(problem) = gathered.problems.first() {
        return Err(problem.clone());
    }
    let inputs: Vec<Input<'_>> = gathered
        .files
        .iter()
        .map(|f| Input { source: Source { name: &f.name, bytes: &f.bytes }, side: None })
        .collect();
    let analysis = analyze_all(&inputs, &config);
    if complain_of_inputs(&analysis.report, &gathered) {
        return Ok(code::FAILED);
    }
    let Some(profile) = analysis.profile(0) else {
        return Err(format!("{}: this is no profile but a result file; `noisefloor check` judges it", args.file));
    };
    let labelled = args.labelled(profile)?;
    let mut report = analysis.report.clone();
    if let (Some(part), Some(whole)) = (&labelled, report.profiles.first_mut()) {
        *whole = ProfileReport { input: whole.input, side: whole.side, ..summarize(part, &config) };
    }
    let profile = labelled.as_ref().unwrap_or(profile);
    let view = args.view(profile)?;
    let kind = view.sample_type.unwrap_or(profile.default_type());
    let tree = StackTree::build(profile, &view);
    let boxes = layout(&tree);
    if let Some(path) = &args.svg {
        let unit = profile.sample_types().get(kind).map(|t| t.unit.clone()).unwrap_or_default();
        let name = Path::new(&args.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let picture = svg(&boxes, &SvgOptions { title: name, width: 1400.0, unit });
        save(path, picture.as_bytes())?;
    }
    if let Some(path) = &args.folded {
        save(path, render::folded(profile, kind).as_bytes())?;
    }
    if args.options.json || args.options.format != Format::Text {
        show(&report, &args.options, false)?;
    } else {
        print(&render::table(profile, &report, &boxes, tree.left_out, kind, args.top as usize))?;
    }
    Ok(code::PASS)
}

impl ProfileArgs {
    /// What is left of a profile with the labels asked for; `None`: none was.
    fn labelled(&self, profile: &Profile) -> Result<Option<Profile>, String> {
        let kind = profile.default_type();
        let listed = |list: Vec<(&str, f64)>| {
            let names: Vec<String> = list.iter().take(20).map(|(name, _)| printable(name)).collect();
            if names.is_empty() { "there are none".to_string() } else { format!("there are {}", names.join(", ")) }
        };
        let mut out = None;
        if let Some((key, value)) = &self.label {
            let found = profile.with_label(key, value).ok_or_else(|| match profile.label_values(key, kind) {
                none if none.is_empty() => format!("no sample has a label {key}; {}", listed(profile.label_keys(kind))),
                values => format!("no sample has {key}={value}; {}", listed(values)),
            })?;
            out = Some(found);
        }
        if let Some(key) = &self.by_label {
            let from = out.as_ref().unwrap_or(profile);
            let found = from.by_label(key);
            let missing = || format!("no sample has a label {key}; {}", listed(profile.label_keys(kind)));
            out = Some(found.ok_or_else(missing)?);
        }
        Ok(out)
    }

    fn view(&self, profile: &Profile) -> Result<View, String> {
        let types = profile.sample_types();
        let sample_type = match &self.sample_type {
            Some(name) => Some(types.iter().position(|t| t.name == *name).ok_or_else(|| {
                let names: Vec<&str> = types.iter().map(|t| t.name.as_str()).collect();
                format!("there is no sample type {name}; there are {}", names.join(", "))
            })?),
            None => None,
        };
        let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new);
        Ok(View {
            sample_type,
            focus: pattern(&self.focus),
            ignore: pattern(&self.ignore),
            hide: pattern(&self.hide),
            unfold: self.unfold,
            inverted: self.inverted,
            ..View::default()
        })
    }
}

/// Writes a new file; one that exists is kept.
pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut file = std::fs::File::create_new(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} exists and is never overwritten", path.display()),
        _ => format!("{}: {e}", path.display()),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|e| {
        // Half a file would look like a whole one.
        let _ = std::fs::remove_file(path);
        format!("{}: {e}", path.display())
    })?;
    complain(&format!("written: {}", path.display()));
    Ok(())
}
