//! Whether the units that a document names can be reached: a delivery goes to an organ with a registry, and a
//! countersignature is asked of a unit that exists.

use super::{Level, Moment, Rule, Subject};
use wenshu_core::id::UnitId;

const REGULATION_24: &str = "《党政机关公文处理工作条例》第二十四条：收文由收文机关签收、登记";

const fn blocking(
    id: &'static str,
    field: &'static str,
    source: &'static str,
    says: fn(&Subject<'_>) -> Option<String>,
) -> Rule {
    Rule { id, level: Level::Block, from: Moment::Submit, field, source, says }
}

pub(super) const RULES: &[Rule] = &[
    blocking("U-01", "recipients", REGULATION_24, |subject| {
        unknown(subject, &subject.metadata.recipients, "主送机关", "主送（其他）")
    }),
    blocking("U-02", "cc", REGULATION_24, |subject| {
        unknown(subject, &subject.metadata.cc, "抄送机关", "抄送（其他）")
    }),
    blocking(
        "U-03",
        "countersign_units",
        "《党政机关公文处理工作条例》第二十条：涉及其他部门职权范围的事项，应当与其协商一致",
        unknown_countersigner,
    ),
    blocking("U-04", "recipients", REGULATION_24, |subject| {
        out_of_reach(subject, &subject.metadata.recipients, "主送（其他）")
    }),
    blocking("U-05", "cc", REGULATION_24, |subject| {
        out_of_reach(subject, &subject.metadata.cc, "抄送（其他）")
    }),
];

fn strangers(subject: &Subject<'_>, named: &[UnitId]) -> Option<String> {
    let unknown = |unit: &&UnitId| !subject.directory.units.contains_key(*unit);
    let ids: Vec<&str> = named.iter().filter(unknown).map(UnitId::as_str).collect();
    (!ids.is_empty()).then(|| ids.join("、"))
}

fn unknown(subject: &Subject<'_>, named: &[UnitId], title: &str, by_name: &str) -> Option<String> {
    let units = strangers(subject, named)?;
    Some(format!(
        "{title}“{units}”不在组织机构中（可能已经撤并），请删去后重新选择；本系统之外的机关，写在“{by_name}”里"
    ))
}

fn unknown_countersigner(subject: &Subject<'_>) -> Option<String> {
    let units = strangers(subject, &subject.metadata.countersign_units)?;
    Some(format!("会签单位“{units}”不在组织机构中（可能已经撤并），请删去后重新选择"))
}

/// Known, but nobody there could sign for it, or nobody is there any more.
fn out_of_reach(subject: &Subject<'_>, named: &[UnitId], by_name: &str) -> Option<String> {
    let directory = subject.directory;
    let mut known = named.iter().filter_map(|unit| directory.units.get(unit));
    let unit = known.find(|unit| unit.disabled || !unit.organ || unit.registry.is_none())?;
    if unit.disabled {
        return Some(format!(
            "“{}”已停用，不能再收文；请改送接续其职责的机关（本件已在途的，退回拟稿环节改正），或写在“{by_name}”里另行送达",
            unit.name
        ));
    }
    if unit.organ {
        return Some(format!(
            "“{}”没有设收发岗，发不到；请改送其上级机关，请管理员为其设立收发岗，或写在“{by_name}”里另行送达",
            unit.name
        ));
    }
    Some(match directory.organ_of(&unit.id) {
        Some(organ) => {
            format!("“{}”是内设机构，不能作为收文机关；请改送其所在的“{}”", unit.name, organ.name)
        }
        None => format!("“{}”是内设机构，不能作为收文机关；请改选机关", unit.name),
    })
}
