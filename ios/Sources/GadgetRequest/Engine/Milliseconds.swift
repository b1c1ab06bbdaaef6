import Foundation

/// Converts seconds to whole milliseconds, rounded down.
///
/// A time that does not fit becomes one that the engine refuses.
func milliseconds(_ seconds: TimeInterval) -> Int64 {
  // Binary fractions are not exact: 1.001 s is 1000.9999999999999 ms and means 1001.
  let millis = (seconds * 1000 + 1e-6).rounded(.down)
  // Below zero, because zero is a valid grace period.
  return Int64(exactly: millis) ?? (millis > 0 ? .max : -1)
}

/// Converts a date to milliseconds since 1970.
///
/// A date that does not fit becomes the latest one; a date that is not a number has expired.
func epochMilliseconds(_ date: Date) -> Int64 {
  // To the nearest, so that a time of the engine comes back as the same number.
  let millis = (date.timeIntervalSince1970 * 1000).rounded()
  return Int64(exactly: millis) ?? (millis > 0 ? .max : 0)
}
