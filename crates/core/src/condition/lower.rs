//! Reads CEL text into our typed expression: the guard before the parser, names and types after it. The parser
//! recurses and is not bounded by its crate, so what reaches it is small enough for a 2 MiB stack without optimisation.

use super::{Expr, Names, Op, Part, Val};
use crate::{
    compile::nearest,
    value::{Field, FieldType},
};
use cel::common::ast::{Expr as Cel, IdedExpr, LiteralValue, SourceInfo};
use chrono::NaiveDate;
use std::ops::Range;

const BYTES: usize = 1024;
const DEPTH: usize = 8;
const OPERATORS: usize = 64;
const PREFIXES: usize = 8;
const LIST: usize = 64;

/// One thing wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    /// Bytes of the condition.
    pub at: Range<usize>,
    pub message: String,
    pub hint: Option<String>,
}

/// What an expression yields.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Bool,
    Number,
    /// A text of no particular kind; a literal keeps its value, to be held against options and dates.
    Text(Option<String>),
    Date,
    Choice(String, Vec<String>),
    Unit,
    Person,
    /// Absent: an empty list, of anything.
    List(Option<Box<Kind>>),
}

pub(super) fn lower(source: &str, names: &Names<'_>) -> Result<Expr, Vec<Fault>> {
    guard(source)?;
    let parser = cel::parser::Parser::new().max_recursion_depth(64);
    let (tree, places) = parser.parse_with_source_info(source).map_err(|errors| {
        let first = errors.errors.first();
        vec![syntax(source, first.map_or(0, |error| usize::try_from(error.pos.1 - 1).unwrap_or(0)))]
    })?;
    let mut reader = Reader { source, names, places, faults: vec![] };
    let lowered = reader.expr(&tree);
    match lowered {
        Some((expr, Kind::Bool)) if reader.faults.is_empty() => Ok(expr),
        Some((_, kind)) => {
            if kind != Kind::Bool {
                let message = format!("条件应当是真或假，这里是{}", kind.title());
                reader.fault(
                    "condition_type",
                    0..source.len(),
                    message,
                    Some("请写成比较，例如 doc.urgency == \"特急\""),
                );
            }
            Err(reader.faults)
        }
        None => Err(reader.faults),
    }
}

/// Refuses what would overflow the parser's stack or cost more than a condition is worth.
fn guard(source: &str) -> Result<(), Vec<Fault>> {
    let refuse = |at: Range<usize>, message: String| {
        Err(vec![Fault {
            code: "condition_too_complex",
            at,
            message,
            hint: Some("请拆成几个分支，或把判断做成表单字段".into()),
        }])
    };
    if source.len() > BYTES {
        return refuse(0..source.len(), format!("条件太长：{}字节，最多{BYTES}字节", source.len()));
    }
    let (mut depth, mut deepest, mut operators, mut prefixes) = (0usize, 0usize, 0usize, 0usize);
    let mut quote: Option<(char, usize)> = None;
    let mut escaped = false;
    let mut before = ' ';
    for (at, c) in source.char_indices() {
        if let Some((open, from)) = quote {
            if c == '\n' {
                return Err(vec![unpaired(source, from)]);
            }
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == open {
                quote = None;
            }
            before = c;
            continue;
        }
        // What stands in r"…" and """…""" follows other rules, behind which brackets could hide from us.
        if matches!(c, '"' | '\'') && (before == c || before.is_alphanumeric()) {
            let message = "条件中的文字只能写成 \"…\" 或 '…'".to_owned();
            return Err(vec![Fault {
                code: "condition_syntax",
                at: at..at + 1,
                message,
                hint: None,
            }]);
        }
        before = c;
        match c {
            '"' | '\'' => quote = Some((c, at)),
            '(' | '[' | '{' => depth += 1,
            // A ternary nests to the right without a bracket.
            '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if "!-".contains(c) {
            prefixes += 1;
        } else if !c.is_whitespace() {
            prefixes = 0;
        }
        operators += usize::from("+-*/%<>=!&|?.,".contains(c));
        deepest = deepest.max(depth);
        if deepest > DEPTH || prefixes > PREFIXES {
            return refuse(
                at..at + c.len_utf8(),
                format!("条件的括号、否定或“?:”嵌套太深，最多{DEPTH}层"),
            );
        }
        if operators > 2 * OPERATORS {
            return refuse(at..at + c.len_utf8(), format!("条件太复杂，最多约{OPERATORS}个运算"));
        }
    }
    match quote {
        Some((_, from)) => Err(vec![unpaired(source, from)]),
        None => Ok(()),
    }
}

