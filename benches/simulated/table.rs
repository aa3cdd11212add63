//! Tables in Markdown, aligned so that they read well on a terminal too.

/// Prints a table; the first row has the heads. Every column but the first is set to the right.
pub(crate) fn print(title: &str, rows: &[Vec<String>]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    println!("\n{title}\n");
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        let first = format!("{:<1$}", row[0], widths[0]);
        println!("| {} |", [&[first], &cells[1..]].concat().join(" | "));
        if index == 0 {
            let rules: Vec<String> = widths[1..].iter().map(|width| format!("{:->1$}:", "", width + 1)).collect();
            println!("|{:-<1$}|{2}|", "", widths[0] + 2, rules.join("|"));
        }
    }
}

/// A time in the unit that suits it.
pub(crate) fn span(ns: u64) -> String {
    let ns = ns as f64;
    match ns {
        t if t < 1e3 => format!("{t} ns"),
        t if t < 1e6 => format!("{:.1} us", t / 1e3),
        t => format!("{:.2} ms", t / 1e6),
    }
}

/// A share in per cent.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    format!("{:.0} %", 100.0 * part as f64 / whole.max(1) as f64)
}
