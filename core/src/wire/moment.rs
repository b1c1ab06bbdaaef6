//! Time that passes while the device sleeps, too.

use std::time::{Duration, Instant, SystemTime};

/// If the wall clock jumps ahead by more than this, the device has slept and may have another
/// network now.
const SLEPT: Duration = Duration::from_secs(30);

/// A moment on two clocks. The monotonic clock never runs backwards, but stands still while some
/// devices sleep.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) instant: Instant,
    pub(crate) wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { instant: Instant::now(), wall: SystemTime::now() }
    }

    /// Returns a moment shortly after this one, by the monotonic clock alone: to read the other
    /// costs as much again. The device must not have been able to sleep in between.
    pub(crate) fn shortly_after(self, instant: Instant) -> Self {
        let passed = instant.saturating_duration_since(self.instant);
        Self { instant, wall: self.wall + passed }
    }

    /// Returns the time since another moment, by the clock that shows more.
    pub(crate) fn since(self, before: Self) -> Duration {
        self.by_wall(before).max(self.instant - before.instant)
    }

    /// Returns true if the device has slept between the two moments.
    pub(crate) fn has_slept_since(self, before: Self) -> bool {
        self.by_wall(before) > self.instant - before.instant + SLEPT
    }

    /// Returns zero if the wall clock was set back.
    fn by_wall(self, before: Self) -> Duration {
        self.wall.duration_since(before.wall).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_by_the_wall_clock_too_and_a_jump_of_it_means_sleep() {
        let start = Moment::now();
        let later = |instant: u64, wall: i64| {
            let wall = match wall {
                0.. => start.wall + Duration::from_secs(wall.unsigned_abs()),
                _ => start.wall - Duration::from_secs(wall.unsigned_abs()),
            };
            Moment { instant: start.instant + Duration::from_secs(instant), wall }
        };
        for (instant, wall, since, has_slept) in [
            (10, 10, 10, false),
            (10, 3600, 3600, true),
            (10, 40, 40, false),
            (10, 41, 41, true),
            (10, -3600, 10, false),
            (3600, 10, 3600, false),
        ] {
            let now = later(instant, wall);
            assert_eq!(now.since(start), Duration::from_secs(since), "{instant} {wall}");
            assert_eq!(now.has_slept_since(start), has_slept, "{instant} {wall}");
        }
    }
}
