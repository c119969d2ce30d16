//! Boxes in rows.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::profile::{Category, Pattern, StackTree, category};
use crate::sort::{order, sort_by, sort_places};

/// Boxes in columns, row by row from the root, each row from left to right: box 0 is the root.
/// Children of a box lie next to each other, the widest first, and follow those of its left
/// neighbour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlameLayout {
    /// For each box the one below it; the root is its own.
    pub parent: Vec<u32>,
    /// For each box its left edge as a share of the root's width.
    pub left: Vec<f64>,
    /// For each box its width as a share of the root's.
    pub width: Vec<f64>,
    /// For each box the value that ends there.
    pub own: Vec<f64>,
    /// For each box its value with all above it.
    pub total: Vec<f64>,
    /// For each box its name, an index into `names`.
    pub name: Vec<u32>,
    /// For each box whether it stands for inlined calls only.
    pub inlined: Vec<bool>,
    /// For each box its first child; one entry more than boxes, so that the children of `i` are
    /// `first_child[i]..first_child[i + 1]`.
    pub first_child: Vec<u32>,
    /// Where each row begins; one entry more than rows.
    pub rows: Vec<u32>,
    /// Names of functions and of what stands for several.
    pub names: Vec<String>,
    /// For each name what its colour stands for.
    pub categories: Vec<Category>,
}

/// A box as it can be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleBox {
    /// Which box.
    pub index: u32,
    /// Its row, counted from the root.
    pub row: u32,
    /// Left edge in pixels.
    pub x: f64,
    /// Width in pixels.
    pub width: f64,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchResult {
    /// For each box whether its name matches.
    pub matched: Vec<bool>,
    /// How many do.
    pub boxes: u64,
    /// Share of the root's value under a box that matches, none counted twice.
    pub share: f64,
}

/// What a function takes in a view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionValue {
    /// Its name, an index into [`FlameLayout::names`].
    pub name: u32,
    /// Value of samples that end in it.
    pub own: f64,
    /// Value of samples that pass through it.
    pub total: f64,
    /// Whether it was inlined everywhere.
    pub inlined: bool,
}

/// Lays a tree out. Time is that of sorting siblings; negative totals have no width, and siblings that are more than
/// their caller because others are negative share its width.
#[must_use]
pub fn layout(tree: &StackTree) -> FlameLayout {
    let nodes = tree.parent.len();
    // Children in lists by counting: no pointer, no recursion.
    let mut first = vec![0u32; nodes + 1];
    for parent in tree.parent.iter().skip(1) {
        first[*parent as usize + 1] += 1;
    }
    for i in 0..nodes {
        first[i + 1] += first[i];
    }
    let mut fill = first.clone();
    let mut children = vec![0u32; nodes.saturating_sub(1)];
    for (node, parent) in tree.parent.iter().enumerate().skip(1) {
        let slot = &mut fill[*parent as usize];
        children[*slot as usize] = node as u32;
        *slot += 1;
    }
    let rank = ranks(&tree.names);
    for node in 0..nodes {
        let list = &mut children[first[node] as usize..first[node + 1] as usize];
        if list.len() < 2 {
            continue;
        }
        sort_places(list, &mut |a, b| {
            let (a, b) = (a as usize, b as usize);
            let by_name = || rank[tree.name[a] as usize].cmp(&rank[tree.name[b] as usize]);
            tree.total[b].total_cmp(&tree.total[a]).then_with(by_name).then(a.cmp(&b))
        });
    }
    let nodes: Vec<Node> = (0..nodes)
        .map(|node| Node {
            own: tree.own[node],
            total: tree.total[node],
            name: tree.name[node],
            inlined: tree.inlined[node],
            children: (first[node], first[node + 1]),
        })
        .collect();
    let categories = tree.names.iter().map(|n| category(n)).collect();
    let mut out = FlameLayout { names: tree.names.clone(), categories, ..FlameLayout::with_capacity(nodes.len()) };
    let all = tree.total.first().copied().unwrap_or(0.0);
    // A whole next to nothing has no width that could be shared.
    let scale = Some(1.0 / all).filter(|scale| all > 0.0 && scale.is_finite()).unwrap_or(0.0);
    // For each box of the layout the range of its node's children.
    let mut queue: Vec<(u32, u32)> = Vec::with_capacity(nodes.len());
    if let Some(root) = nodes.first() {
        queue.push(root.children);
        out.push(root, 0, 0.0, 1.0);
        out.rows.push(0);
    }
    let mut at = 0;
    let mut row_end = queue.len();
    while let Some((from, to)) = queue.get(at) {
        if at == row_end {
            out.rows.push(row_end as u32);
            row_end = queue.len();
        }
        out.first_child.push(queue.len() as u32);
        let mut x = out.left[at];
        let list = &children[*from as usize..*to as usize];
        let wide = |child: &u32| (nodes[*child as usize].total * scale).clamp(0.0, 1e9);
        // Where some weights are negative the others are more than the whole: they share what there is.
        let sum: f64 = list.iter().map(wide).sum();
        let shrink = if sum > out.width[at] * (1.0 + 1e-9) { out.width[at] / sum } else { 1.0 };
        for child in list {
            let width = wide(child) * shrink;
            let node = &nodes[*child as usize];
            queue.push(node.children);
            out.push(node, at as u32, x, width);
            x += width;
        }
        at += 1;
    }
    out.first_child.push(queue.len() as u32);
    out.rows.push(queue.len() as u32);
    out
}

