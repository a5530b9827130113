//! Finds the shape of a report's entries: which names stand in which, which repeat, what their values are.

use super::{Events, Named};
use crate::report::guess::Guess;
use custody_rules::{Reason, Refusal};
use std::collections::HashMap;

/// Distinct paths of names.
const NODES_MAX: usize = 16_384;
/// The node of the entries themselves.
pub(super) const MAIN: usize = 0;
/// How groups are named, even where an entry has one of them only.
const GROUP: &str = "_group";

/// A name at one place.
#[derive(Debug, Default)]
struct Node {
    name: String,
    parent: usize,
    /// In the order in which they were met.
    children: Vec<usize>,
    by_name: HashMap<Box<str>, usize>,
    is_table: bool,
    is_identifier: bool,
    /// The one of its parents in which it was met last.
    last_parent: u64,
    /// The instance that had a value last.
    last_valued: u64,
    rows: u64,
    guess: Guess,
}

/// The shape of a report's entries.
#[derive(Debug)]
pub(super) struct Shape {
    nodes: Vec<Node>,
}

impl Shape {
    /// The nodes that are tables, the main one first.
    pub(super) fn tables(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&node| self.nodes[node].is_table).collect()
    }

    /// The name of a node.
    pub(super) fn name(&self, node: usize) -> &str {
        &self.nodes[node].name
    }

    /// How often a table's node was met.
    pub(super) fn rows(&self, table: usize) -> u64 {
        self.nodes[table].rows
    }

    /// The node of this name inside of another one.
    pub(super) fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.nodes[parent].by_name.get(name).copied()
    }

    /// Nodes that have values and belong to this table and to none inside it.
    pub(super) fn columns(&self, table: usize) -> Vec<usize> {
        let (mut columns, mut open) = (Vec::new(), vec![table]);
        while let Some(node) = open.pop() {
            if self.nodes[node].guess.seen() {
                columns.push(node);
            }
            let inside = self.nodes[node].children.iter().rev();
            open.extend(inside.filter(|&&child| !self.nodes[child].is_table));
        }
        columns
    }

    /// The names from the table to the node, joined with dots; those of an instance that repeats begin with its own.
    pub(super) fn heading(&self, table: usize, node: usize) -> String {
        let mut names = Vec::new();
        let mut at = node;
        while at != table {
            names.push(self.nodes[at].name.as_str());
            at = self.nodes[at].parent;
        }
        if self.nodes[table].guess.seen() {
            names.push(self.nodes[table].name.as_str());
        }
        names.reverse();
        names.join(".")
    }

    /// What a column's values are; the entry's number where there is no node.
    pub(super) fn guess(&self, node: Option<usize>) -> Guess {
        let mut number = Guess::default();
        number.see("1", false);
        node.map_or(number, |node| self.nodes[node].guess)
    }
}

/// Takes the events of all entries.
#[derive(Debug)]
pub(super) struct Learn {
    nodes: Vec<Node>,
    /// What is open: node, and the number of this one of them.
    open: Vec<(usize, u64)>,
    opened: u64,
}

impl Default for Learn {
    fn default() -> Self {
        let main = Node { is_table: true, ..Node::default() };
        Self { nodes: vec![main], open: Vec::new(), opened: 0 }
    }
}

impl Learn {
    /// What was found.
    pub(super) fn finish(self) -> Shape {
        Shape { nodes: self.nodes }
    }

    fn push(&mut self, node: usize) {
        self.opened += 1;
        self.nodes[node].rows += 1;
        self.open.push((node, self.opened));
    }
}

impl Events for Learn {
    fn entry(&mut self) -> Result<(), Refusal> {
        self.push(MAIN);
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), Refusal> {
        self.open.clear();
        Ok(())
    }

    fn open(&mut self, name: &str, how: Named) -> Result<(), Refusal> {
        let (parent, number) = self.open.last().copied().unwrap_or((MAIN, 0));
        let node = match self.nodes[parent].by_name.get(name) {
            Some(&node) => node,
            None => {
                let node = self.nodes.len();
                if node == NODES_MAX {
                    let detail = format!("its entries have more than {NODES_MAX} different fields");
                    return Err(Refusal::new(Reason::TooLarge, detail));
                }
                let is_identifier = how == Named::Identifier;
                let is_table = !is_identifier && name.ends_with(GROUP);
                let name = name.to_owned();
                self.nodes[parent].by_name.insert(name.as_str().into(), node);
                self.nodes[parent].children.push(node);
                self.nodes.push(Node { name, parent, is_table, is_identifier, ..Node::default() });
                node
            }
        };
        let known = &mut self.nodes[node];
        let again = known.last_parent == number && !known.is_identifier;
        known.is_table |= again || how == Named::Item;
        known.last_parent = number;
        self.push(node);
        Ok(())
    }

    fn value(&mut self, text: &str, as_number: bool) -> Result<(), Refusal> {
        let Some(&(node, number)) = self.open.last() else { return Ok(()) };
        let node = &mut self.nodes[node];
        // Several identifiers of one type, or values of one instance, stand in one cell: a text in any case.
        let is_text = node.is_identifier || node.last_valued == number;
        node.last_valued = number;
        node.guess.see_plain(if is_text { "text" } else { text }, as_number && !is_text);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        self.open.pop();
        Ok(())
    }
}
