//! Who may write to whom 行文规则 (条例 ch. 4), as far as the tree of units can tell.

use super::{Level, Moment, Rule, Subject};
use crate::kind::{Direction, Kind};
use wenshu_core::{
    directory::{Directory, Seal, Unit},
    id::UnitId,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "R-02",
        level: Level::Warn,
        from: Moment::Submit,
        field: "recipients",
        source: "《党政机关公文处理工作条例》第十四条：一般不得越级行文",
        says: over_the_superior,
    },
    Rule {
        id: "R-03",
        level: Level::Warn,
        from: Moment::Submit,
        field: "recipients",
        source: "《党政机关公文处理工作条例》第十五条第（一）项：原则上主送一个上级机关",
        says: several_superiors,
    },
    Rule {
        id: "R-04",
        level: Level::Block,
        from: Moment::Submit,
        field: "cc",
        source: "《党政机关公文处理工作条例》第十五条第（一）项：不抄送下级机关",
        says: copied_downwards,
    },
    Rule {
        id: "R-09",
        level: Level::Block,
        from: Moment::Submit,
        field: "recipient_names",
        source: "《党政机关公文处理工作条例》第十五条第（五）项",
        says: to_a_person,
    },
    Rule {
        id: "R-20",
        level: Level::Block,
        from: Moment::Submit,
        field: "organ",
        source: "《党政机关公文处理工作条例》第十七条：部门内设机构不得对外正式行文",
        says: issued_from_inside,
    },
    Rule {
        id: "R-29",
        level: Level::Block,
        from: Moment::Submit,
        field: "organ",
        source: "《党政机关公文处理工作条例》第七条：办公厅（室）主管本机关公文；以他机关名义行文由其办公厅（室）办理",
        says: issued_for_another,
    },
    Rule {
        id: "R-21",
        level: Level::Block,
        from: Moment::Submit,
        field: "kind",
        source: "《党政机关公文处理工作条例》第八条：不相隶属机关之间请求批准用函，答复用函",
        says: wrong_kind_for_the_relation,
    },
    Rule {
        id: "R-27",
        level: Level::Warn,
        from: Moment::Submit,
        field: "cc",
        source: "《党政机关公文处理工作条例》第九条：抄送机关是主送机关以外的机关",
        says: sent_twice,
    },
];

/// The organs above `unit`, nearest first.
fn superiors<'a>(directory: &'a Directory, unit: &UnitId) -> Vec<&'a Unit> {
    let mut above = vec![];
    let mut at = directory.units.get(unit).and_then(|unit| unit.parent.as_ref());
    // A tree has at most as many levels as units; more means a cycle.
    for _ in 0..directory.units.len() {
        let Some(unit) = at.and_then(|id| directory.units.get(id)) else { break };
        if unit.organ {
            above.push(unit);
        }
        at = unit.parent.as_ref();
    }
    above
}

fn is_above(directory: &Directory, high: &UnitId, low: &UnitId) -> bool {
    superiors(directory, low).iter().any(|unit| unit.id == *high)
}

fn names(directory: &Directory, units: &[&UnitId]) -> String {
    let name = |unit: &&UnitId| {
        directory.units.get(*unit).map_or(unit.0.clone(), |unit| unit.short.clone())
    };
    units.iter().map(name).collect::<Vec<_>>().join("、")
}

fn over_the_superior(subject: &Subject<'_>) -> Option<String> {
    if subject.metadata.direction != Direction::Up {
        return None;
    }
    let above = superiors(subject.directory, &subject.metadata.organ);
    let direct = above.first()?;
    let skipping = subject
        .metadata
        .recipients
        .iter()
        .any(|to| above.iter().skip(1).any(|unit| unit.id == *to));
    let told = subject.metadata.cc.contains(&direct.id)
        || subject.metadata.recipients.contains(&direct.id);
    (skipping && !told).then(|| {
        format!("主送机关越过了直接上级{}：确需越级的，应当同时抄送被越过的机关", direct.short)
    })
}

