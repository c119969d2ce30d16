//! Maps from entries.

use alloc::collections::BTreeMap;

/// A map of some entries; of equal keys the last wins.
///
/// `collect` sorts the entries first, which brings a sorting algorithm of some 4 kB into the engine
/// of the page for every type of map.
pub(crate) fn map_of<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}