fn unpaired(source: &str, from: usize) -> Fault {
    Fault {
        code: "condition_syntax",
        at: from..source.len(),
        message: "引号没有成对".into(),
        hint: Some("文字写成 \"…\"，引号要在同一行".into()),
    }
}

fn syntax(source: &str, column: usize) -> Fault {
    let at = source.char_indices().nth(column).map_or(source.len(), |(at, _)| at);
    let end = source[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let hint = if source.contains(['“', '”', '‘', '’']) {
        Some("文字要用英文引号 \"…\"，不能用中文引号")
    } else if source[at..].starts_with('=') && !source[at..].starts_with("==") {
        Some("判断相等用两个等号 ==")
    } else if source.contains(['（', '）', '，', '＞', '＜', '＝', '＆', '｜']) {
        Some("括号、逗号和运算符要用半角")
    } else if source.contains(" and ") || source.contains(" or ") {
        Some("并且写 &&，或者写 ||")
    } else {
        Some("例如 doc.urgency == \"特急\" || size(doc.recipients) > 20")
    };
    let message = if at >= source.len() {
        "条件没有写完".to_owned()
    } else {
        "条件在这里看不懂".to_owned()
    };
    Fault { code: "condition_syntax", at: at..end, message, hint: hint.map(str::to_owned) }
}

impl Kind {
    fn of(field: &Field) -> Self {
        match field.kind {
            FieldType::Text | FieldType::LongText => Kind::Text(None),
            FieldType::Texts => Kind::List(Some(Box::new(Kind::Text(None)))),
            FieldType::Number => Kind::Number,
            FieldType::Bool => Kind::Bool,
            FieldType::Date => Kind::Date,
            FieldType::Choice => Kind::Choice(field.title.clone(), field.options.clone()),
            FieldType::Unit => Kind::Unit,
            FieldType::Units => Kind::List(Some(Box::new(Kind::Unit))),
            FieldType::Person => Kind::Person,
            FieldType::People => Kind::List(Some(Box::new(Kind::Person))),
        }
    }

    fn title(&self) -> String {
        match self {
            Kind::Bool => "真假值".into(),
            Kind::Number => "数字".into(),
            Kind::Text(_) => "文字".into(),
            Kind::Date => "日期".into(),
            Kind::Choice(..) => "选项".into(),
            Kind::Unit => "单位".into(),
            Kind::Person => "人员".into(),
            Kind::List(None) => "空列表".into(),
            Kind::List(Some(item)) => format!("{}列表", item.title()),
        }
    }

    fn is_textual(&self) -> bool {
        match self {
            Kind::Text(_) | Kind::Date | Kind::Choice(..) | Kind::Unit | Kind::Person => true,
            Kind::Bool | Kind::Number | Kind::List(_) => false,
        }
    }
}

type Typed = (Expr, Kind);

struct Reader<'a> {
    source: &'a str,
    names: &'a Names<'a>,
    places: SourceInfo,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(
        &mut self,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        hint: Option<&str>,
    ) {
        self.faults.push(Fault {
            code,
            at,
            message: message.into(),
            hint: hint.map(str::to_owned),
        });
    }

    fn refuse(
        &mut self,
        tree: &IdedExpr,
        message: impl Into<String>,
        hint: Option<&str>,
    ) -> Option<Typed> {
        let at = self.span(tree);
        self.fault("condition_unsupported", at, message, hint);
        None
    }

    /// Bytes that an expression covers.
    fn span(&self, tree: &IdedExpr) -> Range<usize> {
        let own = self
            .places
            .offset_for(tree.id)
            .map_or(0..self.source.len(), |(from, to)| from as usize..to as usize + 1);
        let mut all = match &tree.expr {
            Cel::Select(select) => own.start..self.field_end(own.end, &select.field),
            _ => own,
        };
        let mut cover = |inner: Range<usize>| {
            all.start = all.start.min(inner.start);
            all.end = all.end.max(inner.end);
        };
        match &tree.expr {
            Cel::Call(call) => call
                .target
                .iter()
                .map(AsRef::as_ref)
                .chain(&call.args)
                .for_each(|arg| cover(self.span(arg))),
            Cel::Select(select) => cover(self.span(&select.operand)),
            _ => {}
        }
        all.start.min(self.source.len())..all.end.min(self.source.len())
    }

    /// Where the field's name ends that follows the dot before `after`.
    fn field_end(&self, after: usize, field: &str) -> usize {
        self.source
            .get(after..)
            .and_then(|rest| rest.find(field))
            .map_or(after, |at| after + at + field.len())
    }

    fn expr(&mut self, tree: &IdedExpr) -> Option<Typed> {
        match &tree.expr {
            Cel::Literal(literal) => self.literal(tree, literal),
            Cel::Ident(name) => self.name(tree, name),
            Cel::Select(select) if select.test => self.refuse(
                tree,
                "has(…) 尚未提供",
                Some("没有填写的字段读作空，例如 doc.note == \"\" 或 size(doc.cc) == 0"),
            ),
            Cel::Select(select) => self.select(tree, &select.operand, &select.field),
            Cel::List(list) => self.list(tree, &list.elements),
            Cel::Call(call) => self.call(tree, &call.func_name, call.target.as_deref(), &call.args),
            Cel::Comprehension(_) => self.refuse(
                tree,
                "all、exists、map、filter 尚未提供",
                Some("判断是否在列表中用 in，例如 \"caizheng\" in doc.recipients"),
            ),
            Cel::Map(_) | Cel::Struct(_) | Cel::Unspecified => {
                self.refuse(tree, "条件中不能写对象 {…}", None)
            }
        }
    }

    fn literal(&mut self, tree: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        Some(match literal {
            LiteralValue::Boolean(value) => (Expr::Literal(Val::Bool(*value.inner())), Kind::Bool),
            LiteralValue::Int(value) => {
                (Expr::Literal(Val::Number(*value.inner() as f64)), Kind::Number)
            }
            LiteralValue::UInt(value) => {
                (Expr::Literal(Val::Number(*value.inner() as f64)), Kind::Number)
            }
            LiteralValue::Double(value) => {
                (Expr::Literal(Val::Number(*value.inner())), Kind::Number)
            }
            LiteralValue::String(value) => {
                let text = value.inner().to_owned();
                (Expr::Literal(Val::Text(text.clone())), Kind::Text(Some(text)))
            }
            LiteralValue::Null | LiteralValue::Bytes(_) => {
                return self.refuse(
                    tree,
                    "条件中没有 null",
                    Some("没有填写的字段读作空：文字为 \"\"，列表长度为 0"),
                );
            }
        })
    }

    fn name(&mut self, tree: &IdedExpr, name: &str) -> Option<Typed> {
        if name == "lead" && !self.names.each.is_empty() {
            return Some((Expr::Lead, Kind::Bool));
        }
        if self.names.each.iter().any(|each| each == name) {
            return Some((Expr::Each(name.to_owned()), Kind::Unit));
        }
        let at = self.span(tree);
        let root = self.names.root;
        if name == root || name == "initiator" {
            let hint = if name == root {
                format!("请写字段，例如 {root}.title")
            } else {
                "请写 initiator.unit、initiator.organ 或 initiator.person".into()
            };
            self.fault("condition_type", at, format!("“{name}”不能单独使用"), Some(&hint));
        } else if name == "lead" {
            self.fault("unknown_name", at, "lead（是否主办）只能在 for_each 中使用", None);
        } else if self.names.fields.iter().any(|field| field.name == name) {
            self.fault(
                "unknown_name",
                at,
                format!("没有名为“{name}”的变量"),
                Some(&format!("是否想写“{root}.{name}”？")),
            );
        } else {
            let known =
                [root, "initiator"].into_iter().chain(self.names.each.iter().map(String::as_str));
            let hint = nearest(name, known);
            self.fault("unknown_name", at, format!("没有名为“{name}”的变量"), hint.as_deref());
        }
        None
    }

    fn select(&mut self, tree: &IdedExpr, operand: &IdedExpr, field: &str) -> Option<Typed> {
        let Cel::Ident(root) = &operand.expr else {
            return self.refuse(
                tree,
                format!("“.{field}”前面应当是 {} 或 initiator", self.names.root),
                None,
            );
        };
        let whole = self.span(tree);
        let at = whole.end.saturating_sub(field.len())..whole.end;
        if root == "initiator" {
            return match field {
                "unit" => Some((Expr::InitiatorUnit, Kind::Unit)),
                "organ" => Some((Expr::InitiatorOrgan, Kind::Unit)),
                "person" => Some((Expr::InitiatorPerson, Kind::Person)),
                _ => {
                    let hint = nearest(field, ["unit", "organ", "person"]);
                    self.fault(
                        "unknown_field",
                        at,
                        format!("发起人没有“{field}”"),
                        hint.as_deref(),
                    );
                    None
                }
            };
        }
        if root != self.names.root {
            if root == "doc" || root == "form" {
                let at = self.span(operand);
                let hint = format!("是否想写“{}.{field}”？", self.names.root);
                self.fault("unknown_name", at, format!("本流程没有 {root}"), Some(&hint));
                return None;
            }
            return self.name(operand, root);
        }
        match self.names.fields.iter().find(|known| known.name == field) {
            Some(known) => {
                Some((Expr::Field { name: known.name.clone(), kind: known.kind }, Kind::of(known)))
            }
            None => {
                let hint =
                    nearest(field, self.names.fields.iter().map(|known| known.name.as_str()));
                self.fault(
                    "unknown_field",
                    at,
                    format!("没有名为“{field}”的字段"),
                    hint.as_deref(),
                );
                None
            }
        }
    }

    fn list(&mut self, tree: &IdedExpr, elements: &[IdedExpr]) -> Option<Typed> {
        if elements.len() > LIST {
            return self.refuse(tree, format!("列表太长，最多{LIST}项"), None);
        }
        let items: Vec<_> = elements.iter().map(|item| self.expr(item)).collect();
        let mut exprs = vec![];
        let mut kind: Option<Kind> = None;
        for (item, tree) in items.into_iter().zip(elements) {
            let (expr, its) = item?;
            exprs.push(expr);
            match &kind {
                // Literals of a list lose their value: each is held against options where the list is used.
                None => kind = Some(its),
                Some(first) if !same(first, &its) => {
                    let message = format!("列表中既有{}又有{}", first.title(), its.title());
                    return self.refuse(tree, message, None);
                }
                Some(_) => {}
            }
        }
        let kind = kind.map(|kind| match kind {
            Kind::Text(_) => Kind::Text(None),
            kind @ (Kind::Bool
            | Kind::Number
            | Kind::Date
            | Kind::Choice(..)
            | Kind::Unit
            | Kind::Person
            | Kind::List(_)) => kind,
        });
        Some((Expr::List(exprs), Kind::List(kind.map(Box::new))))
    }

    fn call(
        &mut self,
        tree: &IdedExpr,
        name: &str,
        target: Option<&IdedExpr>,
        args: &[IdedExpr],
    ) -> Option<Typed> {
        let all: Vec<&IdedExpr> = target.into_iter().chain(args).collect();
        // Every side is read before the first fault ends it, so that all of them are said at once.
        let read: Vec<_> = all.iter().map(|arg| self.expr(arg)).collect();
        let mut typed = vec![];
        for side in read {
            typed.push(side?);
        }
        let mut sides = typed.into_iter();
        let (first, second, third) = (sides.next(), sides.next(), sides.next());
        if let ("_?_:_", Some((test, Kind::Bool)), Some((yes, a)), Some((no, b))) =
            (name, &first, &second, &third)
        {
            if !same(a, b) {
                return self.refuse(
                    tree,
                    format!("“?:”两边应当同类，这里是{}和{}", a.title(), b.title()),
                    None,
                );
            }
            let kind = if a.is_textual() { Kind::Text(None) } else { a.clone() };
            return Some((
                Expr::If(Box::new(test.clone()), Box::new(yes.clone()), Box::new(no.clone())),
                kind,
            ));
        }
        match (first, second, third) {
            (Some(one), None, None) => self.unary(tree, name, one),
            (Some(left), Some(right), None) => self.pair(tree, &all, name, left, right),
            _ => self.refuse(tree, format!("不能这样使用“{}”", shown(name)), None),
        }
    }

    fn unary(&mut self, tree: &IdedExpr, name: &str, (expr, kind): Typed) -> Option<Typed> {
        let wanted = match name {
            "!_" => "真假值",
            "-_" => "数字",
            "size" => "文字或列表",
            _ => return self.unknown_function(tree, name),
        };
        match (name, &kind) {
            ("!_", Kind::Bool) => Some((Expr::Not(Box::new(expr)), Kind::Bool)),
            ("-_", Kind::Number) => Some((Expr::Negative(Box::new(expr)), Kind::Number)),
            (
                "size",
                Kind::Text(_)
                | Kind::Date
                | Kind::Choice(..)
                | Kind::Unit
                | Kind::Person
                | Kind::List(_),
            ) => Some((Expr::Size(Box::new(expr)), Kind::Number)),
            _ => {
                let at = self.span(tree);
                self.fault(
                    "condition_type",
                    at,
                    format!("“{}”要用于{wanted}，这里是{}", shown(name), kind.title()),
                    None,
                );
                None
            }
        }
    }

    fn pair(
        &mut self,
        tree: &IdedExpr,
        sides: &[&IdedExpr],
        name: &str,
        left: Typed,
        right: Typed,
    ) -> Option<Typed> {
        let op = match name {
            "_&&_" => Op::And,
            "_||_" => Op::Or,
            "_==_" => Op::Equal,
            "_!=_" => Op::Unequal,
            "_<_" => Op::Less,
            "_<=_" => Op::LessEqual,
            "_>_" => Op::Greater,
            "_>=_" => Op::GreaterEqual,
            "_+_" => Op::Add,
            "_-_" => Op::Subtract,
            "_*_" => Op::Multiply,
            "_/_" => Op::Divide,
            "_%_" => Op::Remainder,
            "@in" => Op::In,
            "contains" => return self.part(tree, Part::Any, name, left, right),
            "startsWith" => return self.part(tree, Part::Start, name, left, right),
            "endsWith" => return self.part(tree, Part::End, name, left, right),
            _ => return self.unknown_function(tree, name),
        };
        let fits = match op {
            Op::And | Op::Or => left.1 == Kind::Bool && right.1 == Kind::Bool,
            Op::Equal | Op::Unequal => self.comparable(sides, &left.1, &right.1)?,
            Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
                match (&left.1, &right.1) {
                    (Kind::Number, Kind::Number) => true,
                    (Kind::Date, Kind::Date | Kind::Text(Some(_)))
                    | (Kind::Text(Some(_)), Kind::Date) => {
                        self.comparable(sides, &left.1, &right.1)?
                    }
                    _ => false,
                }
            }
            Op::Add => {
                left.1 == Kind::Number && right.1 == Kind::Number
                    || left.1.is_textual() && right.1.is_textual()
            }
            Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder => {
                left.1 == Kind::Number && right.1 == Kind::Number
            }
            Op::In => match &right.1 {
                Kind::List(None) => true,
                Kind::List(Some(item)) => {
                    let literals =
                        if let (Cel::List(list), Kind::Choice(..)) = (&sides[1].expr, &left.1) {
                            &list.elements[..]
                        } else {
                            &[]
                        };
                    for literal in literals {
                        if let Some((_, kind)) = self.expr(literal) {
                            self.comparable(&[sides[0], literal], &left.1, &kind)?;
                        }
                    }
                    self.comparable(sides, &left.1, item)?
                }
                Kind::Bool
                | Kind::Number
                | Kind::Text(_)
                | Kind::Date
                | Kind::Choice(..)
                | Kind::Unit
                | Kind::Person => false,
            },
        };
        if !fits {
            let at = self.span(tree);
            let message = format!(
                "“{}”的两边不相配：左边是{}，右边是{}",
                shown(name),
                left.1.title(),
                right.1.title()
            );
            self.fault("condition_type", at, message, type_hint(op));
            return None;
        }
        let kind = match op {
            Op::Add if left.1 != Kind::Number => Kind::Text(None),
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder => Kind::Number,
            Op::And
            | Op::Or
            | Op::Equal
            | Op::Unequal
            | Op::Less
            | Op::LessEqual
            | Op::Greater
            | Op::GreaterEqual
            | Op::In => Kind::Bool,
        };
        Some((Expr::Binary(op, Box::new(left.0), Box::new(right.0)), kind))
    }

    fn part(
        &mut self,
        tree: &IdedExpr,
        part: Part,
        name: &str,
        left: Typed,
        right: Typed,
    ) -> Option<Typed> {
        if left.1.is_textual() && right.1.is_textual() {
            return Some((Expr::Has(part, Box::new(left.0), Box::new(right.0)), Kind::Bool));
        }
        let at = self.span(tree);
        let hint = matches!(left.1, Kind::List(_))
            .then_some("判断是否在列表中用 in，例如 \"caizheng\" in doc.recipients");
        self.fault(
            "condition_type",
            at,
            format!("{name} 要用于文字，这里是{}和{}", left.1.title(), right.1.title()),
            hint,
        );
        None
    }

    /// Whether two kinds may be equal; says itself when a literal is no option or no date.
    fn comparable(&mut self, sides: &[&IdedExpr], left: &Kind, right: &Kind) -> Option<bool> {
        for (kind, other, literal) in [(left, right, sides[1]), (right, left, sides[0])] {
            let Kind::Text(Some(text)) = other else { continue };
            if text.is_empty() {
                continue;
            }
            match kind {
                Kind::Choice(title, options) if !options.contains(text) => {
                    let at = self.span(literal);
                    let hint = nearest(text, options.iter().map(String::as_str))
                        .unwrap_or_else(|| format!("可以是：{}", options.join("、")));
                    self.fault(
                        "unknown_option",
                        at,
                        format!("“{title}”没有选项“{text}”"),
                        Some(&hint),
                    );
                    return None;
                }
                Kind::Date if text.parse::<NaiveDate>().is_err() => {
                    let at = self.span(literal);
                    self.fault(
                        "condition_type",
                        at,
                        format!("“{text}”不是日期"),
                        Some("日期写作 \"2026-05-01\""),
                    );
                    return None;
                }
                Kind::Choice(..)
                | Kind::Date
                | Kind::Bool
                | Kind::Number
                | Kind::Text(_)
                | Kind::Unit
                | Kind::Person
                | Kind::List(_) => {}
            }
        }
        Some(same(left, right))
    }

    fn unknown_function(&mut self, tree: &IdedExpr, name: &str) -> Option<Typed> {
        let known = ["size", "contains", "startsWith", "endsWith"];
        let hint = nearest(name, known).unwrap_or_else(|| format!("可以用：{}", known.join("、")));
        let at = self.span(tree);
        let at = self.source[..at.end].rfind(name).map_or(at, |from| from..from + name.len());
        self.fault("unknown_function", at, format!("条件中没有“{}”", shown(name)), Some(&hint));
        None
    }
}

/// Whether values of two kinds can be equal.
fn same(left: &Kind, right: &Kind) -> bool {
    match (left, right) {
        (Kind::List(Some(a)), Kind::List(Some(b))) => same(a, b),
        (Kind::List(_), Kind::List(_)) => true,
        (Kind::Text(_), other) | (other, Kind::Text(_)) => other.is_textual(),
        (Kind::Choice(..), Kind::Choice(..)) => true,
        (a, b) => a == b,
    }
}

/// An operator as it is written.
fn shown(name: &str) -> &str {
    match name {
        "@in" => "in",
        "_?_:_" => "?:",
        other => other.trim_matches('_'),
    }
}

fn type_hint(op: Op) -> Option<&'static str> {
    match op {
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            Some("只有数字和日期可以比较大小；列表的个数写 size(…)")
        }
        Op::In => Some("in 的右边应当是列表，例如 \"caizheng\" in doc.recipients"),
        Op::And
        | Op::Or
        | Op::Equal
        | Op::Unequal
        | Op::Add
        | Op::Subtract
        | Op::Multiply
        | Op::Divide
        | Op::Remainder => None,
    }
}
