//! Conditions 条件 on alternatives: the syntax is CEL's, read by the `cel` crate behind a guard and lowered into the
//! small typed expression here. Whether it speaks of fields that exist is settled when the file is read (`lower`),
//! so that holding it against a case can hardly fail.

mod lower;

use crate::value::{Facts, Field, FieldType, Value};
use std::{cmp::Ordering, collections::BTreeMap};

pub use lower::Fault;

/// A condition as written, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub source: String,
    expr: Expr,
}

/// What a condition may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// How fields are said: `doc` or `form`.
    pub root: &'a str,
    pub fields: &'a [Field],
    /// Variables of the enclosing `for_each` blocks, outermost first.
    pub each: &'a [String],
}

/// What a condition is held against.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Fields of the document or form.
    pub facts: &'a Facts,
    pub initiator_unit: String,
    pub initiator_organ: String,
    pub initiator_person: String,
    /// The unit id of each enclosing `for_each`, by its name.
    pub each: BTreeMap<String, String>,
    /// Whether the innermost branch leads 主办; absent outside of such blocks.
    pub lead: Option<bool>,
}

impl Condition {
    /// Reads a condition, or says all that is wrong with it; positions are bytes of `source`.
    pub fn compile(source: &str, names: &Names<'_>) -> Result<Self, Vec<Fault>> {
        let expr = lower::lower(source, names)?;
        Ok(Self { source: source.to_owned(), expr })
    }

