//! Maps from entries, and lists by name. Every type of map is some 5 kB of code in the engine of
//! the page, so that there are few.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Values by name, in the order in which the names were met.
#[derive(Debug)]
pub(crate) struct Named<T> {
    places: BTreeMap<String, usize>,
    list: Vec<T>,
}

impl<T> Named<T> {
    /// Nothing yet.
    pub(crate) fn new() -> Named<T> {
        Named { places: BTreeMap::new(), list: Vec::new() }
    }

    /// The value of a name; a new one is made by `make`.
    pub(crate) fn of(&mut self, name: &str, make: impl FnOnce() -> T) -> &mut T {
        let next = self.list.len();
        let place = place(&mut self.places, name, next);
        if place == next {
            self.list.push(make());
        }
        &mut self.list[place]
    }

    /// The value of a name that was met.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.list.get(*self.places.get(name)?)
    }

    /// The values in the order in which their names were met.
    pub(crate) fn into_values(self) -> Vec<T> {
        self.list
    }
}

/// The place of a name; a new name gets the place `next`.
pub(crate) fn place(places: &mut BTreeMap<String, usize>, name: &str, next: usize) -> usize {
    if let Some(known) = places.get(name) {
        return *known;
    }
    places.insert(name.to_string(), next);
    next
}

/// A map of some entries; of equal keys the last wins.
///
/// `collect` sorts the entries first, which brings a sorting algorithm of some 4 kB into the engine
/// of the page for every type of map.
pub(crate) fn map_of<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}

#[cfg(test)]
mod tests {
    use super::Named;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn names_keep_the_order_in_which_they_were_met() {
        let mut lists: Named<Vec<u32>> = Named::new();
        for (name, number) in [("b", 1), ("a", 2), ("b", 3), ("", 4)] {
            lists.of(name, Vec::new).push(number);
        }
        assert_eq!((lists.get("b"), lists.get("c")), (Some(&vec![1, 3]), None));
        assert_eq!(lists.into_values(), [vec![1, 3], vec![2], vec![4]]);
    }
}
