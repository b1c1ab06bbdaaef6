//! Host names: which are below a domain, and which mean this machine.

/// Whether a name is below a domain. Both are in lower case.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// A name without the final dot of a fully qualified name.
pub(crate) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a name means this machine (RFC 6761 section 6.3). It is in lower case and has no final
/// dot.
pub(crate) fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
