//! Trees of calls that are printed line by line, each call further right than its caller.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stacks::{NONE, Stacks};

/// Calls by how far right they stand: each is called by the last one further left.
#[derive(Debug, Default)]
pub(super) struct Indented(Vec<(usize, u32)>);

impl Indented {
    /// The node of a call at a column.
    pub(super) fn node(&mut self, to: &mut Stacks<'_>, column: usize, function: u32) -> u32 {
        while self.0.pop_if(|(left, _)| *left >= column).is_some() {}
        let node = to.node(self.0.last().map_or(NONE, |(_, caller)| *caller), function);
        self.0.push((column, node));
        node
    }
}

/// Calls by how far right they stand, each with a total that holds those of the calls that it made.
#[derive(Debug, Default)]
pub(super) struct Totals(Vec<Open>);

/// A call that is still open: its column, node, and what the calls that it made have not taken.
#[derive(Debug)]
struct Open {
    column: usize,
    node: u32,
    left: f64,
}

impl Totals {
    /// Whether no call is open, so that the next one is a root.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins a call at a column; `None`: it stands for all and has no frame.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn enter(
        &mut self,
        to: &mut Stacks<'_>,
        sample_type: usize,
        column: usize,
        function: Option<u32>,
        total: f64,
    ) -> Result<(), ParseError> {
        self.leave(to, sample_type, column)?;
        if let Some(caller) = self.0.last_mut() {
            caller.left -= total;
        }
        let caller = self.0.last().map_or(NONE, |caller| caller.node);
        let node = function.map_or(caller, |function| to.node(caller, function));
        self.0.push(Open { column, node, left: total });
        Ok(())
    }

    /// Ends the calls that stand at a column or right of it.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn leave(&mut self, to: &mut Stacks<'_>, sample_type: usize, column: usize) -> Result<(), ParseError> {
        while let Some(call) = self.0.pop_if(|call| call.column >= column) {
            if call.left > 0.0 {
                to.add_node(sample_type, call.node, call.left)?;
            }
        }
        Ok(())
    }
}
