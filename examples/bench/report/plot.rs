//! Plots: what is measured, against each thing that is varied, a line for each server.

use std::fmt::Display;
use std::path::Path;

use plotters::prelude::*;

use super::{Row, Unit, What, distinct};

/// Draws a plot for everything that takes several values in `rows`, with all else the same.
pub(super) fn draw(folder: &Path, case: &str, what: What, rows: &[&Row]) -> anyhow::Result<()> {
    for varied in 0..rows[0].at.len() {
        let without = |row: &Row| {
            let mut rest = row.at.clone();
            rest.remove(varied);
            rest
        };
        for fixed in distinct(rows.iter().map(|row| without(row))) {
            let points: Vec<&Row> = rows.iter().copied().filter(|row| without(row) == fixed).collect();
            if points.iter().any(|row| row.at[varied] != points[0].at[varied]) {
                let place: String = fixed.iter().map(|(name, at)| format!(", {at} {name}")).collect();
                let title = format!("{case}{place}: {}", what.name);
                let name = format!("{title} by {}", rows[0].at[varied].0);
                let file = folder.join(slug(&name)).with_extension("svg");
                lines(&file, &title, what, &points, varied)
                    .map_err(|error| anyhow::anyhow!("cannot draw {}: {error}", file.display()))?;
            }
        }
    }
    Ok(())
}

fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

fn lines(path: &Path, title: &str, what: What, rows: &[&Row], varied: usize) -> Result<(), String> {
    #[expect(clippy::cast_precision_loss, reason = "counts of what is measured are small")]
    let at = |row: &&Row| row.at[varied].1.max(1) as f64;
    let (left, right) = bounds(rows.iter().map(at));
    let (low, high) = bounds(rows.iter().map(|row| row.value.max(1e-12)));
    let said = |error: &dyn Display| error.to_string();
    let area = SVGBackend::new(path, (760, 440)).into_drawing_area();
    area.fill(&WHITE).map_err(|e| said(&e))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(84)
        .build_cartesian_2d((left..right).log_scale(), (low * 0.7..high * 1.4).log_scale())
        .map_err(|e| said(&e))?;
    chart
        .configure_mesh()
        .x_desc(rows[0].at[varied].0)
        .x_label_formatter(&|value| Unit::Pieces.show(*value))
        .y_label_formatter(&|value| what.unit.show(*value))
        .draw()
        .map_err(|e| said(&e))?;
    let mut servers = distinct(rows.iter().map(|row| row.server));
    servers.sort_unstable();
    for (number, server) in servers.into_iter().enumerate() {
        let colour = Palette99::pick(number).to_rgba();
        let mut points: Vec<(f64, f64)> = rows
            .iter()
            .filter(|row| row.server == server)
            .map(|row| (at(row), row.value.max(1e-12)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .map_err(|e| said(&e))?
            .label(server)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().border_style(BLACK).draw().map_err(|e| said(&e))?;
    area.present().map_err(|e| said(&e))
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}
