//! Table of a benchmark's results, as text to read and as rows of JSON to compare. Invariant: every row has a
//! `name` and an `ms`; a number that was not measured is left out, never guessed.

use serde_json::{Map, Value};
use std::fmt;

/// Rows of named numbers and texts, and notes on how to read them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// `kernels`, `step` or `scale`.
    pub suite: &'static str,
    pub adapter: String,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

/// One row, columns in order.
#[derive(Debug, Clone, Default)]
pub struct Row(pub Vec<(&'static str, Cell)>);

/// A cell.
#[derive(Debug, Clone)]
pub enum Cell {
    Text(String),
    /// A number and the decimals to show.
    Number(f64, usize),
}

impl Row {
    /// A row of this name that took this long.
    pub fn new(name: impl Into<String>, ms: f64) -> Self {
        Self(vec![("name", Cell::Text(name.into())), ("ms", Cell::Number(ms, 3))])
    }

    /// Adds a number; one that is not finite (over a time too short for the clock) is left out.
    pub fn number(mut self, column: &'static str, value: f64, decimals: usize) -> Self {
        if value.is_finite() {
            self.0.push((column, Cell::Number(value, decimals)));
        }
        self
    }

    /// Adds a text.
    pub fn text(mut self, column: &'static str, text: impl Into<String>) -> Self {
        self.0.push((column, Cell::Text(text.into())));
        self
    }

    fn cell(&self, column: &str) -> Option<&Cell> {
        self.0.iter().find(|(name, _)| *name == column).map(|(_, cell)| cell)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            Self::Number(value, decimals) => f.pad(&format!("{value:.decimals$}")),
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(suite: &'static str, adapter: String) -> Self {
        Self { suite, adapter, ..Self::default() }
    }

    /// All columns in the order of their first row.
    fn columns(&self) -> Vec<&'static str> {
        let mut columns = Vec::new();
        for (name, _) in self.rows.iter().flat_map(|row| &row.0) {
            if !columns.contains(name) {
                columns.push(name);
            }
        }
        columns
    }

    /// The rows as JSON objects.
    pub fn json(&self) -> Value {
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => Value::from(text.as_str()),
            Cell::Number(value, _) => Value::from(*value),
        };
        let row = |row: &Row| {
            let mut object = Map::new();
            object.extend(row.0.iter().map(|(name, c)| ((*name).to_owned(), cell(c))));
            object.insert("adapter".to_owned(), Value::from(self.adapter.as_str()));
            Value::Object(object)
        };
        self.rows.iter().map(row).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{} on {}", self.suite, self.adapter)?;
        let columns = self.columns();
        let text =
            |row: &Row, column: &str| row.cell(column).map_or(String::new(), Cell::to_string);
        let width = |column: &&str| {
            let cells = self.rows.iter().map(|row| text(row, column).chars().count());
            cells.chain([column.chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = columns.iter().map(width).collect();
        let mut line = |cells: Vec<String>| {
            let padded = cells.iter().zip(&widths).enumerate().map(|(i, (cell, width))| {
                if i == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            writeln!(f, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        line(columns.iter().map(|c| (*c).to_owned()).collect())?;
        for row in &self.rows {
            line(columns.iter().map(|c| text(row, c)).collect())?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_lack_columns() {
        let mut table = Table::new("step", "an adapter".to_owned());
        table.rows.push(Row::new("one", 1.5).number("share", 0.25, 2));
        table.rows.push(Row::new("another", 20.0).text("variant", "tiles"));
        let text = table.to_string();
        assert!(text.contains("name         ms  share  variant"), "{text}");
        assert!(text.contains("another  20.000           tiles"), "{text}");
        let json = table.json();
        assert_eq!(json[0]["share"], 0.25);
        assert_eq!(json[1]["name"], "another");
        assert!(json[1].get("share").is_none());
    }
}
