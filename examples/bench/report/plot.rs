//! Plots: what is measured, against each thing that is varied: a line for each server against counts, bars against
//! words.

use std::fmt::Display;
use std::path::Path;

use plotters::prelude::*;

use super::{At, Row, Unit, What, distinct};

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
                let drawn = match points[0].at[varied].1 {
                    At::Count(_) => lines(&file, &title, what, &points, varied),
                    At::Word(_) => bars(&file, &title, what, &points, varied),
                };
                drawn.map_err(|error| anyhow::anyhow!("cannot draw {}: {error}", file.display()))?;
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
    let at = |row: &&Row| match row.at[varied].1 {
        At::Count(count) => real(count.max(1)),
        At::Word(_) => 1.0,
    };
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

/// A group of bars for each word, and a bar in it for each server.
fn bars(path: &Path, title: &str, what: What, rows: &[&Row], varied: usize) -> Result<(), String> {
    let said = |error: &dyn Display| error.to_string();
    let words = distinct(rows.iter().map(|row| row.at[varied].1.to_string()));
    let servers = distinct(rows.iter().map(|row| row.server));
    let (low, high) = bounds(rows.iter().map(|row| row.value.max(1e-12)));
    let floor = low * 0.7;
    let area = SVGBackend::new(path, (760, 440)).into_drawing_area();
    area.fill(&WHITE).map_err(|e| said(&e))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(84)
        .build_cartesian_2d(-0.5..real(words.len() as u64) - 0.5, (floor..high * 1.4).log_scale())
        .map_err(|e| said(&e))?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(2 * words.len())
        .x_label_formatter(&|place| word_at(&words, *place))
        .y_label_formatter(&|value| what.unit.show(*value))
        .draw()
        .map_err(|e| said(&e))?;
    // Some room is left between groups.
    let width = 0.8 / real(servers.len() as u64);
    for (number, server) in servers.into_iter().enumerate() {
        let colour = Palette99::pick(number).to_rgba();
        let shown = rows.iter().filter(|row| row.server == server).filter_map(|row| {
            let group = words.iter().position(|word| *word == row.at[varied].1.to_string())?;
            let left = real(group as u64) - 0.4 + width * real(number as u64);
            Some(Rectangle::new([(left, floor), (left + width, row.value)], colour.filled()))
        });
        chart
            .draw_series(shown)
            .map_err(|e| said(&e))?
            .label(server)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()
        .map_err(|e| said(&e))?;
    area.present().map_err(|e| said(&e))
}

/// The word whose group has its middle at a place, if there is one.
fn word_at(words: &[String], place: f64) -> String {
    let group = (0..words.len()).find(|group| (real(*group as u64) - place).abs() < 0.01);
    group.map(|group| words[group].clone()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of what is measured are small")]
fn real(count: u64) -> f64 {
    count as f64
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}
