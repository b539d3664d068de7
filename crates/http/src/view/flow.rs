//! Flows: what may be started, how they are drawn, what is wrong with their files.

use super::{FlowWarning, InFlight, mirror};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{
    Workflow, compile, draw, value,
    workflow::{Carrier, StepKind},
};

mirror! {
    /// What a box of a picture is.
    NodeKind is draw::NodeKind { Start, Handle, Circulate, Effects, Choice, Fork, Each, Join, End }
    /// What an arrow of a picture is.
    ArrowKind is draw::ArrowKind { Next, Branch, Alternative, Back }
    /// What kind of value a field takes.
    FieldType is value::FieldType { Text, LongText, Texts, Number, Bool, Date, Choice, Unit, Units, Person, People }
}

/// What is drawn of a flow.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Picture {
    /// In the order of the file.
    pub nodes: Vec<PictureNode>,
    pub edges: Vec<PictureEdge>,
}

/// A box.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PictureNode {
    pub id: String,
    pub title: String,
    pub kind: NodeKind,
    /// Who has it, in Chinese.
    pub who: Option<String>,
    /// Where it begins in the file, in UTF-16 units; none for what the file does not write, and where no file is shown.
    pub offset: Option<usize>,
}

/// An arrow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PictureEdge {
    pub from: String,
    pub to: String,
    pub kind: ArrowKind,
    pub label: Option<String>,
}

impl From<draw::Picture> for Picture {
    fn from(picture: draw::Picture) -> Self {
        let node = |node: draw::Node| PictureNode {
            id: node.id,
            title: node.title,
            kind: node.kind.into(),
            who: node.who,
            offset: None,
        };
        let edge = |edge: draw::Arrow| PictureEdge {
            from: edge.from,
            to: edge.to,
            kind: edge.kind.into(),
            label: edge.label,
        };
        Self {
            nodes: picture.nodes.into_iter().map(node).collect(),
            edges: picture.edges.into_iter().map(edge).collect(),
        }
    }
}

impl Picture {
    /// The picture beside its file.
    #[must_use]
    pub fn beside(picture: draw::Picture, source: &str) -> Self {
        let utf16 = |bytes: usize| source.get(..bytes).map(|text| text.encode_utf16().count());
        let offsets: Vec<_> =
            picture.nodes.iter().map(|node| node.offset.and_then(utf16)).collect();
        let mut drawn = Self::from(picture);
        for (node, offset) in drawn.nodes.iter_mut().zip(offsets) {
            node.offset = offset;
        }
        drawn
    }
}

/// A field of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Field {
    pub name: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub required: bool,
    /// For `choice`.
    pub options: Vec<String>,
}

impl From<&value::Field> for Field {
    fn from(field: &value::Field) -> Self {
        Self {
            name: field.name.clone(),
            title: field.title.clone(),
            kind: field.kind.into(),
            required: field.required,
            options: field.options.clone(),
        }
    }
}

/// What a case of a flow carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    Document,
    Form,
}

/// A flow that may be started.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkflowBrief {
    pub name: String,
    pub title: String,
    pub carries: Carries,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub form: Option<Vec<Field>>,
    /// Whether it begins at somebody's own desk; else with what another unit sent, when that is registered.
    pub drafted: bool,
    pub hash: String,
}

impl From<&Workflow> for WorkflowBrief {
    fn from(workflow: &Workflow) -> Self {
        let (carries, form) = match &workflow.carries {
            Carrier::Document => (Carries::Document, None),
            Carrier::Form(fields) => {
                (Carries::Form, Some(fields.iter().map(Field::from).collect()))
            }
        };
        Self {
            name: workflow.name.clone(),
            title: workflow.title.clone(),
            carries,
            form,
            drafted: drafted(workflow),
            hash: workflow.hash.clone(),
        }
    }
}

/// A document has its text from whoever begins it, unless the first step may not write one.
fn drafted(workflow: &Workflow) -> bool {
    match workflow.carries {
        Carrier::Form(_) => true,
        Carrier::Document => {
            let first = &workflow.graph[workflow.start].kind;
            matches!(first, StepKind::Handle(step) if step.edit.contains("title"))
        }
    }
}

/// A flow with its file and its picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkflowView {
    pub name: String,
    pub title: String,
    pub hash: String,
    pub source: String,
    pub picture: Picture,
}

/// A flow by name and hash.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowName {
    pub name: String,
    pub title: String,
    pub hash: String,
}

impl From<&Workflow> for FlowName {
    fn from(workflow: &Workflow) -> Self {
        Self {
            name: workflow.name.clone(),
            title: workflow.title.clone(),
            hash: workflow.hash.clone(),
        }
    }
}

/// What is wrong with a flow's file, and where.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowProblem {
    pub code: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub end_column: usize,
    /// UTF-16 offsets, for editors.
    pub from: usize,
    pub to: usize,
    pub message: String,
    pub excerpt: String,
    pub hint: Option<String>,
}

impl From<compile::Problem> for FlowProblem {
    fn from(problem: compile::Problem) -> Self {
        let compile::Problem { code, line, column, end_column, from, to, message, excerpt, hint } =
            problem;
        Self { code, line, column, end_column, from, to, message, excerpt, hint }
    }
}

/// What a check of a flow's file found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowCheck {
    pub problems: Vec<FlowProblem>,
    /// Whom the flow will not find in today's directory; it may be deployed all the same.
    pub warnings: Vec<FlowWarning>,
    /// Names these very warnings: whoever deploys accepts them by it. Null where there are none.
    pub survey: Option<String>,
    /// The rest is absent while there are problems.
    pub name: Option<String>,
    pub title: Option<String>,
    pub hash: Option<String>,
    pub picture: Option<Picture>,
    /// How many tests the file has.
    pub tests: usize,
    /// The version that new cases of this name start now.
    pub current: Option<String>,
    /// Cases that would keep the versions that they began with.
    pub in_flight: Vec<InFlight>,
}

/// A flow's file as it was read, and what is wrong with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowImport {
    pub source: String,
    pub check: FlowCheck,
}
