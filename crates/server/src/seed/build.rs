//! Turns the plan into a directory. What every organ of one pattern has is written here once: an office that
//! receives and registers, a keeper of the seal, a deputy in charge of each section.

use super::{
    city::{City, DemoAccount, PASSWORD, PEOPLE},
    names::{Names, spelled},
    plan::{Leading, Plan},
};
use std::collections::{BTreeMap, BTreeSet};
use wenshu_core::{
    directory::{Directory, Person, Post, Seal, Unit},
    id::{PersonId, PostId, RoleId, SealId, UnitId},
};
use wenshu_document::{Kind, Series};

/// An organ on its way into the directory.
struct Organ<'a> {
    id: &'a str,
    name: String,
    short: String,
    parent: Option<&'a str>,
    group: &'a str,
    in_charge: &'a str,
    /// The organ that keeps its seal, and its registry if it has no section of its own.
    office: Option<&'a str>,
    series: Vec<(String, String, Vec<Kind>)>,
    /// Title and, if given, name or `=post`.
    leaders: Vec<(String, Option<String>)>,
    /// Role of the leaders.
    role: &'a str,
    /// The first is the office of the house.
    units: Vec<Section>,
    registry_unit: Option<&'a str>,
    registry: u32,
    /// Somebody other than the registry's clerk keeps the seal.
    own_keeper: bool,
}

/// A section 内设机构.
struct Section {
    key: String,
    name: String,
    clerks: u32,
    /// Post of the leader in charge; else the deputies take turns.
    in_charge: Option<String>,
}

impl Section {
    fn new(key: impl Into<String>, name: impl Into<String>, clerks: u32) -> Self {
        Section { key: key.into(), name: name.into(), clerks, in_charge: None }
    }
}

/// The city under construction.
pub(super) struct Build {
    directory: Directory,
    series: Vec<Series>,
    names: Names,
    named: BTreeMap<String, Vec<String>>,
    by_name: BTreeMap<String, PersonId>,
    /// Posts held by the holder of another: filled when all are there.
    same: Vec<(PostId, String)>,
    order: u32,
}

impl Build {
    /// The whole city from the two files.
    pub(super) fn city(plan: &str, names: &str) -> Result<City, String> {
        let plan: Plan = serde_saphyr::from_str(plan).map_err(|error| error.to_string())?;
        let given = plan
            .named
            .values()
            .flatten()
            .chain(plan.administrators.iter().map(|admin| &admin.name));
        let leaders =
            plan.leading.iter().flat_map(|organ| &organ.leaders).filter_map(|leader| leader.get(1));
        let taken: BTreeSet<String> = given.chain(leaders).cloned().collect();
        let mut build = Build {
            directory: Directory { version: 1, ..Directory::default() },
            series: vec![],
            names: Names::new(names, taken)?,
            named: plan.named.clone(),
            by_name: BTreeMap::new(),
            same: vec![],
            order: 0,
        };
        for organ in &plan.leading {
            build.organ(&leading(organ));
        }
        build.departments(&plan);
        build.towns(&plan);
        for admin in &plan.administrators {
            build.named.insert(admin.id.clone(), vec![admin.name.clone()]);
            build.post(&admin.id, &admin.unit, &admin.title, 1);
            build.roles(&admin.id, &admin.roles);
        }
        for also in &plan.also {
            build.post(&also.id, &also.unit, &also.title, 0);
            build.same.push((also.id.as_str().into(), also.same.clone()));
        }
        build.second_posts()?;
        build.lend_offices(&plan)?;
        build.fill()?;
        build.finish(&plan)
    }

    fn departments(&mut self, plan: &Plan) {
        for departments in &plan.departments {
            for (id, name, code, head, in_charge, deputies, sections) in &departments.list {
                let short = format!("{}{name}", departments.short);
                let deputy = format!("副{}", if head.starts_with('=') { "局长" } else { head });
                let mut leaders = vec![match head.strip_prefix('=') {
                    Some(_) => ("局长".to_owned(), Some(head.clone())),
                    None => (head.clone(), None),
                }];
                leaders.extend((0..*deputies).map(|_| (deputy.clone(), None)));
                // 某某办公室's own office would be a 办公室办公室.
                let house = if name.ends_with("办公室") { "综合科" } else { "办公室" };
                let mut units = vec![Section::new("bgs", house, 0)];
                let key = |section: &String| spelled(section.trim_end_matches(['科', '部']));
                units.extend(sections.iter().map(|section| Section::new(key(section), section, 1)));
                let large = *deputies > 1;
                self.organ(&Organ {
                    id,
                    name: format!("{}{name}", departments.prefix),
                    parent: Some(&departments.parent),
                    group: &departments.group,
                    in_charge,
                    office: None,
                    series: series_of(&short, code, code, None),
                    short,
                    leaders,
                    role: "bureau-leaders",
                    units,
                    registry_unit: None,
                    registry: if large { 2 } else { 1 },
                    own_keeper: large,
                });
            }
        }
    }

