//! The report: a page that shows a recording, beside its file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const PAGE: &str = include_str!("report.html");

/// Where the events go in the page.
const EVENTS: &str = "/*events*/";

/// Writes the report of the recording at `path`, under its name with the extension `html`. A recording that has such a
/// name itself gets none.
pub(super) fn write_beside(path: &Path) -> io::Result<()> {
    let page = path.with_extension("html");
    if page == path {
        return Ok(());
    }
    let (before, after) = PAGE.split_once(EVENTS).expect("the page has a place for the events");
    let mut page = BufWriter::new(File::create(page)?);
    page.write_all(before.as_bytes())?;
    io::copy(&mut File::open(path)?, &mut page)?;
    page.write_all(after.as_bytes())?;
    page.flush()
}
