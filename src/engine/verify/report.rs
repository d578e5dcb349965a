//! Report of a comparison with recorded numbers: one row per quantity, shown as a table. Invariant: an error that
//! is not a number fails.

use std::fmt;

/// One compared quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRow {
    /// What was compared: "loss", "gradients" …
    pub quantity: String,
    /// The tensor (or step) that was furthest off.
    pub worst: String,
    /// Its error, in the measure of the quantity.
    pub error: f64,
    /// The largest error allowed.
    pub tolerance: f64,
}

impl ReportRow {
    /// Whether the error is a number within the tolerance.
    pub fn pass(&self) -> bool {
        self.error <= self.tolerance
    }
}

/// All compared quantities of one case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    pub rows: Vec<ReportRow>,
}

impl Report {
    /// Whether something was compared and every row passes.
    pub fn passed(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(ReportRow::pass)
    }
}

impl Report {
    /// The rows as JSON; an error that is no number is null.
    pub fn json(&self) -> serde_json::Value {
        let row = |row: &ReportRow| {
            serde_json::json!({
                "quantity": row.quantity,
                "worst": row.worst,
                "error": row.error,
                "tolerance": row.tolerance,
                "pass": row.pass(),
            })
        };
        self.rows.iter().map(row).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["quantity", "worst tensor", "error", "tolerance", "pass"].map(str::to_owned);
        let lines: Vec<[String; 5]> = std::iter::once(head)
            .chain(self.rows.iter().map(|row| {
                let pass = if row.pass() { "yes" } else { "NO" };
                [
                    row.quantity.clone(),
                    row.worst.clone(),
                    format!("{:.2e}", row.error),
                    format!("{:.2e}", row.tolerance),
                    pass.to_owned(),
                ]
            }))
            .collect();
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
        };
        let [a, b, c, d] = [width(0), width(1), width(2), width(3)];
        for [quantity, worst, error, tolerance, pass] in &lines {
            writeln!(f, "{quantity:<a$}  {worst:<b$}  {error:>c$}  {tolerance:>d$}  {pass}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(quantity: &str, error: f64) -> ReportRow {
        ReportRow { quantity: quantity.into(), worst: "step3".into(), error, tolerance: 1e-4 }
    }

    #[test]
    fn only_numbers_within_the_tolerance_pass() {
        assert!(row("loss", 0.0).pass());
        assert!(row("loss", 1e-4).pass());
        assert!(!row("loss", 1.1e-4).pass());
        assert!(!row("loss", f64::NAN).pass());
        assert!(!row("loss", f64::INFINITY).pass());
    }

    #[test]
    fn a_report_passes_when_every_row_does_and_there_is_one() {
        assert!(!Report::default().passed());
        assert!(Report { rows: vec![row("loss", 0.0)] }.passed());
        assert!(!Report { rows: vec![row("loss", 0.0), row("features", f64::NAN)] }.passed());
    }

    #[test]
    fn the_table_is_aligned() {
        let report = Report { rows: vec![row("loss", 2e-7), row("student_logits", f64::NAN)] };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let column = lines[0].find("worst tensor");
        assert_eq!(lines[1].find("step3"), column);
        assert_eq!(lines[2].find("step3"), column);
        assert!(lines[1].ends_with("1.00e-4  yes"), "{text}");
        assert!(lines[2].ends_with("NaN    1.00e-4  NO"), "{text}");
    }
}
