//! Licence expressions, judged against a list of what is allowed.

/// Whether `expression` can be satisfied by allowed licences alone. `/` is the old way to write OR.
pub fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn either(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut good = both(rest, allowed)?;
    while take(rest, "OR") {
        good |= both(rest, allowed)?;
    }
    Some(good)
}

fn both(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut good = one(rest, allowed)?;
    while take(rest, "AND") {
        good &= one(rest, allowed)?;
    }
    Some(good)
}

fn one(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    if take(rest, "(") {
        let good = either(rest, allowed)?;
        return take(rest, ")").then_some(good);
    }
    let licence = word(rest)?;
    if take(rest, "WITH") {
        return Some(allowed(&format!("{licence} WITH {}", word(rest)?)));
    }
    Some(allowed(licence))
}

fn take(rest: &mut &[&str], wanted: &str) -> bool {
    let found = rest.first() == Some(&wanted);
    if found {
        *rest = &rest[1..];
    }
    found
}

fn word<'a>(rest: &mut &[&'a str]) -> Option<&'a str> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    (!matches!(*first, "(" | ")" | "OR" | "AND" | "WITH")).then_some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(expression: &str) -> bool {
        satisfied(expression, &|licence| matches!(licence, "MIT" | "ISC" | "Apache-2.0"))
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        assert!(ok("MIT"));
        assert!(ok("GPL-3.0 OR MIT"));
        assert!(ok("Unlicense/MIT"));
        assert!(ok("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"));
        assert!(!ok("GPL-3.0"));
        assert!(!ok("Apache-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn every_part_of_a_sum_must_be_allowed() {
        assert!(ok("MIT AND ISC"));
        assert!(!ok("MIT AND OpenSSL"));
        assert!(ok("(MIT OR GPL-2.0) AND ISC"));
        assert!(!ok("MIT AND (GPL-2.0 OR OpenSSL)"));
        assert!(ok("GPL-2.0 AND ISC OR MIT"));
    }

    #[test]
    fn what_cannot_be_read_is_not_allowed() {
        for broken in ["", "MIT OR", "MIT ISC", "(MIT", "MIT)", "OR MIT", "MIT WITH"] {
            assert!(!ok(broken), "{broken}");
        }
    }
}
