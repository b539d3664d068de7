//! Counting tests from what their runners print.

use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub fn one(good: bool) -> Tally {
        Tally { passed: u32::from(good), failed: u32::from(!good) }
    }

    /// A runner that died or ran nothing has failed, whatever it counted.
    pub fn closed(mut self, ended_well: bool) -> Tally {
        if self.failed == 0 && (!ended_well || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// `test result: FAILED. 5 passed; 1 failed; 0 ignored; …`: how cargo's test runner closes.
pub fn cargo_line(line: &str) -> Option<Tally> {
    let counts = line.trim_start().strip_prefix("test result: ")?;
    let counts = counts.strip_prefix("ok. ").or_else(|| counts.strip_prefix("FAILED. "))?;
    let count = |word: &str| {
        let part = counts.split(';').find_map(|part| part.trim().strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some(Tally { passed: count(" passed")?, failed: count(" failed")? })
}

/// `ok 3 - name` and `not ok 3 - name`: how the browser tests tell of each. A skipped one did not pass.
pub fn tap_line(line: &str) -> Option<Tally> {
    let (good, rest) = match line.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok ")?),
    };
    let number = rest.split(' ').next()?;
    number.parse::<u32>().ok()?;
    let skipped = rest.to_ascii_uppercase().contains("# SKIP");
    Some(Tally::one(good && !skipped))
}

/// The totals at the top of vitest's JSON report.
pub fn vitest(report: &str) -> Option<Tally> {
    let count = |key: &str| {
        let (_, rest) = report.split_once(&format!("\"{key}\":"))?;
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        rest[..end].parse::<u32>().ok()
    };
    let pending = count("numPendingTests")? + count("numTodoTests").unwrap_or(0);
    Some(Tally { passed: count("numPassedTests")?, failed: count("numFailedTests")? + pending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_closes_with_its_counts() {
        let line = "test result: ok. 6 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(cargo_line(line), Some(Tally { passed: 6, failed: 0 }));
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1s";
        assert_eq!(cargo_line(line), Some(Tally { passed: 12, failed: 3 }));
        assert_eq!(cargo_line("test result_of_a_vote ... ok"), None);
        assert_eq!(cargo_line("running 6 tests"), None);
    }

    #[test]
    fn browser_tests_count_line_by_line() {
        assert_eq!(tap_line("ok 1 - 登录"), Some(Tally { passed: 1, failed: 0 }));
        assert_eq!(tap_line("not ok 2 - 会签"), Some(Tally { passed: 0, failed: 1 }));
        assert_eq!(tap_line("ok 3 - 归档 # SKIP no browser"), Some(Tally { passed: 0, failed: 1 }));
        assert_eq!(tap_line("ok then"), None);
        assert_eq!(tap_line("1..3"), None);
    }

    #[test]
    fn vitest_reports_totals() {
        let report = r#"{"numTotalTests":9,"numPassedTests":6,"numFailedTests":2,"numPendingTests":1,"numTodoTests":0,"success":false}"#;
        assert_eq!(vitest(report), Some(Tally { passed: 6, failed: 3 }));
        assert_eq!(vitest("{}"), None);
    }

    #[test]
    fn a_runner_that_dies_or_runs_nothing_has_failed() {
        let some = Tally { passed: 3, failed: 0 };
        assert_eq!(some.closed(true), some);
        assert_eq!(some.closed(false).failed, 1);
        assert_eq!(Tally::default().closed(true).failed, 1);
        assert_eq!(Tally { passed: 1, failed: 4 }.closed(false).failed, 4);
    }

    #[test]
    fn the_last_line_is_plain() {
        let mut sum = Tally { passed: 40, failed: 1 };
        sum += Tally::one(true);
        assert_eq!(sum.to_string(), "41 passed, 1 failed");
    }
}