    fn towns(&mut self, plan: &Plan) {
        for (id, name, code, head, in_charge) in &plan.counties.list {
            let short = format!("{name}政府");
            self.organ(&Organ {
                id,
                name: format!("云州市{name}人民政府"),
                parent: Some("gov"),
                group: &plan.counties.group,
                in_charge,
                office: None,
                series: series_of(
                    &short,
                    &format!("{code}政发"),
                    &format!("{code}政"),
                    Some(&format!("{code}政")),
                ),
                short,
                leaders: vec![(head.clone(), None), (format!("副{head}"), None)],
                role: "county-leaders",
                units: vec![Section::new("bgs", "办公室", 0), Section::new("zonghe", "综合科", 0)],
                registry_unit: None,
                registry: if id == "jinxi" { 2 } else { 1 },
                own_keeper: false,
            });
        }
        for (id, name, code, county) in &plan.streets.list {
            let short = format!("{name}办");
            let in_charge = format!("{county}-2");
            self.organ(&Organ {
                id,
                name: format!(
                    "{}{name}办事处",
                    self.directory
                        .units
                        .get(county.as_str())
                        .map_or("", |unit| unit.name.trim_end_matches("人民政府"))
                ),
                parent: Some(county),
                group: &plan.streets.group,
                in_charge: &in_charge,
                office: None,
                series: series_of(&short, code, code, None),
                short,
                leaders: vec![("主任".into(), None), ("副主任".into(), None)],
                role: "street-leaders",
                units: vec![Section::new("dzb", "党政办公室", 0)],
                registry_unit: None,
                registry: 1,
                own_keeper: false,
            });
        }
    }

    /// An organ with its leaders, sections, registry, seal and series.
    fn organ(&mut self, organ: &Organ<'_>) {
        let id = organ.id;
        self.unit(id, &organ.name, &organ.short, organ.parent, organ.group, true);
        for (at, (title, who)) in organ.leaders.iter().enumerate() {
            let post = format!("{id}-{}", at + 1);
            match who.as_ref().map(|who| (who, who.strip_prefix('='))) {
                Some((_, Some(same))) => {
                    self.post(&post, id, title, 0);
                    self.same.push((post.as_str().into(), same.to_owned()));
                }
                Some((name, None)) => {
                    self.named.insert(post.clone(), vec![name.clone()]);
                    self.post(&post, id, title, 1);
                }
                None => self.post(&post, id, title, 1),
            }
            self.roles(&post, &[organ.role.to_owned()]);
        }
        for (at, section) in organ.units.iter().enumerate() {
            self.section(organ, at, section);
        }
        if !organ.units.is_empty() {
            self.registry(organ);
        }
        for (at, (code, title, kinds)) in organ.series.iter().enumerate() {
            self.series.push(Series {
                id: format!("{id}-{}", at + 1),
                organ: id.into(),
                code: code.clone(),
                title: title.clone(),
                kinds: kinds.clone(),
            });
        }
        if let Some(unit) = self.directory.units.get_mut(id) {
            unit.head = Some(format!("{id}-1").into());
            unit.in_charge = Some(organ.in_charge.into());
            unit.code = organ.series.first().map(|(code, _, _)| code.clone());
        }
    }

    /// A section with its head and clerks. What is handled inside the organ goes to the clerks of a section.
    fn section(&mut self, organ: &Organ<'_>, at: usize, section: &Section) {
        let (id, name) = (organ.id, &section.name);
        let unit = format!("{id}-{}", section.key);
        self.unit(
            &unit,
            &format!("{}{name}", organ.name),
            &format!("{}{name}", organ.short),
            Some(id),
            "内设机构",
            false,
        );
        let (head, staff) = (format!("{unit}-head"), format!("{unit}-staff"));
        let title = if name.ends_with(['室', '部']) { "主任" } else { "科长" };
        self.post(&head, &unit, title, 1);
        self.post(&staff, &unit, "科员", section.clerks);
        let deputies = organ.leaders.len().saturating_sub(1);
        let turn = if deputies == 0 { 1 } else { 2 + at % deputies };
        if let Some(unit) = self.directory.units.get_mut(unit.as_str()) {
            unit.head = Some(head.as_str().into());
            unit.in_charge =
                Some(section.in_charge.clone().unwrap_or_else(|| format!("{id}-{turn}")).into());
            unit.registry = Some(if section.clerks > 0 { staff } else { head }.into());
        }
    }

