//! Host names: which are below a domain, which are this machine.

/// Whether a name stands below a domain, both in lowercase.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// A name without the dot that says that it is whole.
pub(crate) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// RFC 6761 section 6.3, of a name in lowercase and without a dot at its end.
pub(crate) fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
