//! `noisefloor profile`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use noisefloor_core::analyze::{Input, analyze_all};
use noisefloor_core::flame::{SvgOptions, layout, svg};
use noisefloor_core::profile::{Pattern, Profile, StackTree, View};
use noisefloor_core::source::Source;

use crate::cli::judge::{complain_of_inputs, show};
use crate::cli::options::{Format, Options};
use crate::cli::{code, complain, print};
use crate::inputs::gather;
use crate::render::profile as render;

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor profile cpu.pb.gz
  noisefloor profile cpu.pb.gz --svg flame.svg --focus encode
  noisefloor profile heap.pb.gz --sample-type alloc_space --folded stacks.txt

Patterns match anywhere in a function's name; ^ and $ anchor, * stands for any text, | separates alternatives.")]
pub(super) struct ProfileArgs {
    /// A profile: pprof (compressed or not) or folded stacks
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
    /// Rows of the table
    #[arg(long, default_value_t = 30)]
    top: u32,
    #[command(flatten)]
    options: Options,
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
    if complain_of_inputs(&analysis.report) {
        return Ok(code::FAILED);
    }
    let Some(profile) = analysis.profile(0) else {
        return Err(format!("{}: this is no profile but a result file; `noisefloor check` judges it", args.file));
    };
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
        show(&analysis.report, &args.options, false)?;
    } else {
        print(&render::table(profile, &analysis.report, &boxes, tree.left_out, kind, args.top as usize))?;
    }
    Ok(code::PASS)
}

impl ProfileArgs {
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
