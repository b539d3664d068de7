//! Selectors, units and conditions said in Chinese, as an official would.

use crate::{
    value::{Field, Vocabulary},
    workflow::{
        Carrier, Exclude, Selector, StepKind, Topic, UnitBase, UnitExpr, Units, Up, Who, Workflow,
    },
};
use petgraph::graph::NodeIndex;

pub(super) struct Words<'a> {
    workflow: &'a Workflow,
    vocabulary: &'a Vocabulary,
    fields: &'a [Field],
}

impl<'a> Words<'a> {
    pub(super) fn new(workflow: &'a Workflow, vocabulary: &'a Vocabulary) -> Self {
        let fields = match &workflow.carries {
            Carrier::Document => &vocabulary.fields[..],
            Carrier::Form(fields) => fields,
        };
        Self { workflow, vocabulary, fields }
    }

    pub(super) fn who(&self, who: &Who) -> String {
        let all: Vec<_> = who.any_of.iter().map(|one| self.selector(one)).collect();
        let mut text = all.join("、");
        for exclude in &who.exclude {
            let except = match exclude {
                Exclude::Initiator => "发起人".to_owned(),
                Exclude::Did(step) => format!("“{}”办理人", self.step(step.as_str())),
            };
            text.push_str(&format!("（{except}除外）"));
        }
        text
    }

    fn selector(&self, selector: &Selector) -> String {
        match selector {
            Selector::Initiator => "发起人".into(),
            Selector::User(user) => format!("用户 {user}"),
            Selector::Role(role) => format!("角色“{}”", role.title()),
            Selector::Post { title, of } => format!("{}的{title}", self.unit(of)),
            Selector::RegistryOf(of) => format!("{}的收发岗", self.unit(of)),
            Selector::HeadOf { of, level: 1 } => format!("{}的负责人", self.unit(of)),
            Selector::HeadOf { of, level } => {
                format!("{}往上{}级的负责人", self.unit(of), level.saturating_sub(1))
            }
            Selector::InChargeOf { of, topic: None } => format!("{}的分管领导", self.unit(of)),
            Selector::InChargeOf { of, topic: Some(Topic::Named(name)) } => {
                format!("{}分管“{name}”的领导", self.unit(of))
            }
            Selector::InChargeOf { of, topic: Some(Topic::Field(name)) } => {
                format!("{}按“{}”分管的领导", self.unit(of), self.field(name))
            }
            Selector::KeeperOf(of) => format!("{}的印章保管人", self.unit(of)),
            Selector::Picked(name) => format!("选定的{}", self.pick(name)),
            Selector::Did(step) => format!("“{}”办理人", self.step(step.as_str())),
            Selector::Field(name) => self.field(name),
        }
    }

    fn unit(&self, unit: &UnitExpr) -> String {
        let mut text = match &unit.base {
            UnitBase::InitiatorUnit => "发起人单位".to_owned(),
            UnitBase::Each(name) => match self.each(name) {
                Some(title) => format!("{title}单位"),
                None => "该单位".into(),
            },
            UnitBase::Field(name) => self.field(name),
            UnitBase::Named(unit) => format!("单位 {unit}"),
        };
        for up in &unit.up {
            text.push_str(match up {
                Up::Organ => "所属机关",
                Up::Parent => "上级",
            });
        }
        text
    }

    pub(super) fn units(&self, units: &Units) -> String {
        match units {
            Units::Field(name) => format!("每个{}", self.field(name)),
            Units::Picked(name) => format!("每个选定的{}", self.pick(name)),
            Units::PickedLead(name) => format!("{}的主办", self.pick(name)),
        }
    }

    pub(super) fn effects(&self, effects: &[String]) -> String {
        let titles = effects
            .iter()
            .map(|name| self.vocabulary.effect(name).map_or(name.as_str(), |effect| &effect.title));
        titles.collect::<Vec<_>>().join("、")
    }

    pub(super) fn branch(&self, split: NodeIndex, branch: u16) -> Option<String> {
        match &self.workflow.node(split).kind {
            StepKind::Parallel { branches, .. } => branches.get(usize::from(branch)).cloned(),
            StepKind::Handle(_)
            | StepKind::Circulate(_)
            | StepKind::Effects(_)
            | StepKind::Choice(_)
            | StepKind::Each(_)
            | StepKind::Join { .. }
            | StepKind::End => None,
        }
    }

    pub(super) fn alternative(&self, choice: NodeIndex, index: u16) -> Option<String> {
        let StepKind::Choice(alternatives) = &self.workflow.node(choice).kind else { return None };
        let when = alternatives.get(usize::from(index))?.when.as_ref();
        Some(when.map_or_else(|| "其他".to_owned(), |when| self.condition(&when.source)))
    }

    /// A condition with its fields called by their titles.
    fn condition(&self, source: &str) -> String {
        let root = match &self.workflow.carries {
            Carrier::Document => "doc.",
            Carrier::Form(_) => "form.",
        };
        // Longer names first: `cc` is the beginning of `cc_names`.
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_by_key(|field| std::cmp::Reverse(field.name.len()));
        let mut text = source.to_owned();
        for field in fields {
            let said = format!("{root}{}", field.name);
            text = text
                .replace(&format!("size({said})"), &format!("{}数", field.title))
                .replace(&said, &field.title);
        }
        text.replace(" && ", " 且 ")
            .replace(" || ", " 或 ")
            .replace(" in ", " 属于 ")
            .replace("==", "=")
            .replace("lead", "主办")
    }

    fn field(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map_or_else(|| name.to_owned(), |field| field.title.clone())
    }

    fn step(&self, id: &str) -> String {
        let node = self.workflow.by_id.get(id).map(|index| self.workflow.node(*index));
        node.map_or_else(|| id.to_owned(), |node| node.title.clone())
    }

    fn pick(&self, name: &str) -> String {
        let pick = self
            .workflow
            .handled()
            .flat_map(|(_, _, handle)| &handle.pick)
            .find(|pick| pick.name == name);
        pick.map_or_else(|| name.to_owned(), |pick| pick.title.clone())
    }

    /// The title of the block whose variable it is.
    fn each(&self, name: &str) -> Option<&str> {
        self.workflow.graph.node_weights().find_map(|node| match &node.kind {
            StepKind::Each(each) if each.name == name => Some(node.title.as_str()),
            StepKind::Handle(_)
            | StepKind::Circulate(_)
            | StepKind::Effects(_)
            | StepKind::Choice(_)
            | StepKind::Parallel { .. }
            | StepKind::Each(_)
            | StepKind::Join { .. }
            | StepKind::End => None,
        })
    }
}
