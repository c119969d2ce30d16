//! A flame graph drawn on a canvas; where boxes lie is the engine's work.

use noisefloor_core::find::rfind;
use noisefloor_core::flame::{FlameLayout, SearchResult, VisibleBox, layout};
use noisefloor_core::json::{self, FromJson, JsonError, Reader};
use noisefloor_core::profile::{GROUPS, Pattern, Profile, StackTree, View};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::OffscreenCanvasRenderingContext2d;

/// Boxes narrower than this are not drawn; what they stand for shows in their caller.
const NARROW: f64 = 0.75;
/// Boxes narrower than this bear no label, and wider than this their share as well, in letters.
const LABEL: f64 = 4.0;
const SHARE: f64 = 22.0;
/// Callers named in the strip at most.
const PATH: usize = 24;
/// Nodes of a tree at most: what a tab can hold.
const MAX_NODES: usize = 2_000_000;

#[derive(Default)]
struct Wanted {
    sample_type: Option<usize>,
    focus: Option<String>,
    ignore: Option<String>,
    hide: Option<String>,
    unfold: Vec<String>,
    inverted: bool,
}

impl<'a> FromJson<'a> for Wanted {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.closed_fields(&mut [
            ("sample_type", &mut self.sample_type),
            ("focus", &mut self.focus),
            ("ignore", &mut self.ignore),
            ("hide", &mut self.hide),
            ("unfold", &mut self.unfold),
            ("inverted", &mut self.inverted),
        ])
    }
}

/// What is known of a box.
#[derive(Serialize)]
struct Info<'a> {
    index: u32,
    name: &'a str,
    path: Vec<&'a str>,
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
    category: u8,
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
    row_height: f64,
    found: Option<SearchResult>,
}

impl Flame {
    pub(crate) fn build(profile: &Profile, view: &str) -> Result<Flame, String> {
        let mut wanted = Wanted::default();
        if !view.is_empty() {
            json::read(view.as_bytes(), &mut wanted).map_err(|e| e.to_string())?;
        }
        let pattern = |text: Option<String>| text.filter(|t| !t.is_empty()).map(|t| Pattern::new(&t));
        let view = View {
            sample_type: wanted.sample_type,
            focus: pattern(wanted.focus),
            ignore: pattern(wanted.ignore),
            hide: pattern(wanted.hide),
            unfold: false,
            unfolded: GROUPS
                .iter()
                .enumerate()
                .filter(|(_, g)| wanted.unfold.iter().any(|w| w == g.id))
                .map(|(i, _)| i)
                .collect(),
            inverted: wanted.inverted,
            max_nodes: MAX_NODES,
        };
        let tree = StackTree::build(profile, &view);
        let left_out = tree.left_out;
        let boxes = layout(&tree);
        Ok(Flame { boxes, left_out, zoom: 0, selected: 0, first_row: 0, row_height: 22.0, found: None })
    }

    fn value(&self, index: u32) -> f64 {
        self.boxes.total.get(index as usize).copied().unwrap_or(0.0)
    }

    fn parent(&self, index: u32) -> u32 {
        self.boxes.parent.get(index as usize).copied().unwrap_or(0)
    }

    /// Whether a box is the second, fourth … child.
    fn is_odd(&self, index: u32) -> bool {
        let first = self.boxes.first_child.get(self.parent(index) as usize).copied().unwrap_or(0);
        index.saturating_sub(first) % 2 == 1
    }

    /// The callers of a box, the nearest first.
    fn path(&self, index: u32) -> Vec<&str> {
        let callers = core::iter::successors(Some(index), |i| Some(self.parent(*i)).filter(|p| p != i));
        callers.skip(1).take(PATH).map(|i| self.boxes.name_of(i)).collect()
    }

