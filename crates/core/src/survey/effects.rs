//! Organs that a flow's effects will fail for: without a series of numbers, nothing is numbered; without a registry,
//! nobody signs for what was dispatched.

use super::{Numbered, Survey};
use crate::{
    directory::Unit,
    vacancy::{Lack, Missing, UnitName, lack},
    workflow::{Node, Selector, UnitBase, UnitExpr},
};
use std::{collections::BTreeMap, ops::Range};

impl Survey<'_> {
    pub(super) fn effects(&mut self, node: &Node, effects: &[String]) {
        for effect in effects {
            // The vocabulary's effects are open words; these two depend on the directory.
            match effect.as_str() {
                "number" => {
                    let missing = self.without_series();
                    let hint =
                        "请为这些机关登记文号系列（机关代字）；只由上级机关发文的，可以照常启用";
                    let then = "到编号时会被拒绝";
                    self.warn(
                        (&node.id, &node.title),
                        &self.place(node, effect),
                        then,
                        &missing,
                        hint,
                    );
                }
                "dispatch" => {
                    let missing = self.without_registry();
                    let hint = "请为这些单位设收发岗并配备人员；发给它们的公文在此之前没有人签收";
                    let then = "发出的公文可能无人签收";
                    self.warn(
                        (&node.id, &node.title),
                        &self.place(node, effect),
                        then,
                        &missing,
                        hint,
                    );
                }
                _ => {}
            }
        }
    }

    /// The organs in whose name somebody could start a case, and which cannot number every kind of document.
    fn without_series(&self) -> Vec<Missing> {
        let mut missing = BTreeMap::new();
        for unit in &self.starters {
            let Some(organ) = self.directory.organ_of(&unit.id) else { continue };
            let text = match self.numbering.get(&organ.id) {
                Some(Numbered::Everything) => continue,
                None => format!("{}没有文号系列（机关代字）", organ.short),
                Some(Numbered::Only(kinds)) => {
                    let kinds: Vec<_> = kinds.iter().map(String::as_str).collect();
                    format!("{}的文号系列只用于{}", organ.short, kinds.join("、"))
                }
            };
            missing.entry(&organ.id).or_insert_with(|| about(Lack::Series, organ, text));
        }
        missing.into_values().collect()
    }

    fn without_registry(&self) -> Vec<Missing> {
        let of = UnitExpr { base: UnitBase::InitiatorUnit, up: vec![] };
        let selector = Selector::RegistryOf(of);
        self.organs.iter().filter_map(|unit| lack(self.directory, &selector, Some(unit))).collect()
    }

    /// Where the effect stands in its step.
    fn place(&self, node: &Node, effect: &str) -> Range<usize> {
        let from = self.source.get(node.offset..).unwrap_or_default();
        let start = from.find("do:").and_then(|at| Some(at + from[at..].find(effect)?));
        let start = node.offset + start.unwrap_or(0);
        start..start + effect.len()
    }
}

fn about(what: Lack, unit: &Unit, text: String) -> Missing {
    Missing {
        what, unit: Some(UnitName::from(unit)), post: None, name: "文号系列".into(), text
    }
}
