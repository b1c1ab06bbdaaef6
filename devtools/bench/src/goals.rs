//! What the figures should be, and what they are.

use std::fmt::Write as _;

/// A figure of one client beside the same figure of another.
struct Goal {
    case: &'static str,
    figure: &'static str,
    /// The client, and the one that it is compared with.
    of: [&'static str; 2],
    bound: Bound,
}

/// A ratio.
#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

pub(crate) const CPU: &str = "CPU of one request, µs";
pub(crate) const SPEED: &str = "Requests per second; of a first request, the milliseconds";

const GOALS: [Goal; 8] = [
    Goal {
        case: "h1, 592 B, 10 in flight",
        figure: CPU,
        of: ["engine", "reqwest"],
        bound: Bound::AtMost(0.9),
    },
    Goal {
        case: "h1, 592 B, 10 in flight",
        figure: CPU,
        of: ["C", "reqwest"],
        bound: Bound::AtMost(1.05),
    },
    Goal {
        case: "h2 over TLS, 592 B, 10 in flight",
        figure: CPU,
        of: ["engine", "reqwest"],
        bound: Bound::AtMost(1.0),
    },
    Goal {
        case: "h2 over TLS, 592 B, 10 in flight",
        figure: CPU,
        of: ["C", "reqwest"],
        bound: Bound::AtMost(1.2),
    },
    Goal {
        case: "h1, 1 MiB, 1 in flight",
        figure: SPEED,
        of: ["C", "libcurl"],
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        case: "h1, 100 MiB, 1 in flight",
        figure: SPEED,
        of: ["C", "libcurl"],
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        case: "h1 over TLS, first request of a process",
        figure: SPEED,
        of: ["C", "libcurl"],
        bound: Bound::AtMost(0.7),
    },
    Goal {
        case: "h2 over TLS, first request of a process",
        figure: SPEED,
        of: ["C", "libcurl"],
        bound: Bound::AtMost(0.7),
    },
];

/// The goals whose cases were measured. `ratio` is the median of the ratios of a figure of two
/// clients in the same rounds of a case.
pub(crate) fn table(ratio: impl Fn(&str, &str, [&str; 2]) -> Option<f64>) -> String {
    let mut text = String::new();
    for Goal { case, figure, of, bound } in GOALS {
        let Some(ratio) = ratio(case, figure, of) else { continue };
        let (goal, is_met) = match bound {
            Bound::AtMost(most) => (format!("≤ {most:.2}"), ratio <= most),
            Bound::AtLeast(least) => (format!("≥ {least:.2}"), ratio >= least),
        };
        let ([one, other], met) = (of, if is_met { "met" } else { "not met" });
        let _ =
            writeln!(text, "| {case}: {figure} | {one} / {other} | {goal} | {ratio:.2}, {met} |");
    }
    if text.is_empty() {
        return text;
    }
    format!("\n| Goal | Clients | Ratio | Measured |\n|---|---|---|---|\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_at_its_bound_and_one_that_was_not_measured_is_left_out() {
        let only = |case: &'static str, measured| {
            move |of: &str, _: &str, _: [&str; 2]| (of == case).then_some(measured)
        };
        let table_of = |case, measured| table(only(case, measured));
        let most = table_of("h1, 592 B, 10 in flight", 0.95);
        assert_eq!(most.lines().count(), 5, "{most}");
        assert!(most.contains("engine / reqwest | ≤ 0.90 | 0.95, not met |"), "{most}");
        assert!(most.contains("C / reqwest | ≤ 1.05 | 0.95, met |"), "{most}");
        assert!(table_of("h1, 1 MiB, 1 in flight", 1.0).contains("≥ 1.00 | 1.00, met |"));
        assert_eq!(table_of("another", 1.0), "");
    }
}
