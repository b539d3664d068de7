//! Reads an office 组织机构 from a YAML file into a directory, as strictly as workflow files are read.

use crate::{
    compile::{
        Problem, Problems, nearest,
        read::{At, Entries, id, items, some_items, text},
        tree::{self, Kind as Shape, Node},
    },
    directory::{Directory, Person, Post, Seal, Unit},
    id::{PersonId, PostId, RoleId, SealId, UnitId},
};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the directory, or says all that is wrong with the file.
///
/// # Errors
/// Every problem with its place.
pub fn read(source: &str) -> Result<Directory, Vec<Problem>> {
    let mut problems = Problems::new(source);
    let Some(root) = tree::parse(&mut problems) else { return Err(problems.finish()) };
    let mut reader = Reader {
        problems,
        directory: Directory { version: 1, ..Directory::default() },
        links: vec![],
    };
    reader.file(&root);
    reader.tie();
    if reader.problems.is_empty() { Ok(reader.directory) } else { Err(reader.problems.finish()) }
}

/// A name that must turn out to be known.
struct Link {
    kind: Kind,
    name: At<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unit,
    Post,
}

struct Reader<'a> {
    problems: Problems<'a>,
    directory: Directory,
    links: Vec<Link>,
}

const UNIT: &[&str] = &[
    "id",
    "name",
    "short",
    "under",
    "organ",
    "group",
    "code",
    "head",
    "in_charge",
    "topics",
    "registry",
    "posts",
];

