//! Results: a table on the screen, and JSON and plots under `target/bench`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plotters::prelude::*;
use serde_json::json;

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Which scenario, and where in it: `fan-out to 100`.
    pub(crate) case: String,
    /// Which server.
    pub(crate) server: String,
    /// What is varied within the case, and its value: `in flight`, 64.
    pub(crate) at: (&'static str, f64),
    /// What was measured, with its unit.
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    /// Whether less is better.
    pub(crate) is_cost: bool,
}

/// All measurements of one run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// What the reference of the same case and place measured.
    fn reference(&self, row: &Row) -> Option<&Row> {
        let is_reference = |known: &&Row| {
            known.case == row.case
                && known.at == row.at
                && known.what == row.what
                && REFERENCES.contains(&&*known.server)
        };
        self.rows.iter().find(is_reference)
    }

    /// How many times as good as the reference it is: above one is better.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let reference = self.reference(row).filter(|known| known.server != row.server)?;
        Some(if row.is_cost { reference.value / row.value } else { row.value / reference.value })
    }

    pub(crate) fn print(&self) {
        println!(
            "{:<26} {:<8} {:>16} {:>12}  {:<28} as good as the reference",
            "case", "server", "at", "", ""
        );
        for row in &self.rows {
            let ratio = self.ratio(row).map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let (name, at) = row.at;
            let value = short(row.value);
            println!(
                "{:<26} {:<8} {:>16} {:>12}  {:<28} {ratio}",
                row.case,
                row.server,
                format!("{at} {name}"),
                value,
                row.what
            );
        }
    }

    /// Writes `results.json` and a plot for each case to `folder`.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "case": row.case, "server": row.server, "varied": row.at.0, "at": row.at.1,
                    "what": row.what, "value": row.value, "ratio": self.ratio(row),
                })
            })
            .collect();
        fs::write(folder.join("results.json"), serde_json::to_string_pretty(&rows)?)?;
        let mut cases: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
        for row in &self.rows {
            cases.entry((&row.case, row.what)).or_default().push(row);
        }
        for ((case, what), rows) in cases {
            let varies = rows.iter().any(|row| row.at.1 > rows[0].at.1);
            if varies {
                let name: String = format!("{case} {what}")
                    .chars()
                    .map(|c| if c.is_alphanumeric() { c } else { '-' })
                    .collect();
                plot(&folder.join(name).with_extension("svg"), case, what, &rows)?;
            }
        }
        Ok(())
    }
}

/// Servers that others are compared with, where they take part.
const REFERENCES: [&str; 2] = ["ideal", "echo"];

fn plot(path: &Path, case: &str, what: &str, rows: &[&Row]) -> anyhow::Result<()> {
    let error = |error: &dyn std::fmt::Display| anyhow::anyhow!("cannot draw {}: {error}", path.display());
    let at = |row: &&Row| row.at.1.max(1.0);
    let (left, right) = bounds(rows.iter().map(at));
    let (low, high) = bounds(rows.iter().map(|row| row.value.max(0.001)));
    let area = SVGBackend::new(path, (720, 440)).into_drawing_area();
    area.fill(&WHITE).map_err(|e| error(&e))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(case, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(72)
        .build_cartesian_2d((left..right).log_scale(), (low * 0.7..high * 1.4).log_scale())
        .map_err(|e| error(&e))?;
    chart.configure_mesh().x_desc(rows[0].at.0).y_desc(what).draw().map_err(|e| error(&e))?;
    let mut servers: Vec<&str> = rows.iter().map(|row| &*row.server).collect();
    servers.dedup();
    servers.sort_unstable();
    servers.dedup();
    for (number, server) in servers.into_iter().enumerate() {
        let colour = Palette99::pick(number).to_rgba();
        let mut points: Vec<(f64, f64)> =
            rows.iter().filter(|row| row.server == server).map(|row| (at(row), row.value)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .map_err(|e| error(&e))?
            .label(server)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().border_style(BLACK).draw().map_err(|e| error(&e))?;
    area.present().map_err(|e| error(&e))
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// A number that can be read at a glance.
fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{:.1} M", v / 1e6),
        v if v >= 1e4 => format!("{:.1} k", v / 1e3),
        v if v >= 100.0 => format!("{v:.0}"),
        v => format!("{v:.2}"),
    }
}