    /// Registry and keeper of the seal sit in one of the organ's sections and serve all of them.
    fn registry(&mut self, organ: &Organ<'_>) {
        let id = organ.id;
        let section =
            organ.registry_unit.or_else(|| organ.units.first().map(|section| section.key.as_str()));
        let unit = section.map_or_else(|| id.to_owned(), |section| format!("{id}-{section}"));
        let (registry, keeper) = (format!("{id}-registry"), format!("{id}-keeper"));
        self.post(&registry, &unit, "收发员", organ.registry);
        self.roles(&registry, &["registry".to_owned()]);
        for served in [id, unit.as_str()] {
            if let Some(unit) = self.directory.units.get_mut(served) {
                unit.registry = Some(registry.as_str().into());
            }
        }
        if organ.office.is_some() {
            return;
        }
        let own = organ.own_keeper || self.named.contains_key(&keeper);
        self.post(&keeper, &unit, "印章管理员", u32::from(own));
        if !own {
            self.same.push((keeper.as_str().into(), registry));
        }
        self.seal(id, &organ.name, &keeper);
    }

    fn seal(&mut self, organ: &str, name: &str, keeper: &str) {
        let id = SealId(format!("{organ}-seal"));
        let seal = Seal {
            id: id.clone(),
            name: format!("{name}印章"),
            unit: organ.into(),
            keeper: keeper.into(),
            image: None,
            disabled: false,
        };
        self.directory.seals.insert(id, seal);
    }

    fn unit(
        &mut self,
        id: &str,
        name: &str,
        short: &str,
        parent: Option<&str>,
        group: &str,
        organ: bool,
    ) {
        self.order += 1;
        let unit = Unit {
            id: id.into(),
            name: name.to_owned(),
            short: short.to_owned(),
            parent: parent.map(UnitId::from),
            organ,
            group: group.to_owned(),
            head: None,
            in_charge: None,
            registry: None,
            code: None,
            order: self.order,
            topics: BTreeMap::new(),
            disabled: false,
        };
        self.directory.units.insert(unit.id.clone(), unit);
    }

    /// A post, held by whom the plan names for it, else by `count` new people.
    fn post(&mut self, id: &str, unit: &str, title: &str, count: u32) {
        let named = self.named.get(id).cloned().unwrap_or_default();
        let missing = (count as usize).saturating_sub(named.len());
        let mut post = Post {
            id: id.into(),
            unit: unit.into(),
            title: title.to_owned(),
            holders: vec![],
            roles: BTreeSet::new(),
            disabled: false,
        };
        for name in named {
            post.holders.push(self.person(name, &post.id));
        }
        for _ in 0..missing {
            let name = self.names.fresh();
            post.holders.push(self.person(name, &post.id));
        }
        self.directory.posts.insert(post.id.clone(), post);
    }

    /// The person of that name, new unless known; the first post is the main one.
    fn person(&mut self, name: String, post: &PostId) -> PersonId {
        if let Some(known) = self.by_name.get(&name) {
            return known.clone();
        }
        let id = PersonId(self.names.login(&name));
        self.by_name.insert(name.clone(), id.clone());
        let person =
            Person { id: id.clone(), name, main_post: Some(post.clone()), disabled: false };
        self.directory.people.insert(id.clone(), person);
        id
    }

    fn roles(&mut self, post: &str, roles: &[String]) {
        if let Some(post) = self.directory.posts.get_mut(post) {
            post.roles.extend(roles.iter().map(|role| RoleId::from(role.as_str())));
        }
    }

    fn second_posts(&mut self) -> Result<(), String> {
        for (post, same) in std::mem::take(&mut self.same) {
            let holders = self.directory.posts.get(same.as_str()).map(|post| post.holders.clone());
            // One person has it: where a registry has two clerks, the first also keeps the seal.
            let holder = holders.and_then(|holders| holders.into_iter().next());
            let holder =
                holder.ok_or_else(|| format!("岗位 {post} 由 {same} 的人兼任，但那里没有人"))?;
            match self.directory.posts.get_mut(&post) {
                Some(post) => post.holders.push(holder),
                None => return Err(format!("没有岗位 {post}")),
            }
        }
        Ok(())
    }