/// All of a node in one place: boxes are laid row by row, and in that order the nodes lie far apart.
struct Node {
    own: f64,
    total: f64,
    name: u32,
    inlined: bool,
    /// Where its children begin and end in their list.
    children: (u32, u32),
}

/// For each name its place in the order of all; equal ones have the same.
fn ranks(names: &[String]) -> Vec<u32> {
    let order = order(names.len(), &mut |a, b| names[a].cmp(&names[b]));
    let mut ranks = vec![0; names.len()];
    let mut before: Option<(u32, u32)> = None;
    for (rank, name) in order.into_iter().enumerate() {
        let same = before.filter(|(other, _)| names[*other as usize] == names[name as usize]);
        let rank = same.map_or(rank as u32, |(_, rank)| rank);
        ranks[name as usize] = rank;
        before = Some((name, rank));
    }
    ranks
}

impl FlameLayout {
    /// Room for so many boxes.
    fn with_capacity(boxes: usize) -> FlameLayout {
        FlameLayout {
            parent: Vec::with_capacity(boxes),
            left: Vec::with_capacity(boxes),
            width: Vec::with_capacity(boxes),
            own: Vec::with_capacity(boxes),
            total: Vec::with_capacity(boxes),
            name: Vec::with_capacity(boxes),
            inlined: Vec::with_capacity(boxes),
            first_child: Vec::with_capacity(boxes + 1),
            ..FlameLayout::default()
        }
    }

    fn push(&mut self, node: &Node, parent: u32, left: f64, width: f64) {
        self.parent.push(parent);
        self.left.push(left);
        self.width.push(width);
        self.own.push(node.own);
        self.total.push(node.total);
        self.name.push(node.name);
        self.inlined.push(node.inlined);
    }

