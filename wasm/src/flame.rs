//! A flame graph drawn on a canvas; where boxes lie is the engine's work.

use noisefloor_core::flame::{FlameLayout, SearchResult, layout};
use noisefloor_core::profile::{Pattern, Profile, StackTree, View};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::OffscreenCanvasRenderingContext2d;

/// Height of a row in CSS pixels.
const ROW: f64 = 20.0;
/// Boxes narrower than this are not drawn; what they stand for shows in their caller.
const NARROW: f64 = 0.75;
/// Label size in CSS pixels.
const FONT: f64 = 12.0;
/// Nodes of a tree at most: what a tab can hold.
const MAX_NODES: usize = 2_000_000;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    sample_type: Option<usize>,
    focus: Option<String>,
    ignore: Option<String>,
    hide: Option<String>,
    unfold: bool,
    inverted: bool,
}

/// What is known of a box.
#[derive(Serialize)]
struct Info<'a> {
    index: u32,
    name: &'a str,
    own: f64,
    total: f64,
    share: f64,
    share_of_zoom: f64,
    row: u32,
    inlined: bool,
}

/// A function in the top table.
#[derive(Serialize)]
struct Top<'a> {
    name: &'a str,
    own: f64,
    total: f64,
    inlined: bool,
}

/// A laid-out flame graph with its zoom, selection and search.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Flame {
    boxes: FlameLayout,
    left_out: f64,
    zoom: u32,
    selected: u32,
    first_row: u32,
    found: Option<SearchResult>,
}

impl Flame {
    pub(crate) fn build(profile: &Profile, view: &str) -> Result<Flame, String> {
        let wanted: Wanted = if view.is_empty() {
            Wanted::default()
        } else {
            serde_json::from_slice(view.as_bytes()).map_err(|e| e.to_string())?
        };
        let pattern = |text: Option<String>| text.filter(|t| !t.is_empty()).map(|t| Pattern::new(&t));
        let view = View {
            sample_type: wanted.sample_type,
            focus: pattern(wanted.focus),
            ignore: pattern(wanted.ignore),
            hide: pattern(wanted.hide),
            unfold: wanted.unfold,
            inverted: wanted.inverted,
            max_nodes: MAX_NODES,
        };
        let tree = StackTree::build(profile, &view);
        Ok(Flame { boxes: layout(&tree), left_out: tree.left_out, zoom: 0, selected: 0, first_row: 0, found: None })
    }

    fn value(&self, index: u32) -> f64 {
        self.boxes.total.get(index as usize).copied().unwrap_or(0.0)
    }
}

