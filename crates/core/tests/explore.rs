//! Random flows, every legal move at every moment, to the last marking: no run gets stuck, and nothing is left
//! when it ends. `WENSHU_EXPLORE` says how many flows (default 250).

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may be told how much to try, and says how much it did"
)]

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
};
use wenshu_core::{
    Vocabulary, Workflow, compile,
    control::{self, Marking, Move},
};

#[derive(Clone, Debug)]
enum Shape {
    Step,
    Seq(Vec<Shape>),
    Parallel {
        any: bool,
        branches: Vec<Shape>,
    },
    Each {
        any: bool,
        inside: Box<Shape>,
    },
    Choose(Vec<Shape>),
    /// The parts, then a person who may send them round again.
    Loop(Vec<Shape>),
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn random(dice: &mut Dice, depth: u64, budget: &mut i32) -> Shape {
    *budget -= 1;
    if depth == 0 || *budget < 1 {
        return Shape::Step;
    }
    let count = 2 + dice.roll(2);
    let mut parts =
        |dice: &mut Dice| (0..count).map(|_| random(dice, depth - 1, budget)).collect::<Vec<_>>();
    match dice.roll(7) {
        0 | 1 => Shape::Seq(parts(dice)),
        2 => Shape::Parallel { any: false, branches: parts(dice) },
        3 => Shape::Parallel { any: dice.roll(2) == 0, branches: parts(dice) },
        4 => Shape::Each {
            any: dice.roll(3) == 0,
            inside: Box::new(random(dice, depth - 1, budget)),
        },
        5 => Shape::Loop(parts(dice)),
        _ => Shape::Choose(parts(dice)),
    }
}

/// Writes a shape as a list of steps, indented; counts ids.
struct Writer {
    text: String,
    ids: u32,
}

impl Writer {
    fn flow(shape: &Shape) -> String {
        let head = "workflow: random\ntitle: 随机\nform:\n  n: { title: 数, type: number }\n  u: { title: 单位, type: units }\nsteps:\n";
        let mut writer = Self { text: head.into(), ids: 0 };
        writer.steps(shape, 2);
        writer.text
    }

    fn id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    fn step(&mut self, pad: usize, more: &str) -> u32 {
        let id = self.id();
        let _ = writeln!(
            self.text,
            "{:pad$}- {{ id: s{id}, title: 第{id}步, by: initiator{more} }}",
            ""
        );
        id
    }

    fn steps(&mut self, shape: &Shape, pad: usize) {
        match shape {
            Shape::Step => {
                self.step(pad, "");
            }
            Shape::Seq(parts) => parts.iter().for_each(|part| self.steps(part, pad)),
            Shape::Parallel { any, branches } => {
                let id = self.id();
                let _ = writeln!(
                    self.text,
                    "{:pad$}- id: p{id}\n{:pad$}  join: {}\n{:pad$}  parallel:",
                    "",
                    "",
                    rule(*any),
                    ""
                );
                for branch in branches {
                    let _ = writeln!(self.text, "{:pad$}    - steps:", "");
                    self.steps(branch, pad + 8);
                }
            }
            Shape::Each { any, inside } => {
                let id = self.id();
                let _ = writeln!(
                    self.text,
                    "{:pad$}- id: e{id}\n{:pad$}  join: {}\n{:pad$}  for_each: {{ v{id}: form.u }}\n{:pad$}  steps:",
                    "",
                    "",
                    rule(*any),
                    "",
                    ""
                );
                self.steps(inside, pad + 4);
            }
            Shape::Choose(parts) => {
                let _ = writeln!(self.text, "{:pad$}- choose:", "");
                for (index, part) in parts.iter().enumerate() {
                    let last = index + 1 == parts.len();
                    if last {
                        let _ = writeln!(self.text, "{:pad$}    - otherwise:", "");
                    } else {
                        let _ = writeln!(
                            self.text,
                            "{:pad$}    - when: form.n == {index}\n{:pad$}      steps:",
                            "", ""
                        );
                    }
                    self.steps(part, pad + 8);
                }
            }
            Shape::Loop(parts) => {
                let first = self.step(pad, "");
                parts.iter().for_each(|part| self.steps(part, pad));
                let _ = writeln!(
                    self.text,
                    "{:pad$}- choose:\n{:pad$}    - when: form.n == 1\n{:pad$}      steps:",
                    "", "", ""
                );
                self.step(pad + 8, &format!(", next: s{first}"));
                let _ = writeln!(self.text, "{:pad$}    - otherwise:", "");
                self.step(pad + 8, "");
            }
        }
    }
}

fn rule(any: bool) -> &'static str {
    if any { "any" } else { "all" }
}

