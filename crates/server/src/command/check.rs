//! `wenshu check`: reads flow files, tells every problem with its place, and plays the tests that stand in them.
//! A file of an office (`office: …`) is checked, too.

use crate::{complain, say, trouble::Trouble};
use anyhow::Result;
use clap::Args;
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::ExitCode,
};
use wenshu_core::{
    Problem, Vocabulary,
    calendar::Calendar,
    compile,
    directory::Directory,
    office_file,
    play::{self, Stage},
};

/// The office in which tests are played unless another is given.
const SAMPLE: &str = include_str!("../../../../workflows/sample-office.yaml");

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[arg(required = true, value_name = "FILE", help = "流程文件")]
    files: Vec<PathBuf>,
    #[arg(long, value_name = "FILE", help = "运行测试所用的组织机构文件；默认用内置的样例机关")]
    office: Option<PathBuf>,
}

struct Desk {
    directory: Directory,
    calendar: Calendar,
    vocabulary: Vocabulary,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let (name, source) = match &self.office {
            Some(path) => (path.display().to_string(), read(path)?),
            None => ("sample-office.yaml".to_owned(), SAMPLE.to_owned()),
        };
        let directory = match office_file::read(&source) {
            Ok(directory) => directory,
            Err(problems) => {
                tell(&name, &problems);
                return Ok(ExitCode::FAILURE);
            }
        };
        let desk = Desk {
            directory,
            calendar: Calendar::announced(),
            vocabulary: wenshu_document::vocabulary(),
        };
        let mut good = true;
        for path in &self.files {
            good &= desk.check(&path.display().to_string(), &read(path)?);
        }
        Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Desk {
    fn check(&self, name: &str, source: &str) -> bool {
        if source.lines().any(|line| line.starts_with("office:")) {
            return match office_file::read(source) {
                Ok(office) => {
                    let (units, people) = (office.units.len(), office.people.len());
                    say(format!("{name}：组织机构，{units} 个单位，{people} 人"));
                    true
                }
                Err(problems) => tell(name, &problems),
            };
        }
        let workflow = match compile(source, &self.vocabulary) {
            Ok(workflow) => workflow,
            Err(problems) => return tell(name, &problems),
        };
        let stage = Stage {
            workflow: &workflow,
            directory: &self.directory,
            calendar: &self.calendar,
            vocabulary: &self.vocabulary,
        };
        let mut failed = 0;
        for test in &workflow.tests {
            if let Err(problem) = play::test(stage, test) {
                failed += 1;
                complain(format!("{name}：测试“{}”没有通过：{problem}\n", test.name));
            }
        }
        let (title, tests) = (&workflow.title, workflow.tests.len());
        let steps = workflow.handled().count();
        let head = format!("{name}：{title}（{}），{steps} 个办理环节", workflow.name);
        match failed {
            0 => say(format!("{head}，{tests} 个测试通过")),
            _ => complain(format!("{head}，{tests} 个测试中有 {failed} 个没有通过")),
        }
        failed == 0
    }
}

/// Tells the problems of a file; false, as a check that failed.
fn tell(name: &str, problems: &[impl Display]) -> bool {
    for problem in problems {
        complain(format!("{name}：{problem}\n"));
    }
    complain(format!("{name}：{} 处错误", problems.len()));
    false
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String> {
    let read = std::fs::read_to_string(path);
    Ok(read.map_err(|source| Trouble::Unreadable { path: path.to_owned(), source })?)
}

/// The flow in a file, for those who only look at it; its problems are told.
pub(super) fn flow(path: &Path, words: &Vocabulary) -> Result<Option<wenshu_core::Workflow>> {
    match compile(&read(path)?, words) {
        Ok(workflow) => Ok(Some(workflow)),
        Err(problems) => {
            let problems: Vec<Problem> = problems;
            tell(&path.display().to_string(), &problems);
            Ok(None)
        }
    }
}