fn several_superiors(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    let count = metadata.recipients.len() + metadata.recipient_names.len();
    (metadata.direction == Direction::Up && count > 1).then(|| {
        format!(
            "{}一般只主送一个上级机关，其他需要知道的上级和同级机关用抄送",
            metadata.kind.title()
        )
    })
}

fn copied_downwards(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    if metadata.direction != Direction::Up {
        return None;
    }
    let below: Vec<&UnitId> =
        metadata.cc.iter().filter(|to| is_above(subject.directory, &metadata.organ, to)).collect();
    (!below.is_empty()).then(|| {
        format!("向上级机关行文不抄送下级机关，请从抄送中去掉{}", names(subject.directory, &below))
    })
}

fn to_a_person(subject: &Subject<'_>) -> Option<String> {
    const TITLES: [&str; 12] = [
        "书记",
        "市长",
        "县长",
        "区长",
        "省长",
        "局长",
        "主任",
        "主席",
        "同志",
        "秘书长",
        "部长",
        "先生",
    ];
    if subject.metadata.direction != Direction::Up {
        return None;
    }
    let mut named = subject.metadata.recipient_names.iter();
    let person = named.find(|name| TITLES.iter().any(|title| name.ends_with(title)))?;
    Some(format!(
        "除上级机关负责人直接交办的事项外，不得以机关名义向上级机关负责人报送公文（{person}）"
    ))
}

fn issued_from_inside(subject: &Subject<'_>) -> Option<String> {
    let organ = subject.directory.units.get(&subject.metadata.organ);
    match organ {
        None => Some("没有写明发文机关".to_owned()),
        Some(unit) if !unit.organ => {
            Some(format!("{}是内设机构，不得对外正式行文；请由所在机关行文", unit.name))
        }
        Some(_) => None,
    }
}

/// An organ's documents are drafted in it, or in the office that keeps its seal.
fn issued_for_another(subject: &Subject<'_>) -> Option<String> {
    let (metadata, directory) = (subject.metadata, subject.directory);
    let own = directory.organ_of(&metadata.unit)?;
    let organ = directory.units.get(&metadata.organ).filter(|unit| unit.organ)?;
    let kept_here = |seal: &Seal| {
        let post = directory.posts.get(&seal.keeper);
        post.and_then(|post| directory.organ_of(&post.unit))
            .is_some_and(|office| office.id == own.id)
    };
    let serves = directory.seals.values().any(|seal| seal.unit == organ.id && kept_here(seal));
    (own.id != organ.id && !serves).then(|| {
        format!(
            "{}不能以{}的名义行文：其印章不由本机关保管，请由{}的办公室拟稿",
            own.short, organ.short, organ.short
        )
    })
}

fn wrong_kind_for_the_relation(subject: &Subject<'_>) -> Option<String> {
    let (metadata, directory) = (subject.metadata, subject.directory);
    let strangers = |related: &dyn Fn(&UnitId) -> bool| -> Option<String> {
        let others: Vec<&UnitId> = metadata.recipients.iter().filter(|to| !related(to)).collect();
        (!others.is_empty()).then(|| names(directory, &others))
    };
    match metadata.kind {
        Kind::Request => {
            let others = strangers(&|to| is_above(directory, to, &metadata.organ))?;
            Some(format!("{others}不是本机关的上级机关，请求批准应当用函，不用请示"))
        }
        Kind::Reply => {
            let others = strangers(&|to| is_above(directory, &metadata.organ, to))?;
            Some(format!("{others}不是本机关的下级机关，答复应当用函，不用批复"))
        }
        Kind::Resolution
        | Kind::Decision
        | Kind::Order
        | Kind::Communique
        | Kind::Announcement
        | Kind::PublicNotice
        | Kind::Opinion
        | Kind::Notice
        | Kind::Circular
        | Kind::Report
        | Kind::Bill
        | Kind::Letter
        | Kind::Minutes => None,
    }
}

fn sent_twice(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    let both: Vec<&UnitId> =
        metadata.cc.iter().filter(|to| metadata.recipients.contains(to)).collect();
    (!both.is_empty())
        .then(|| format!("{}既是主送又是抄送，只保留一处", names(subject.directory, &both)))
}
