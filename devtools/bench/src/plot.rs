//! Horizontal bars in groups, as SVG.

use std::fmt::Write as _;

/// The bars of one case. The peer of a missing one cannot do it.
pub(crate) struct Group<'a> {
    pub(crate) name: &'a str,
    pub(crate) ratios: Vec<Option<f64>>,
}

/// Distinct for the colour-blind too (Okabe and Ito), and readable on white and on black.
const COLORS: [&str; 6] = ["#999999", "#56b4e9", "#e69f00", "#d55e00", "#009e73", "#cc79a7"];

/// Pixels: of a bar, between groups, of the column of names, of the ratio 1, of the whole.
const BAR: usize = 9;
const GAP: usize = 8;
const NAMES: usize = 270;
const ONE: f64 = 180.0;
const WIDTH: usize = 800;
/// Where the bars begin, below the title and the legend.
const TOP: usize = 60;

/// A longer bar is cut; its number says how long it is.
const LONGEST: f64 = 2.6;

/// Draws a bar for each ratio, and a line at 1.
pub(crate) fn bars(title: &str, names: &[&str], groups: &[Group<'_>]) -> String {
    let height = TOP + groups.len() * (names.len() * BAR + GAP) + GAP;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"
  font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="20" font-size="14">{title}</text>
"##
    );
    for (at, name) in names.iter().enumerate() {
        let (x, color) = (NAMES + at * 110, COLORS[at % COLORS.len()]);
        let _ = writeln!(
            svg,
            r#"<rect x="{x}" y="32" width="10" height="10" fill="{color}"/>
<text x="{}" y="41">{name}</text>"#,
            x + 14
        );
    }
    let mut y = TOP;
    for group in groups {
        let middle = y + names.len() * BAR / 2 + 4;
        let (x, name) = (NAMES - 8, group.name);
        let _ = writeln!(svg, r#"<text x="{x}" y="{middle}" text-anchor="end">{name}</text>"#);
        for (at, ratio) in group.ratios.iter().enumerate() {
            if let Some(ratio) = ratio {
                bar(&mut svg, y, *ratio, COLORS[at % COLORS.len()]);
            }
            y += BAR;
        }
        y += GAP;
    }
    let one = NAMES as f64 + ONE;
    let _ = writeln!(
        svg,
        r##"<line x1="{one}" x2="{one}" y1="{}" y2="{height}"
  stroke="#000" stroke-dasharray="3"/>"##,
        TOP - GAP
    );
    svg + "</svg>\n"
}

fn bar(svg: &mut String, y: usize, ratio: f64, color: &str) {
    let (width, height) = (ratio.min(LONGEST) * ONE, BAR - 1);
    let (end, base) = (NAMES as f64 + width + 3.0, y + height);
    let _ = writeln!(
        svg,
        r#"<rect x="{NAMES}" y="{y}" width="{width:.1}" height="{height}" fill="{color}"/>
<text x="{end:.1}" y="{base}" font-size="9">{ratio:.2}</text>"#,
    );
}
