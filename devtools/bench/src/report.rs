//! The medians of all rounds, as tables and as values.

use std::fmt::Write as _;
use std::process::Command;
use std::{fs, io, thread};

use crate::goals;
use crate::judge::{Costs, Row};
use crate::plot::{self, Group};

/// All that was measured in one run.
pub(crate) struct Report<'a> {
    /// The peers' names. The first is the yardstick.
    pub(crate) names: Vec<&'a str>,
    pub(crate) rows: &'a [Row],
    /// The server's name and version.
    pub(crate) server: &'a str,
    pub(crate) rounds: usize,
}

/// A table: its title, whether less is better, and the values of a peer's rounds.
struct Figure {
    title: &'static str,
    values: fn(&Row, &Costs) -> Vec<f64>,
}

const FIGURES: [Figure; 4] = [
    Figure { title: goals::CPU, values: |_, costs| costs.cpu.clone() },
    Figure {
        title: goals::SPEED,
        values: |row, costs| {
            let shown = |&micros: &f64| if row.case.is_first { micros / 1e3 } else { 1e6 / micros };
            costs.micros.iter().map(shown).collect()
        },
    },
    Figure { title: "Peak memory of the process, MiB", values: |_, costs| vec![costs.peak_mib] },
    Figure {
        title: "Allocations of one request",
        values: |_, costs| costs.allocations.into_iter().collect(),
    },
];

impl Report<'_> {
    /// The tables. In brackets: the median of the ratios to the yardstick in the same round.
    pub(crate) fn markdown(&self) -> io::Result<String> {
        let mut text = format!(
            "{}, {}, {}\n\nMedians of {} rounds by turns, each peer in its own process; in \
             brackets the median of the ratios to {} in the same round.\n",
            date()?,
            self.server,
            machine()?,
            self.rounds,
            self.names[0],
        );
        for figure in FIGURES {
            let _ = write!(text, "\n| {} | {} |\n|---|", figure.title, self.names.join(" | "));
            text += &"---|".repeat(self.names.len());
            text.push('\n');
            for row in self.rows {
                let cells: Vec<String> = cells(row, &figure)
                    .into_iter()
                    .map(|cell| cell.map_or("–".to_owned(), |(value, ratio)| shown(value, ratio)))
                    .collect();
                let _ = writeln!(text, "| {} | {} |", row.case.name, cells.join(" | "));
            }
        }
        text += &goals::table(|case, figure, of| self.ratio(case, figure, of));
        Ok(text)
    }

    /// The median of the ratios of two peers in the same rounds.
    fn ratio(&self, case: &str, figure: &str, of: [&str; 2]) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.case.name == case)?;
        let figure = FIGURES.iter().find(|it| it.title == figure)?;
        let [one, other] = of.map(|name| {
            let at = self.names.iter().position(|it| *it == name)?;
            Some((figure.values)(row, row.costs[at].as_ref()?))
        });
        median(one?.iter().zip(&other?).map(|(a, b)| a / b).collect())
    }

    /// Lines of case, figure, peer, value and ratio, for programs.
    pub(crate) fn values(&self) -> String {
        let mut text = String::new();
        for row in self.rows {
            for figure in FIGURES {
                for (name, cell) in self.names.iter().zip(cells(row, &figure)) {
                    let Some((value, ratio)) = cell else { continue };
                    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.4}"));
                    let (case, figure) = (&row.case.name, figure.title);
                    let _ = writeln!(text, "{case}\t{figure}\t{name}\t{value:.6}\t{ratio}");
                }
            }
        }
        text
    }

    /// The CPU of all, beside the yardstick's, as SVG.
    pub(crate) fn plot(&self) -> String {
        let groups: Vec<Group<'_>> = self
            .rows
            .iter()
            .map(|row| {
                let ratios = cells(row, &FIGURES[0]).into_iter().skip(1);
                let ratios = ratios.map(|cell| cell.and_then(|(_, ratio)| ratio)).collect();
                Group { name: &row.case.name, ratios }
            })
            .collect();
        let title = format!("CPU of one request ({} = 1), {}", self.names[0], self.server);
        plot::bars(&title, &self.names[1..], &groups)
    }
}

/// The median of each peer, and of its ratios to the yardstick, which has none itself.
fn cells(row: &Row, figure: &Figure) -> Vec<Option<(f64, Option<f64>)>> {
    let values = |costs: &Option<Costs>| costs.as_ref().map(|costs| (figure.values)(row, costs));
    let yardstick = row.costs.first().and_then(values).unwrap_or_default();
    let cell = |(at, costs)| {
        let values = values(costs)?;
        let ratios = values.iter().zip(&yardstick).map(|(a, b)| a / b).collect();
        let ratio = if at == 0 { None } else { median(ratios) };
        Some((median(values)?, ratio))
    };
    row.costs.iter().enumerate().map(cell).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Three digits, without an exponent.
fn shown(value: f64, ratio: Option<f64>) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let ratio = ratio.map_or(String::new(), |ratio| format!(" ({ratio:.2})"));
    format!("{value:.digits$}{ratio}")
}

fn date() -> io::Result<String> {
    let output = Command::new("date").arg("+%F").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn machine() -> io::Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    Ok(format!("{model}, {} cores", thread::available_parallelism()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn a_value_has_three_digits_or_all_of_its_integer_part() {
        assert_eq!(shown(12_345.6, None), "12346");
        assert_eq!(shown(45.67, Some(0.875)), "45.7 (0.88)");
        assert_eq!(shown(1.234, None), "1.23");
    }
}