enum Found {
    Sound(usize),
    TooLarge,
}

/// All markings that can be reached, and whether from each of them the end can be.
fn explore(flow: &Workflow, most: usize) -> Result<Found, String> {
    let mut first = Marking::default();
    control::start(flow, &mut first);
    let mut known = BTreeMap::from([(first.clone(), 0_usize)]);
    let mut all = vec![first];
    let mut came: Vec<Option<(usize, Move)>> = vec![None];
    let mut before: Vec<Vec<usize>> = vec![vec![]];
    let mut todo = VecDeque::from([0]);
    let mut ends = vec![];
    while let Some(at) = todo.pop_front() {
        let marking = all[at].clone();
        if marking.is_over() {
            if !marking.blocks.is_empty() {
                return Err(format!(
                    "nobody has it, but blocks wait: {marking:?}\n{}",
                    run(&came, at)
                ));
            }
            ends.push(at);
            continue;
        }
        for mv in control::moves(flow, &marking, 2) {
            let mut next = marking.clone();
            control::fire(flow, &mut next, mv.clone());
            let index = *known.entry(next.clone()).or_insert_with(|| {
                all.push(next);
                came.push(Some((at, mv)));
                before.push(vec![]);
                todo.push_back(all.len() - 1);
                all.len() - 1
            });
            before[index].push(at);
        }
        if all.len() > most {
            return Ok(Found::TooLarge);
        }
    }
    let mut can_end = vec![false; all.len()];
    while let Some(at) = ends.pop() {
        if !std::mem::replace(&mut can_end[at], true) {
            ends.extend(&before[at]);
        }
    }
    match can_end.iter().position(|can| !can) {
        None => Ok(Found::Sound(all.len())),
        Some(at) => Err(format!("cannot end from {:?}\n{}", all[at], run(&came, at))),
    }
}

fn run(came: &[Option<(usize, Move)>], mut at: usize) -> String {
    let mut moves = vec![];
    while let Some((from, mv)) = &came[at] {
        moves.push(format!("  {mv:?}"));
        at = *from;
    }
    moves.reverse();
    moves.join("\n")
}

#[test]
fn random_flows_with_every_send_back_end_and_leave_nothing() {
    let count = std::env::var("WENSHU_EXPLORE")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(250_u64);
    let (mut sound, mut large, mut most) = (0, 0, 0);
    for seed in 0..count {
        let mut dice = Dice(seed * 7919 + 17);
        let middle = random(&mut dice, 4, &mut (2 + (seed % 5) as i32));
        let tail = random(&mut dice, 2, &mut (1 + (seed % 3) as i32));
        let shape = Shape::Seq(vec![Shape::Step, middle, Shape::Step, tail, Shape::Step]);
        let source = Writer::flow(&shape);
        let flow = compile(&source, &Vocabulary::default()).unwrap_or_else(|problems| {
            panic!(
                "seed {seed}: {}\n{source}",
                problems.iter().map(ToString::to_string).collect::<String>()
            )
        });
        match explore(&flow, 2_000) {
            Ok(Found::Sound(markings)) => {
                sound += 1;
                most = most.max(markings);
            }
            Ok(Found::TooLarge) => large += 1,
            Err(trouble) => panic!("seed {seed}: {trouble}\n{source}"),
        }
    }
    println!(
        "{sound} flows sound, {large} larger than the limit and not stuck so far, largest explored {most} markings"
    );
    assert!(sound > large, "most flows must be explored to the end");
}