    /// How many boxes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parent.len()
    }
    /// Whether there is no box.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }
    /// How many rows there are.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.rows.len().saturating_sub(1) as u32
    }
    /// The row of a box, by binary search.
    #[must_use]
    pub fn row_of(&self, index: u32) -> u32 {
        self.rows.partition_point(|start| *start <= index).saturating_sub(1) as u32
    }
    /// The name of a box; empty for one that does not exist.
    #[must_use]
    pub fn name_of(&self, index: u32) -> &str {
        self.name.get(index as usize).and_then(|n| self.names.get(*n as usize)).map_or("", String::as_str)
    }
    /// What the colour of a box stands for.
    #[must_use]
    pub fn category_of(&self, index: u32) -> Category {
        let name = self.name.get(index as usize).copied().unwrap_or(u32::MAX);
        self.categories.get(name as usize).copied().unwrap_or(Category::Unknown)
    }
    /// The children of a box, as a range of boxes.
    #[must_use]
    pub fn children(&self, index: u32) -> core::ops::Range<u32> {
        let at = |i: usize| self.first_child.get(i).copied().unwrap_or(self.len() as u32);
        at(index as usize)..at(index as usize + 1)
    }
    /// The widest child.
    #[must_use]
    pub fn first_child_of(&self, index: u32) -> Option<u32> {
        let range = self.children(index);
        (range.start < range.end).then_some(range.start)
    }
    /// The neighbour under the same parent, to the right (1) or left (−1).
    #[must_use]
    pub fn sibling(&self, index: u32, step: i32) -> Option<u32> {
        let parent = *self.parent.get(index as usize)?;
        let to = index.checked_add_signed(step)?;
        (index != 0 && self.children(parent).contains(&to)).then_some(to)
    }

    /// The boxes that can be seen when `zoom` fills the width: its ancestors over the whole width,
    /// itself and what lies above it, as far as it is at least `min_px` wide. Only rows
    /// `first_row .. first_row + count` are given. Time is linear in the boxes wide enough in all
    /// rows, not in all boxes.
    #[must_use]
    pub fn visible(&self, zoom: u32, width_px: f64, first_row: u32, count: u32, min_px: f64) -> Vec<VisibleBox> {
        let mut out = Vec::new();
        let zoom = if (zoom as usize) < self.len() { zoom } else { 0 };
        let (Some(origin), Some(share)) = (self.left.get(zoom as usize), self.width.get(zoom as usize)) else {
            return out;
        };
        let scale = if *share > 0.0 { width_px / share } else { 0.0 };
        let last_row = first_row.saturating_add(count);
        let zoom_row = self.row_of(zoom);
        let mut ancestor = zoom;
        for row in (0..zoom_row).rev() {
            ancestor = self.parent.get(ancestor as usize).copied().unwrap_or(0);
            if (first_row..last_row).contains(&row) {
                out.push(VisibleBox { index: ancestor, row, x: 0.0, width: width_px });
            }
        }
        out.reverse();
        let mut current = vec![zoom];
        let mut row = zoom_row;
        while !current.is_empty() && row < last_row {
            let mut next = Vec::new();
            for index in &current {
                let (Some(left), Some(width)) = (self.left.get(*index as usize), self.width.get(*index as usize))
                else {
                    continue;
                };
                if row >= first_row {
                    out.push(VisibleBox { index: *index, row, x: (left - origin) * scale, width: width * scale });
                }
                // The widest come first.
                let wide = |c: &u32| self.width.get(*c as usize).is_some_and(|w| w * scale >= min_px);
                next.extend(self.children(*index).take_while(wide));
            }
            current = next;
            row += 1;
        }
        out
    }

    /// The box at a place: `x` as a share of the width (0 to 1) that `zoom` fills. Two binary
    /// searches.
    #[must_use]
    pub fn hit(&self, zoom: u32, x: f64, row: u32) -> Option<u32> {
        let zoom = if (zoom as usize) < self.len() { zoom } else { 0 };
        let zoom_row = self.row_of(zoom);
        if row <= zoom_row {
            let mut index = zoom;
            for _ in row..zoom_row {
                index = *self.parent.get(index as usize)?;
            }
            return (0.0..=1.0).contains(&x).then_some(index);
        }
        let place = self.left.get(zoom as usize)? + x * self.width.get(zoom as usize)?;
        let (start, end) = (*self.rows.get(row as usize)? as usize, *self.rows.get(row as usize + 1)? as usize);
        let lefts = self.left.get(start..end)?;
        let index = start + lefts.partition_point(|l| *l <= place).checked_sub(1)?;
        let inside = place < self.left.get(index)? + self.width.get(index)?;
        ((0.0..=1.0).contains(&x) && inside).then_some(index as u32)
    }

    /// Own and total value of each function in the view, the largest own value first, ties by total
    /// and name; a recursive function counts once a stack. Linear in the boxes, plus sorting.
    #[must_use]
    pub fn by_function(&self) -> Vec<FunctionValue> {
        let mut sums: Vec<FunctionValue> = (0..self.names.len() as u32)
            .map(|name| FunctionValue { name, own: 0.0, total: 0.0, inlined: true })
            .collect();
        // How often a function stands on the way to the box that is being looked at.
        let mut open = vec![0u32; self.names.len()];
        let mut seen = vec![false; self.names.len()];
        let mut way: Vec<(u32, bool)> = self.children(0).rev().map(|c| (c, true)).collect();
        while let Some((index, entering)) = way.pop() {
            let name = self.name[index as usize] as usize;
            if !entering {
                open[name] -= 1;
                continue;
            }
            let sum = &mut sums[name];
            seen[name] = true;
            sum.own += self.own[index as usize];
            sum.inlined &= self.inlined[index as usize];
            if open[name] == 0 {
                sum.total += self.total[index as usize];
            }
            open[name] += 1;
            way.push((index, false));
            way.extend(self.children(index).rev().map(|c| (c, true)));
        }
        sums.retain(|s| seen[s.name as usize]);
        sort_by(&mut sums, &mut |a, b| {
            let by_name = || self.names[a.name as usize].cmp(&self.names[b.name as usize]);
            b.own.total_cmp(&a.own).then(b.total.total_cmp(&a.total)).then_with(by_name).then(a.name.cmp(&b.name))
        });
        sums
    }

    /// Finds boxes by name. Each name is matched once; then one sweep over the boxes.
    #[must_use]
    pub fn search(&self, pattern: &Pattern) -> SearchResult {
        let names: Vec<bool> = self.names.iter().map(|n| pattern.matches(n)).collect();
        let mut result = SearchResult { matched: vec![false; self.len()], ..SearchResult::default() };
        let mut covered = vec![false; self.len()];
        // The root stands for everything and is no function.
        for i in 1..self.len() {
            let matches = names.get(self.name[i] as usize).copied().unwrap_or(false);
            let below = covered[self.parent[i] as usize];
            covered[i] = below || matches;
            if matches {
                result.matched[i] = true;
                result.boxes += 1;
                if !below {
                    result.share += self.width[i];
                }
            }
        }
        result
    }
}
