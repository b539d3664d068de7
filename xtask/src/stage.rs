//! The stages of a run: each with a heading, a time and a count; all are run, and the sum is the last line.

use crate::tally::Tally;
use std::process::ExitCode;
use std::time::{Duration, Instant};

struct Done {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

enum Outcome {
    Counted(Tally),
    /// There is nothing to test yet, said why.
    Absent(&'static str),
}

pub struct Stages {
    done: Vec<Done>,
    began: Instant,
}

impl Stages {
    pub fn new() -> Stages {
        Stages { done: Vec::new(), began: Instant::now() }
    }

    /// Something that is either right or wrong, counted as one test.
    pub fn one(&mut self, name: &'static str, work: impl FnOnce() -> Result<(), String>) -> bool {
        self.count(name, || work().map(|()| Tally::one(true)))
    }

    /// Something that counts its own tests.
    pub fn count(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Tally, String>,
    ) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let tally = work().unwrap_or_else(|trouble| {
            println!("{trouble}");
            Tally::one(false)
        });
        let took = start.elapsed();
        println!("=== {name}: {tally}, {:.1} s", took.as_secs_f32());
        self.done.push(Done { name, outcome: Outcome::Counted(tally), took });
        tally.failed == 0
    }

    pub fn absent(&mut self, name: &'static str, why: &'static str) {
        println!("\n=== {name}: nothing to do, {why}");
        self.done.push(Done { name, outcome: Outcome::Absent(why), took: Duration::ZERO });
    }

    pub fn finish(self) -> ExitCode {
        println!();
        for done in &self.done {
            match &done.outcome {
                Outcome::Counted(tally) => {
                    let mark = if tally.failed == 0 { "ok  " } else { "FAIL" };
                    println!(
                        "{mark} {:<22} {:>6.1} s  {tally}",
                        done.name,
                        done.took.as_secs_f32()
                    );
                }
                Outcome::Absent(why) => println!("-    {:<22} {:>6}    {why}", done.name, ""),
            }
        }
        println!("     {:<22} {:>6.1} s", "altogether", self.began.elapsed().as_secs_f32());
        let sum = self.sum();
        println!("{sum}");
        if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn sum(&self) -> Tally {
        let mut sum = Tally::default();
        for done in &self.done {
            match done.outcome {
                Outcome::Counted(tally) => sum += tally,
                Outcome::Absent(_) => {}
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_runs_and_every_failure_counts() {
        let mut stages = Stages::new();
        assert!(!stages.one("first", || Err("broken".into())));
        assert!(stages.one("second", || Ok(())));
        stages.absent("third", "not there");
        assert!(!stages.count("fourth", || Ok(Tally { passed: 7, failed: 2 })));
        assert_eq!(stages.sum(), Tally { passed: 8, failed: 3 });
    }
}