    /// An organ without an office of its own uses that of its office organ.
    fn lend_offices(&mut self, plan: &Plan) -> Result<(), String> {
        for organ in &plan.leading {
            let Some(office) = &organ.office else { continue };
            let registry = self
                .directory
                .units
                .get(office.as_str())
                .and_then(|office| office.registry.clone());
            match self.directory.units.get_mut(organ.id.as_str()) {
                Some(unit) => unit.registry = unit.registry.take().or(registry),
                None => return Err(format!("没有单位 {}", organ.id)),
            }
            self.seal(&organ.id, &organ.name, &format!("{office}-keeper"));
        }
        Ok(())
    }

    /// Clerks are added to the departments' sections in turn until the city is complete.
    fn fill(&mut self) -> Result<(), String> {
        let sections = self
            .directory
            .posts
            .values()
            .filter(|post| post.title == "科员" && !post.holders.is_empty());
        let sections: Vec<PostId> = sections.map(|post| post.id.clone()).collect();
        if self.directory.people.len() > PEOPLE || sections.is_empty() {
            return Err(format!(
                "演示市应有 {PEOPLE} 人，编出了 {} 人",
                self.directory.people.len()
            ));
        }
        for id in sections.iter().cycle() {
            if self.directory.people.len() == PEOPLE {
                break;
            }
            let name = self.names.fresh();
            let person = self.person(name, id);
            if let Some(post) = self.directory.posts.get_mut(id) {
                post.holders.push(person);
            }
        }
        Ok(())
    }

    fn finish(mut self, plan: &Plan) -> Result<City, String> {
        // A place for clerks that nobody holds is no post.
        self.directory.posts.retain(|_, post| !post.holders.is_empty());
        let mut accounts: Vec<DemoAccount> = vec![];
        for (post, label) in &plan.offered {
            let holder =
                self.directory.posts.get(post.as_str()).and_then(|post| post.holders.first());
            let person = holder.ok_or_else(|| format!("登录页上的岗位 {post} 没有人"))?;
            accounts.push(account(person, post.as_str().into(), Some(label.clone())));
        }
        for person in self.directory.people.values() {
            if accounts.iter().any(|account| account.person == person.id) {
                continue;
            }
            let post =
                person.main_post.clone().ok_or_else(|| format!("{} 没有岗位", person.name))?;
            accounts.push(account(&person.id, post, None));
        }
        Ok(City { directory: self.directory, series: self.series, accounts })
    }
}

fn account(person: &PersonId, post: PostId, label: Option<String>) -> DemoAccount {
    let login = person.as_str().to_owned();
    DemoAccount { login, password: PASSWORD.to_owned(), person: person.clone(), post, label }
}

fn section_of((key, name, clerks, in_charge): &(String, String, u32, String)) -> Section {
    Section { in_charge: Some(in_charge.clone()), ..Section::new(key, name, *clerks) }
}

fn leading(organ: &Leading) -> Organ<'_> {
    let leaders = organ.leaders.iter();
    let leaders = leaders
        .filter_map(|leader| Some((leader.first()?.clone(), leader.get(1).cloned())))
        .collect();
    Organ {
        id: &organ.id,
        name: organ.name.clone(),
        short: organ.short.clone(),
        parent: organ.parent.as_deref(),
        group: &organ.group,
        in_charge: &organ.in_charge,
        office: organ.office.as_deref(),
        series: organ.series.clone(),
        leaders,
        role: "city-leaders",
        units: organ.units.iter().map(section_of).collect(),
        registry_unit: organ.registry_unit.as_deref(),
        registry: organ.registry.unwrap_or(1),
        own_keeper: organ.registry.is_some(),
    }
}

/// 发, where it differs 上行, and 函.
fn series_of(
    short: &str,
    down: &str,
    stem: &str,
    up: Option<&str>,
) -> Vec<(String, String, Vec<Kind>)> {
    let upward = vec![Kind::Report, Kind::Request];
    let others = Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::Letter && !(up.is_some() && upward.contains(kind)));
    let mut series = vec![(down.to_owned(), format!("{short}发文"), others.collect())];
    if let Some(up) = up {
        series.push((up.to_owned(), format!("{short}上行文"), upward));
    }
    series.push((format!("{stem}函"), format!("{short}函"), vec![Kind::Letter]));
    series
}