    /// Whether it is true; an error (a division by zero) says in Chinese what cannot be worked out.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, String> {
        match self.expr.value(scope)? {
            Val::Bool(truth) => Ok(truth),
            Val::Number(_) | Val::Text(_) | Val::List(_) => {
                Err(format!("条件“{}”的结果不是真或假", self.source))
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Expr {
    Literal(Val),
    Field {
        name: String,
        kind: FieldType,
    },
    InitiatorUnit,
    InitiatorOrgan,
    InitiatorPerson,
    Each(String),
    Lead,
    List(Vec<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Size(Box<Expr>),
    /// Whether a text has a part, a beginning or an end.
    Has(Part, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    And,
    Or,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    Start,
    End,
}

#[derive(Clone, Debug, PartialEq)]
enum Val {
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Val>),
}

impl Expr {
    fn value(&self, scope: &Scope<'_>) -> Result<Val, String> {
        Ok(match self {
            Expr::Literal(value) => value.clone(),
            Expr::Field { name, kind } => fact(scope.facts.get(name), *kind),
            Expr::InitiatorUnit => Val::Text(scope.initiator_unit.clone()),
            Expr::InitiatorOrgan => Val::Text(scope.initiator_organ.clone()),
            Expr::InitiatorPerson => Val::Text(scope.initiator_person.clone()),
            Expr::Each(name) => Val::Text(scope.each.get(name).cloned().unwrap_or_default()),
            Expr::Lead => Val::Bool(scope.lead.unwrap_or(false)),
            Expr::List(items) => {
                Val::List(items.iter().map(|item| item.value(scope)).collect::<Result<_, _>>()?)
            }
            Expr::Not(inner) => Val::Bool(!inner.truth(scope)?),
            Expr::Negative(inner) => Val::Number(-inner.number(scope)?),
            Expr::Binary(op, left, right) => binary(*op, left, right, scope)?,
            Expr::If(test, yes, no) => if test.truth(scope)? { yes } else { no }.value(scope)?,
            Expr::Size(inner) => match inner.value(scope)? {
                Val::Text(text) => count(text.chars().count()),
                Val::List(list) => count(list.len()),
                Val::Bool(_) | Val::Number(_) => return Err("只有文字和列表有长度".into()),
            },
            Expr::Has(part, whole, piece) => {
                let (whole, piece) = (whole.text(scope)?, piece.text(scope)?);
                Val::Bool(match part {
                    Part::Any => whole.contains(&piece),
                    Part::Start => whole.starts_with(&piece),
                    Part::End => whole.ends_with(&piece),
                })
            }
        })
    }

    fn truth(&self, scope: &Scope<'_>) -> Result<bool, String> {
        match self.value(scope)? {
            Val::Bool(truth) => Ok(truth),
            Val::Number(_) | Val::Text(_) | Val::List(_) => Err("应当是真或假".into()),
        }
    }

    fn number(&self, scope: &Scope<'_>) -> Result<f64, String> {
        match self.value(scope)? {
            Val::Number(number) => Ok(number),
            Val::Bool(_) | Val::Text(_) | Val::List(_) => Err("应当是数字".into()),
        }
    }

    fn text(&self, scope: &Scope<'_>) -> Result<String, String> {
        match self.value(scope)? {
            Val::Text(text) => Ok(text),
            Val::Bool(_) | Val::Number(_) | Val::List(_) => Err("应当是文字".into()),
        }
    }
}

fn binary(op: Op, left: &Expr, right: &Expr, scope: &Scope<'_>) -> Result<Val, String> {
    Ok(match op {
        // As in CEL, a side that settles the matter settles it even when the other cannot be worked out.
        Op::And | Op::Or => {
            let settles = op == Op::Or;
            match (left.truth(scope), right.truth(scope)) {
                (Ok(truth), _) | (_, Ok(truth)) if truth == settles => Val::Bool(settles),
                (Err(why), _) | (_, Err(why)) => return Err(why),
                (Ok(_), Ok(_)) => Val::Bool(!settles),
            }
        }
        Op::Equal => Val::Bool(left.value(scope)? == right.value(scope)?),
        Op::Unequal => Val::Bool(left.value(scope)? != right.value(scope)?),
        Op::Less => Val::Bool(order(left, right, scope)?.is_some_and(Ordering::is_lt)),
        Op::LessEqual => Val::Bool(order(left, right, scope)?.is_some_and(Ordering::is_le)),
        Op::Greater => Val::Bool(order(left, right, scope)?.is_some_and(Ordering::is_gt)),
        Op::GreaterEqual => Val::Bool(order(left, right, scope)?.is_some_and(Ordering::is_ge)),
        Op::Add => match (left.value(scope)?, right.value(scope)?) {
            (Val::Number(a), Val::Number(b)) => Val::Number(a + b),
            (Val::Text(a), Val::Text(b)) => Val::Text(a + &b),
            (Val::Bool(_) | Val::Number(_) | Val::Text(_) | Val::List(_), _) => {
                return Err("不能相加".into());
            }
        },
        Op::Subtract => Val::Number(left.number(scope)? - right.number(scope)?),
        Op::Multiply => Val::Number(left.number(scope)? * right.number(scope)?),
        Op::Divide | Op::Remainder => {
            let (a, b) = (left.number(scope)?, right.number(scope)?);
            if b == 0.0 {
                return Err("除数为零".into());
            }
            Val::Number(if op == Op::Divide { a / b } else { a % b })
        }
        Op::In => match right.value(scope)? {
            Val::List(list) => Val::Bool(list.contains(&left.value(scope)?)),
            Val::Bool(_) | Val::Number(_) | Val::Text(_) => {
                return Err("in 的右边应当是列表".into());
            }
        },
    })
}

fn order(left: &Expr, right: &Expr, scope: &Scope<'_>) -> Result<Option<Ordering>, String> {
    match (left.value(scope)?, right.value(scope)?) {
        (Val::Number(a), Val::Number(b)) => Ok(a.partial_cmp(&b)),
        (Val::Text(a), Val::Text(b)) => Ok(Some(a.cmp(&b))),
        (Val::Bool(_) | Val::Number(_) | Val::Text(_) | Val::List(_), _) => {
            Err("不能比较大小".into())
        }
    }
}

fn count(number: usize) -> Val {
    Val::Number(number as f64)
}

/// The value of a field; absent or of another type, it reads as blank.
fn fact(value: Option<&Value>, kind: FieldType) -> Val {
    match kind {
        FieldType::Number => match value {
            Some(Value::Number(number)) => Val::Number(*number),
            Some(Value::Bool(_) | Value::Text(_) | Value::List(_)) | None => Val::Number(0.0),
        },
        FieldType::Bool => Val::Bool(value == Some(&Value::Bool(true))),
        FieldType::Texts | FieldType::Units | FieldType::People => Val::List(
            value.map(Value::ids).unwrap_or_default().into_iter().map(Val::Text).collect(),
        ),
        FieldType::Text
        | FieldType::LongText
        | FieldType::Date
        | FieldType::Choice
        | FieldType::Unit
        | FieldType::Person => match value {
            Some(Value::Text(text)) => Val::Text(text.clone()),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_)) | None => {
                Val::Text(String::new())
            }
        },
    }
}

#[cfg(test)]
mod tests;
