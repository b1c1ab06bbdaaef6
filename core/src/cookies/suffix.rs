//! Public suffixes: domains below which anyone can register a name. No cookie is set for them.

/// The rules of <https://publicsuffix.org>, both sections, one on each line, IDNs in Punycode,
/// sorted by their bytes. `scripts/update-public-suffixes` updates them.
const RULES: &str = include_str!("public_suffixes.txt");

/// Returns true if a name (lower case, Punycode) is a public suffix. Without a rule for it, only
/// its last label is one (the rule `*`). A dot at its end changes nothing.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let parent = name.split_once('.').map(|(_, parent)| parent);
    if is_rule("!", name) {
        return false;
    }
    let Some(parent) = parent else { return true };
    is_rule("", name) || is_rule("*.", parent)
}

/// Returns true if the list has this rule. Searches the text itself, so nothing is built or
/// allocated.
fn is_rule(prefix: &str, name: &str) -> bool {
    let rules = RULES.as_bytes();
    let (mut low, mut high) = (0, rules.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = rules[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let length = rules[start..].iter().position(|byte| *byte == b'\n');
        let end = length.map_or(rules.len(), |length| start + length);
        let rule = &rules[start..end];
        match rule.iter().copied().cmp(prefix.bytes().chain(name.bytes())) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_sorted_and_each_is_found() {
        let rules: Vec<&str> = RULES.lines().collect();
        assert!(rules.len() > 9000, "{}", rules.len());
        for two in rules.windows(2) {
            assert!(two[0].as_bytes() < two[1].as_bytes(), "{two:?}");
        }
        for rule in &rules {
            assert!(is_rule("", rule), "{rule}");
            assert!(!is_rule("", &format!("{rule}x-none")), "{rule}");
            assert!(rule.is_ascii() && !rule.chars().any(|c| c.is_ascii_uppercase()), "{rule}");
        }
    }

    #[test]
    fn names_on_the_list_and_top_level_names_are_public_suffixes() {
        for name in [
            "com",
            "co.uk",
            "github.io",
            "xn--fiqs8s",
            "xn--55qx5d.cn",
            "foo.ck",
            "c.kobe.jp",
            "nowhere",
            "com.",
            "co.uk.",
            "k12.ma.us",
            "blogspot.com",
        ] {
            assert!(is_public_suffix(name), "{name}");
        }
        for name in [
            "example.com",
            "bbc.co.uk",
            "octocat.github.io",
            "www.ck",
            "kobe.jp",
            "example.com.",
            "city.kobe.jp",
            "a.nowhere",
            "www.foo.ck",
            "example.xn--fiqs8s",
            "b.c.kobe.jp",
        ] {
            assert!(!is_public_suffix(name), "{name}");
        }
    }
}