    /// Names as far as they fit, and shares where there is room.
    fn labels(
        &self,
        on: &OffscreenCanvasRenderingContext2d,
        list: &[VisibleBox],
        row: f64,
        ink: &str,
    ) -> Result<(), JsValue> {
        let letter = on.measure_text("nnnnnnnnnn")?.width() / 10.0;
        let wide = |text: &str| on.measure_text(text).map(|m| m.width());
        on.set_fill_style_str(ink);
        for item in list.iter().filter(|b| b.width >= LABEL * letter + 6.0) {
            let y = (f64::from(item.row.saturating_sub(self.first_row)) + 0.5) * row + 0.5;
            let mut room = item.width - 10.0;
            if item.width >= SHARE * letter && self.value(0) > 0.0 {
                // In tenths of a percent: the formatting of numbers is large.
                let tenths = (1000.0 * self.value(item.index) / self.value(0)).round() as u32;
                let share = format!("{}.{}%", tenths / 10, tenths % 10);
                on.set_text_align("right");
                on.fill_text(&share, item.x + item.width - 6.0, y)?;
                on.set_text_align("left");
                room -= wide(&share)? + 12.0;
            }
            on.fill_text(&fitting(self.boxes.name_of(item.index), room, wide)?, item.x + 5.0, y)?;
        }
        Ok(())
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
    /// Own values by category, in the order of the colours: what a legend has to list.
    #[must_use]
    pub fn categories(&self) -> Vec<f64> {
        let mut sums = vec![0.0; 6];
        for (index, own) in self.boxes.own.iter().enumerate() {
            if let Some(sum) = sums.get_mut(self.boxes.category_of(index as u32) as usize) {
                *sum += own;
            }
        }
        sums
    }

    /// Draws the part that fits: `width` and `height` in CSS pixels, `dpr` device pixels each; rows
    /// of `row` pixels, labels of `size`. `colours`: those of the six categories, then ink, gap,
    /// match, focus.
    ///
    /// # Errors
    /// When the canvas refuses.
    #[allow(clippy::needless_pass_by_value, reason = "the bridge hands over owned values")]
    #[allow(clippy::too_many_arguments, reason = "the bridge hands over plain values")]
    pub fn draw(
        &mut self,
        context: &OffscreenCanvasRenderingContext2d,
        width: f64,
        height: f64,
        dpr: f64,
        row: f64,
        size: f64,
        font: &str,
        colours: Vec<String>,
    ) -> Result<(), JsValue> {
        self.row_height = row.max(1.0);
        let colour = |i: usize| colours.get(i).map_or("#888", String::as_str);
        context.set_transform(dpr, 0.0, 0.0, dpr, 0.0, 0.0)?;
        context.set_fill_style_str(colour(7));
        context.fill_rect(0.0, 0.0, width, height);
        let hundredths = (100.0 * size).round() as u32;
        context.set_font(&format!("{}.{:02}px {font}", hundredths / 100, hundredths % 100));
        context.set_text_baseline("middle");
        let rows = (height / row).ceil() as u32 + 1;
        let list = self.boxes.visible(self.zoom, width, self.first_row, rows, NARROW);
        let top = |item: &VisibleBox| f64::from(item.row.saturating_sub(self.first_row)) * row;
        let zoom_row = self.boxes.row_of(self.zoom);
        // One colour after the other: changing it costs more than a rectangle.
        for category in 0..6u8 {
            context.set_fill_style_str(colour(category as usize));
            for item in list.iter().filter(|b| self.boxes.category_of(b.index) as u8 == category) {
                // Ancestors of the zoomed box are faded, since they stand for more than is shown.
                context.set_global_alpha(if item.row < zoom_row { 0.55 } else { 1.0 });
                context.fill_rect(item.x, top(item), (item.width - 1.0).max(0.5), row - 1.0);
            }
        }
        // Every other sibling is a shade darker, so that neighbours of one colour stay apart.
        context.set_fill_style_str(colour(6));
        context.set_global_alpha(0.06);
        for item in list.iter().filter(|b| b.width >= 3.0 && self.is_odd(b.index)) {
            context.fill_rect(item.x, top(item), item.width - 1.0, row - 1.0);
        }
        context.set_global_alpha(1.0);
        if let Some(found) = &self.found {
            let matched = |b: &VisibleBox| found.matched.get(b.index as usize) == Some(&true);
            context.set_fill_style_str(colour(7));
            context.set_global_alpha(0.6);
            for item in list.iter().filter(|b| !matched(b)) {
                context.fill_rect(item.x, top(item), item.width, row - 1.0);
            }
            context.set_global_alpha(1.0);
            context.set_fill_style_str(colour(8));
            for item in list.iter().filter(|b| matched(b)) {
                context.fill_rect(item.x, top(item) + row - 4.0, (item.width - 1.0).max(1.0), 3.0);
            }
        }
        self.labels(context, &list, row, colour(6))?;
        // The root is where the focus begins: a frame around everything would say nothing.
        if let Some(item) = list.iter().find(|b| b.index == self.selected && b.index != 0) {
            context.set_stroke_style_str(colour(9));
            context.set_line_width(2.0);
            context.stroke_rect(item.x + 1.0, top(item) + 1.0, (item.width - 3.0).max(2.0), row - 3.0);
        }
        Ok(())
    }

    /// The box at a place in CSS pixels, or −1.
    #[must_use]
    pub fn hit(&self, x: f64, y: f64, width: f64) -> i32 {
        let row = (y / self.row_height).max(0.0) as u32 + self.first_row;
        self.boxes.hit(self.zoom, x / width.max(1.0), row).map_or(-1, |i| i as i32)
    }

    /// What is known of a box.
    #[must_use]
    pub fn info(&self, index: u32) -> JsValue {
        let part = |of: f64| if of > 0.0 { self.value(index) / of } else { 0.0 };
        let info = Info {
            index,
            name: self.boxes.name_of(index),
            path: self.path(index),
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
                category: self.boxes.categories.get(f.name as usize).map_or(5, |c| *c as u8),
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

/// A name as far as it fits: it loses its path, then what its method belongs to, then its end.
fn fitting<E>(name: &str, room: f64, wide: impl Fn(&str) -> Result<f64, E>) -> Result<String, E> {
    // Longer than any screen: measuring all of a hostile name would take its time.
    let name: String = name.chars().take(400).map(|c| if unseen(c) { '\u{fffd}' } else { c }).collect();
    let mut last = (name.as_str(), 0.0);
    for short in [name.as_str(), without_path(&name), without_owner(&name)] {
        let width = wide(short)?;
        if width <= room {
            return Ok(short.to_string());
        }
        last = (short, width);
    }
    let (short, width) = last;
    let mut keep = (short.chars().count() as f64 * room / width) as usize;
    while keep > 1 {
        let cut: String = short.chars().take(keep).chain(['…']).collect();
        if wide(&cut)? <= room {
            return Ok(cut);
        }
        keep -= 1;
    }
    Ok(String::new())
}

/// Characters that show as nothing, or turn the text around.
fn unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn without_path(name: &str) -> &str {
    let head = name.split(['<', '(', '[']).next().unwrap_or("");
    let dot = head.rfind(['.', '/']).map_or(0, |i| i + 1);
    let start = rfind(head, "::").map_or(dot, |i| dot.max(i + 2));
    name.get(start..).filter(|s| !s.is_empty()).unwrap_or(name)
}

fn without_owner(name: &str) -> &str {
    let go = rfind(name, ").").map_or(0, |i| i + 2);
    let start = rfind(name, ">::").map_or(go, |i| go.max(i + 3));
    match name.get(start..) {
        Some(rest) if start > 0 && !rest.is_empty() => rest,
        _ => without_path(name),
    }
}

#[cfg(test)]
mod tests {
    use super::fitting;

    fn label(name: &str, letters: f64) -> String {
        fitting(name, letters, |t| Ok::<_, ()>(t.chars().count() as f64)).unwrap_or_default()
    }

    #[test]
    fn labels_lose_their_path_first() {
        assert_eq!(label("main.f", 10.0), "main.f");
        assert_eq!(label("github.com/a/b.(*T).Run", 8.0), "(*T).Run");
        assert_eq!(label("github.com/a/b.(*T).Run", 5.0), "Run");
        assert_eq!(label("core::str::from_utf8", 9.0), "from_utf8");
        assert_eq!(label("core::str::from_utf8", 5.0), "from…");
        assert_eq!(label("<a::B as C>::d", 5.0), "d");
        assert_eq!(label("abc", 1.0), "");
    }

    #[test]
    fn labels_show_what_would_be_unseen() {
        assert_eq!(label("a\u{202e}b\u{1b}", 9.0), "a\u{fffd}b\u{fffd}");
    }
}