#[wasm_bindgen]
impl Flame {
    /// Rows of the whole graph.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.boxes.depth()
    }
    /// Boxes of the whole graph.
    #[must_use]
    pub fn boxes(&self) -> u32 {
        self.boxes.len() as u32
    }
    /// Value of the root.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.value(0)
    }
    /// Value that focus and ignore left out.
    #[must_use]
    pub fn left_out(&self) -> f64 {
        self.left_out
    }
    /// Rows that are wide enough to be seen at the present zoom.
    #[must_use]
    pub fn visible_rows(&self, width: f64) -> u32 {
        let all = self.boxes.visible(self.zoom, width, 0, u32::MAX, NARROW);
        all.last().map_or(1, |b| b.row + 1)
    }
    /// Height of a row in CSS pixels.
    #[must_use]
    pub fn row_height() -> f64 {
        ROW
    }

    /// Draws the part that fits: `width` and `height` in CSS pixels, `dpr` device pixels each.
    /// `colours`: those of the six categories, then ink, gap, match, focus, faded.
    #[allow(clippy::needless_pass_by_value, reason = "the bridge hands over owned values")]
    pub fn draw(
        &self,
        context: &OffscreenCanvasRenderingContext2d,
        width: f64,
        height: f64,
        dpr: f64,
        font: &str,
        colours: Vec<String>,
    ) -> Result<(), JsValue> {
        let colour = |i: usize| colours.get(i).map_or("#888", String::as_str);
        context.set_transform(dpr, 0.0, 0.0, dpr, 0.0, 0.0)?;
        context.set_fill_style_str(colour(7));
        context.fill_rect(0.0, 0.0, width, height);
        context.set_font(&format!("{FONT}px {font}"));
        context.set_text_baseline("middle");
        let letter = context.measure_text("MMMMMMMMMM")?.width() / 10.0;
        let rows = (height / ROW).ceil() as u32 + 1;
        let list = self.boxes.visible(self.zoom, width, self.first_row, rows, NARROW);
        let zoom_row = self.boxes.row_of(self.zoom);
        // One colour after the other: changing it costs more than a rectangle.
        for category in 0..6u8 {
            context.set_fill_style_str(colour(category as usize));
            for item in list.iter().filter(|b| self.boxes.category_of(b.index) as u8 == category) {
                let y = f64::from(item.row - self.first_row) * ROW;
                // Ancestors of the zoomed box are faded, since they stand for more than is shown.
                context.set_global_alpha(if item.row < zoom_row { 0.55 } else { 1.0 });
                context.fill_rect(item.x, y, (item.width - 1.0).max(0.5), ROW - 1.0);
            }
        }
        context.set_global_alpha(1.0);
        if let Some(found) = &self.found {
            context.set_stroke_style_str(colour(8));
            context.set_line_width(2.0);
            for item in list.iter().filter(|b| found.matched.get(b.index as usize) == Some(&true)) {
                let y = f64::from(item.row - self.first_row) * ROW;
                context.stroke_rect(item.x + 1.0, y + 1.0, (item.width - 3.0).max(1.0), ROW - 3.0);
            }
        }
        context.set_fill_style_str(colour(6));
        for item in list.iter().filter(|b| b.width >= 4.0 * letter + 6.0) {
            let fits = ((item.width - 8.0) / letter) as usize;
            let y = (f64::from(item.row - self.first_row) + 0.5) * ROW;
            context.fill_text(&label(self.boxes.name_of(item.index), fits), item.x + 4.0, y)?;
        }
        // The root is where the focus begins: a frame around everything would say nothing.
        if let Some(item) = list.iter().find(|b| b.index == self.selected && b.index != 0) {
            context.set_stroke_style_str(colour(9));
            context.set_line_width(2.0);
            let y = f64::from(item.row - self.first_row) * ROW;
            context.stroke_rect(item.x + 1.0, y + 1.0, (item.width - 3.0).max(2.0), ROW - 3.0);
        }
        Ok(())
    }

    /// The box at a place in CSS pixels, or −1.
    #[must_use]
    pub fn hit(&self, x: f64, y: f64, width: f64) -> i32 {
        let row = (y / ROW).max(0.0) as u32 + self.first_row;
        self.boxes.hit(self.zoom, x / width.max(1.0), row).map_or(-1, |i| i as i32)
    }

    /// What is known of a box.
    #[must_use]
    pub fn info(&self, index: u32) -> JsValue {
        let part = |of: f64| if of > 0.0 { self.value(index) / of } else { 0.0 };
        let info = Info {
            index,
            name: self.boxes.name_of(index),
            own: self.boxes.own.get(index as usize).copied().unwrap_or(0.0),
            total: self.value(index),
            share: part(self.value(0)),
            share_of_zoom: part(self.value(self.zoom)),
            row: self.boxes.row_of(index),
            inlined: self.boxes.inlined.get(index as usize).is_some_and(|i| *i),
        };
        object(&info)
    }

    /// The box that fills the width.
    #[must_use]
    pub fn zoom(&self) -> u32 {
        self.zoom
    }
    /// Makes a box fill the width.
    pub fn set_zoom(&mut self, index: u32) {
        if (index as usize) < self.boxes.len() {
            self.zoom = index;
            self.selected = index;
        }
    }
    /// The box with the keyboard's focus.
    #[must_use]
    pub fn selected(&self) -> u32 {
        self.selected
    }
    /// Gives a box the keyboard's focus.
    pub fn select(&mut self, index: u32) {
        if (index as usize) < self.boxes.len() {
            self.selected = index;
        }
    }
    /// The first row shown.
    #[must_use]
    pub fn first_row(&self) -> u32 {
        self.first_row
    }
    /// Scrolls.
    pub fn set_first_row(&mut self, row: u32) {
        self.first_row = row.min(self.depth().saturating_sub(1));
    }

    /// Moves the focus by a key: `ArrowUp` to the caller, `ArrowDown` to the widest callee,
    /// `ArrowLeft` and `ArrowRight` among siblings. Whether it moved.
    pub fn step(&mut self, key: &str) -> bool {
        let at = self.selected;
        let to = match key {
            "ArrowUp" => self.boxes.parent.get(at as usize).copied().filter(|p| *p != at),
            "ArrowDown" => self.boxes.first_child_of(at),
            "ArrowLeft" => self.boxes.sibling(at, -1),
            "ArrowRight" => self.boxes.sibling(at, 1),
            _ => None,
        };
        if let Some(to) = to {
            self.selected = to;
        }
        to.is_some()
    }

    /// Marks the boxes whose name matches; empty text clears. `[boxes, share]`.
    pub fn search(&mut self, pattern: &str) -> Vec<f64> {
        self.found = (!pattern.is_empty()).then(|| self.boxes.search(&Pattern::new(pattern)));
        self.found.as_ref().map_or_else(|| vec![0.0, 0.0], |f| vec![f.boxes as f64, f.share])
    }

    /// The widest box of a function by name, or −1.
    #[must_use]
    pub fn widest(&self, name: &str) -> i32 {
        let all = (1..self.boxes.len() as u32).filter(|i| self.boxes.name_of(*i) == name);
        all.reduce(|a, b| if self.value(b) > self.value(a) { b } else { a }).map_or(-1, |i| i as i32)
    }

    /// The first functions by own value.
    #[must_use]
    pub fn top(&self, count: usize) -> JsValue {
        let rows: Vec<Top<'_>> = self
            .boxes
            .by_function()
            .into_iter()
            .take(count)
            .map(|f| Top {
                name: self.boxes.names.get(f.name as usize).map_or("", String::as_str),
                own: f.own,
                total: f.total,
                inlined: f.inlined,
            })
            .collect();
        object(&rows)
    }
}

/// A small summary as an object; bulk data travel as typed arrays.
fn object(value: &impl Serialize) -> JsValue {
    // The summaries hold texts, numbers and truth values, which the bridge always takes.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

/// A name as far as it fits: without its path first, then cut at its end.
fn label(name: &str, fits: usize) -> String {
    let count = name.chars().count();
    if count <= fits {
        return name.to_string();
    }
    let start = name.split(['<', '(', '[']).next().map_or(0, |head| {
        let dot = head.rfind(['.', '/']).map_or(0, |i| i + 1);
        head.rfind("::").map_or(dot, |i| dot.max(i + 2))
    });
    let short = name.get(start..).filter(|s| !s.is_empty()).unwrap_or(name);
    if short.chars().count() <= fits {
        return short.to_string();
    }
    let mut out: String = short.chars().take(fits.saturating_sub(1)).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_lose_their_path_first() {
        assert_eq!(label("main.f", 10), "main.f");
        assert_eq!(label("github.com/a/b.(*T).Run", 8), "(*T).Run");
        assert_eq!(label("core::str::from_utf8", 9), "from_utf8");
        assert_eq!(label("core::str::from_utf8", 5), "from…");
        assert_eq!(label("<a::B as C>::d", 5), "<a::…");
    }
}
