//! Comparison of host names.

/// Returns true if a name is below a domain. Both must be in lower case.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name without the final dot that a fully qualified name may have.
pub(crate) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Returns true if a name means this machine (RFC 6761 section 6.3). It must be in lower case and
/// have no final dot.
pub(crate) fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