impl Reader<'_> {
    fn file(&mut self, root: &Node) {
        let keys = ["office", "title", "units", "people", "seals"];
        let Some(entries) = Entries::of(root, "组织机构文件", &keys, &mut self.problems)
        else {
            return;
        };
        entries.required("office", "组织机构文件", &mut self.problems);
        // People first: posts name those who hold them.
        if let Some(people) = entries.required("people", "组织机构文件", &mut self.problems) {
            for node in some_items(people, "“people”", false, &mut self.problems) {
                self.person(node);
            }
        }
        if let Some(units) = entries.required("units", "组织机构文件", &mut self.problems) {
            for (order, node) in (0..).zip(some_items(units, "“units”", false, &mut self.problems))
            {
                self.unit(node, order);
            }
        }
        if let Some(seals) = entries.get("seals") {
            for node in items(seals, "“seals”", false, &mut self.problems) {
                self.seal(node);
            }
        }
    }

    fn id(&mut self, entries: &Entries<'_>, what: &str) -> Option<At<String>> {
        let node = entries.required("id", what, &mut self.problems)?;
        id(node, &format!("{what}标识"), &mut self.problems)
    }

    fn duplicate(&mut self, id: &At<String>, what: &str) {
        self.problems.add("duplicate_id", &id.at, format!("{what}标识“{}”重复", id.value), None);
    }

    fn text(&mut self, entries: &Entries<'_>, key: &str, what: &str) -> String {
        entries.required(key, what, &mut self.problems);
        entries.text(key, &mut self.problems).map(|text| text.value).unwrap_or_default()
    }

    fn link(&mut self, entries: &Entries<'_>, key: &str, kind: Kind) -> Option<String> {
        let name = entries.text(key, &mut self.problems)?;
        let value = name.value.clone();
        self.links.push(Link { kind, name });
        Some(value)
    }

    fn person(&mut self, node: &Node) {
        let Some(entries) =
            Entries::of(node, "人员", &["id", "name", "main_post", "disabled"], &mut self.problems)
        else {
            return;
        };
        let Some(id) = self.id(&entries, "人员") else { return };
        let name = self.text(&entries, "name", "人员");
        let main_post = self.link(&entries, "main_post", Kind::Post).map(PostId);
        let disabled = entries.bool("disabled", &mut self.problems).unwrap_or(false);
        let person = Person { id: PersonId(id.value.clone()), name, main_post, disabled };
        if self.directory.people.insert(person.id.clone(), person).is_some() {
            self.duplicate(&id, "人员");
        }
    }

    fn unit(&mut self, node: &Node, order: u32) {
        let Some(entries) = Entries::of(node, "单位", UNIT, &mut self.problems) else { return };
        let Some(id) = self.id(&entries, "单位") else { return };
        let unit_id = UnitId(id.value.clone());
        let name = self.text(&entries, "name", "单位");
        let unit = Unit {
            id: unit_id.clone(),
            short: entries
                .text("short", &mut self.problems)
                .map_or_else(|| name.clone(), |short| short.value),
            name,
            parent: self.link(&entries, "under", Kind::Unit).map(UnitId),
            organ: entries.bool("organ", &mut self.problems).unwrap_or(false),
            group: entries
                .text("group", &mut self.problems)
                .map(|group| group.value)
                .unwrap_or_default(),
            head: self.link(&entries, "head", Kind::Post).map(PostId),
            in_charge: self.link(&entries, "in_charge", Kind::Post).map(PostId),
            registry: self.link(&entries, "registry", Kind::Post).map(PostId),
            code: entries.text("code", &mut self.problems).map(|code| code.value),
            order,
            topics: self.topics(&entries),
            disabled: false,
        };
        if self.directory.units.insert(unit_id.clone(), unit).is_some() {
            self.duplicate(&id, "单位");
        }
        if let Some(posts) = entries.get("posts") {
            for node in items(posts, "“posts”", false, &mut self.problems) {
                self.post(node, &unit_id);
            }
        }
    }

    /// Leaders in charge by topic: `topics: { 财政: POST }`.
    fn topics(&mut self, entries: &Entries<'_>) -> BTreeMap<String, PostId> {
        let mut topics = BTreeMap::new();
        let Some(node) = entries.get("topics") else { return topics };
        let Shape::Map(all) = &node.kind else {
            let text = "“topics”应当写成 { 专题: 岗位标识 }";
            self.problems.add("wrong_type", &node.at, text, None);
            return topics;
        };
        for (topic, post) in all {
            let Some(post) = text(post, "岗位标识", &mut self.problems) else { continue };
            topics.insert(topic.name.clone(), PostId(post.value.clone()));
            self.links.push(Link { kind: Kind::Post, name: post });
        }
        topics
    }

    fn post(&mut self, node: &Node, unit: &UnitId) {
        let Some(entries) =
            Entries::of(node, "岗位", &["id", "title", "holders", "roles"], &mut self.problems)
        else {
            return;
        };
        let Some(id) = self.id(&entries, "岗位") else { return };
        let title = self.text(&entries, "title", "岗位");
        let mut holders = vec![];
        if let Some(list) = entries.get("holders") {
            for item in items(list, "“holders”", false, &mut self.problems) {
                if let Some(name) = text(item, "“holders”", &mut self.problems)
                    && let Some(person) = self.known_person(&name)
                {
                    holders.push(person);
                }
            }
        }
        let mut roles = BTreeSet::new();
        if let Some(list) = entries.get("roles") {
            for item in items(list, "“roles”", false, &mut self.problems) {
                roles.extend(
                    text(item, "“roles”", &mut self.problems).map(|role| RoleId(role.value)),
                );
            }
        }
        let post_id = PostId(id.value.clone());
        for person in &holders {
            if let Some(person) = self.directory.people.get_mut(person) {
                // The first post that a file gives somebody is their main one, unless it says another.
                person.main_post.get_or_insert_with(|| post_id.clone());
            }
        }
        let post = Post {
            id: post_id.clone(),
            unit: unit.clone(),
            title,
            holders,
            roles,
            disabled: false,
        };
        if self.directory.posts.insert(post_id, post).is_some() {
            self.duplicate(&id, "岗位");
        }
    }

    /// A person by id, or by name where only one has it.
    fn known_person(&mut self, name: &At<String>) -> Option<PersonId> {
        let people = &self.directory.people;
        if let Some(person) = people.get(name.value.as_str()) {
            return Some(person.id.clone());
        }
        let named: Vec<_> = people.values().filter(|person| person.name == name.value).collect();
        match &named[..] {
            [only] => Some(only.id.clone()),
            [] => {
                let known =
                    people.values().flat_map(|person| [person.name.as_str(), person.id.as_str()]);
                let hint =
                    nearest(&name.value, known).or_else(|| Some("请先写在 people 中".into()));
                self.problems.add(
                    "unknown_person",
                    &name.at,
                    format!("没有“{}”这个人", name.value),
                    hint,
                );
                None
            }
            [_, _, ..] => {
                self.problems.add(
                    "unknown_person",
                    &name.at,
                    format!("有几个人叫“{}”", name.value),
                    Some("请写人员标识".into()),
                );
                None
            }
        }
    }

    fn seal(&mut self, node: &Node) {
        let Some(entries) =
            Entries::of(node, "印章", &["id", "name", "unit", "keeper"], &mut self.problems)
        else {
            return;
        };
        let Some(id) = self.id(&entries, "印章") else { return };
        let name = self.text(&entries, "name", "印章");
        entries.required("unit", "印章", &mut self.problems);
        entries.required("keeper", "印章", &mut self.problems);
        let unit = self.link(&entries, "unit", Kind::Unit).unwrap_or_default();
        let keeper = self.link(&entries, "keeper", Kind::Post).unwrap_or_default();
        let seal = Seal {
            id: SealId(id.value.clone()),
            name,
            unit: UnitId(unit),
            keeper: PostId(keeper),
            image: None,
            disabled: false,
        };
        if self.directory.seals.insert(seal.id.clone(), seal).is_some() {
            self.duplicate(&id, "印章");
        }
    }

    /// Every unit and post named exists, and no unit stands above itself.
    fn tie(&mut self) {
        let Directory { units, posts, .. } = &self.directory;
        for Link { kind, name } in &self.links {
            let (known, what): (Vec<&str>, &str) = match kind {
                Kind::Unit => (units.keys().map(UnitId::as_str).collect(), "单位"),
                Kind::Post => (posts.keys().map(PostId::as_str).collect(), "岗位"),
            };
            if !known.contains(&name.value.as_str()) {
                let hint = nearest(&name.value, known);
                self.problems.add(
                    "unknown_id",
                    &name.at,
                    format!("没有标识为“{}”的{what}", name.value),
                    hint,
                );
            }
        }
        let above: BTreeMap<&UnitId, &UnitId> = units
            .values()
            .filter_map(|unit| unit.parent.as_ref().map(|parent| (&unit.id, parent)))
            .collect();
        for Link { kind, name } in self.links.iter().filter(|link| link.kind == Kind::Unit) {
            debug_assert_eq!(*kind, Kind::Unit, "only units are tied here");
            let from = UnitId(name.value.clone());
            let mut at = &from;
            let circles = (0..=above.len()).all(|_| match above.get(at) {
                Some(up) => {
                    at = up;
                    true
                }
                None => false,
            });
            if circles {
                self.problems.add(
                    "unit_circle",
                    &name.at,
                    "单位的上下级成了环",
                    Some("检查 under".into()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    const SAMPLE: &str = include_str!("../../../workflows/sample-office.yaml");

    fn codes(source: &str) -> Vec<(usize, String)> {
        let problems = read(source).err().unwrap_or_default();
        problems.into_iter().map(|problem| (problem.column, problem.code)).collect()
    }

    #[test]
    fn the_sample_office_reads() {
        let office = read(SAMPLE).expect("it reads");
        let clerk = office.people.values().find(|person| person.name == "林晓").expect("a clerk");
        let seat = office.main_seat(&clerk.id).expect("a post");
        assert_eq!(seat.label(), "林晓（文秘科 科员）");
        assert_eq!(
            office.organ_of(&seat.unit).map(|unit| unit.short.as_str()),
            Some("市政府办公室")
        );
        for unit in office.units.values() {
            assert!(unit.head.is_some() && unit.registry.is_some(), "{} can act", unit.short);
        }
        for person in office.people.values() {
            assert!(person.main_post.is_some(), "{} has a post", person.name);
        }
    }

    #[test]
    fn a_broken_office_is_told_with_places() {
        for (right, wrong, column, code) in [
            ("{ id: lin-xiao, name: 林晓 }", "{ id: lin-xiao, nme: 林晓 }", 21, "unknown_key"),
            ("holders: [周明]", "holders: [周名]", 51, "unknown_person"),
            (
                "under: shifuban\n    head: wenmi-kezhang",
                "under: shifubn\n    head: wenmi-kezhang",
                12,
                "unknown_id",
            ),
            (
                "registry: caizheng-shoufa\n    posts:\n      - { id: caizheng-juzhang",
                "registry: caizheng-shofa\n    posts:\n      - { id: caizheng-juzhang",
                15,
                "unknown_id",
            ),
            ("{ id: xu-nuo, name: 许诺 }", "{ id: wu-jing, name: 许诺 }", 11, "duplicate_id"),
            (
                "keeper: shi-yinzhang }\n  - { id: shifuban",
                "keper: shi-yinzhang }\n  - { id: shifuban",
                47,
                "unknown_key",
            ),
        ] {
            assert!(SAMPLE.contains(right), "{right} is in the file");
            let found = codes(&SAMPLE.replacen(right, wrong, 1));
            assert!(found.contains(&(column, code.into())), "{wrong}: {found:?}");
        }
        let circle = "office: x\npeople: [{ id: a, name: 甲 }]\nunits:\n  - { id: u, name: 乙, under: v }\n  - { id: v, name: 丙, under: u }\n";
        assert_eq!(codes(circle), [(30, "unit_circle".to_owned()), (30, "unit_circle".into())]);
    }
}
