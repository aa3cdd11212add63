//! The efficiencies as pictures: one for each kind of program, which is the first word of its name.

use super::grid::Measured;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

/// The size of a picture.
const SIZE: (u32, u32) = (760, 440);

/// Colours that are told apart by colour-blind readers too (Okabe and Ito).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(213, 94, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// A program's name, and its efficiency by cores.
type Line<'a> = (&'a str, &'a [Measured]);

/// Draws the efficiencies of all programs.
pub(crate) fn draw(folder: &str, lines: &[(&str, Vec<Measured>)]) -> Result<(), Box<dyn Error>> {
    let kind = |name: &str| match name.split('-').next().unwrap_or(name) {
        "fib" | "tree" | "comb" | "spawns" => "forks",
        "loop" => "loops",
        "skew" | "few" | "many" => "shapes",
        "nest" | "callers" | "burst" => "calls",
        // On few cores alone.
        "same" => "none",
        _ => "others",
    };
    std::fs::create_dir_all(folder)?;
    for picture in ["forks", "loops", "shapes", "calls", "others"] {
        let lines = lines.iter().filter(|line| kind(line.0) == picture);
        let lines: Vec<Line<'_>> = lines.map(|(name, measured)| (*name, measured.as_slice())).collect();
        if !lines.is_empty() {
            draw_one(&Path::new(folder).join(format!("scaling_{picture}.svg")), &lines)?;
        }
    }
    Ok(())
}

fn draw_one(path: &Path, lines: &[Line<'_>]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let power = |measured: &Measured| (measured.machine.cores as f64).log2();
    let last = lines.iter().flat_map(|line| line.1).map(power).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .margin_right(24)
        .x_label_area_size(40)
        .y_label_area_size(52)
        // Beside the lines there is room for their names.
        .build_cartesian_2d(0.0..last * 1.3, 0.0..105.0)?;
    chart
        .configure_mesh()
        .x_labels((last * 1.3) as usize + 1)
        .y_labels(11)
        .x_label_formatter(&|power| if *power > last { String::new() } else { format!("{:.0}", power.exp2()) })
        .y_label_formatter(&|percent| format!("{percent:.0} %"))
        .x_desc("cores")
        .y_desc("efficiency")
        .light_line_style(WHITE)
        .label_style(("sans-serif", 13))
        .axis_desc_style(("sans-serif", 14))
        .draw()?;
    for (index, (name, measured)) in lines.iter().enumerate() {
        let style = COLOURS[index % COLOURS.len()].stroke_width(if index < COLOURS.len() { 2 } else { 1 });
        let points: Vec<(f64, f64)> =
            measured.iter().map(|measured| (power(measured), 100.0 * measured.efficiency())).collect();
        let dots = points.iter().map(|&point| Circle::new(point, 3, style.filled()));
        chart.draw_series(dots)?;
        chart
            .draw_series(LineSeries::new(points.clone(), style))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(200, 200, 200))
        .label_font(("sans-serif", 13))
        .draw()?;
    root.present()?;
    Ok(())
}
