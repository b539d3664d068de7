//! Finding fonts: by family list per role, the office's own `fonts` directory first, then those of the system.
//!
//! GB/T 9704 names styles, not files, and the licensed ones are not ours to ship; what stands in is reported.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use typst::{
    foundations::Bytes,
    text::{Font, FontBook, FontInfo},
    utils::LazyHash,
};

/// What a font is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// 小标宋: red head and title.
    Title,
    /// 仿宋: text.
    Text,
    /// 楷体: headings of the second level, names of signers.
    Kai,
    /// 黑体: headings of the first level.
    Hei,
    /// 宋体: page numbers.
    Song,
}

impl Role {
    const ALL: [Role; 5] = [Role::Title, Role::Text, Role::Kai, Role::Hei, Role::Song];

    /// Key in the templates.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Role::Title => "title",
            Role::Text => "text",
            Role::Kai => "kai",
            Role::Hei => "hei",
            Role::Song => "song",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Role::Title => "小标宋",
            Role::Text => "仿宋",
            Role::Kai => "楷体",
            Role::Hei => "黑体",
            Role::Song => "宋体",
        }
    }

    /// Families that are this style, and after them those that may stand in.
    fn families(self) -> (&'static [&'static str], &'static [&'static str]) {
        const SERIF: &[&str] = &[
            "Noto Serif CJK SC",
            "Noto Serif SC",
            "Source Han Serif SC",
            "Source Han Serif CN",
            "思源宋体",
        ];
        match self {
            Role::Title => (
                &[
                    "方正小标宋简体",
                    "方正小标宋_GBK",
                    "FZXiaoBiaoSong-B05S",
                    "FZXiaoBiaoSong-B05",
                    "华文中宋",
                    "STZhongsong",
                ],
                SERIF,
            ),
            Role::Text => (
                &[
                    "仿宋_GB2312",
                    "FangSong_GB2312",
                    "仿宋",
                    "FangSong",
                    "方正仿宋_GBK",
                    "FZFangSong-Z02",
                    "华文仿宋",
                    "STFangsong",
                    "朱雀仿宋",
                    "FandolFang R",
                    "FandolFang",
                ],
                SERIF,
            ),
            Role::Kai => (
                &[
                    "楷体_GB2312",
                    "KaiTi_GB2312",
                    "楷体",
                    "KaiTi",
                    "方正楷体_GBK",
                    "FZKai-Z03",
                    "华文楷体",
                    "STKaiti",
                    "LXGW WenKai",
                    "FandolKai",
                    "AR PL UKai CN",
                ],
                SERIF,
            ),
            Role::Hei => (
                &[
                    "黑体",
                    "SimHei",
                    "方正黑体_GBK",
                    "FZHei-B01",
                    "华文黑体",
                    "STHeiti",
                    "Noto Sans CJK SC",
                    "Noto Sans SC",
                    "Source Han Sans SC",
                    "FandolHei",
                ],
                SERIF,
            ),
            Role::Song => (&["宋体", "SimSun", "华文宋体", "STSong", "Noto Serif CJK SC"], SERIF),
        }
    }
}

/// Parts of file names, in lower case, under which the system keeps fonts that can matter. Hundreds of others are not
/// even opened.
const WORTH_OPENING: [&str; 24] = [
    "notoserifcjk",
    "notosanscjk",
    "notoserifsc",
    "notosanssc",
    "sourcehanserif",
    "sourcehansans",
    "lxgwwenkai-",
    "fandol",
    "simfang",
    "simhei",
    "simkai",
    "simsun",
    "stzhong",
    "stfang",
    "stkai",
    "stsong",
    "fangsong",
    "kaiti",
    "xiaobiaosong",
    "fzxbs",
    "gb2312",
    "zhuque",
    "ukai",
    "方正",
];

/// The fonts that were found, and which family plays which role.
pub(crate) struct Fonts {
    pub book: LazyHash<FontBook>,
    faces: Vec<Face>,
    pub roles: BTreeMap<&'static str, Vec<String>>,
    pub substitutions: Vec<String>,
}

/// A face in a file, known by its names only.
struct Candidate {
    path: PathBuf,
    index: u32,
    names: Vec<String>,
    weight: u16,
    /// Speaks Chinese.
    han: bool,
}

impl Fonts {
    /// Looks through `own` and then `system`; the error says where it looked.
    pub(crate) fn find(own: &[PathBuf], system: &[PathBuf]) -> Result<Self, String> {
        let mut candidates = vec![];
        for directory in own {
            gather(directory, &|_| true, &mut candidates, 0);
        }
        let worth = |name: &str| WORTH_OPENING.iter().any(|part| name.contains(part));
        for directory in system {
            gather(directory, &worth, &mut candidates, 0);
        }
        candidates.retain(|candidate| candidate.han);
        if candidates.is_empty() {
            let places: Vec<String> =
                own.iter().chain(system).map(|path| path.display().to_string()).collect();
            return Err(places.join("、"));
        }
        Ok(Self::choose(&candidates))
    }

    /// The face of this number in the book, read when it is wanted: files of Chinese fonts have twenty megabytes.
    pub(crate) fn face(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        face.font
            .get_or_init(|| {
                let data = face.file.data.get_or_init(|| read(&face.file.path)).clone()?;
                Font::new(data, face.index)
            })
            .clone()
    }

    fn choose(candidates: &[Candidate]) -> Self {
        let mut store = Store { files: BTreeMap::new(), faces: vec![], infos: vec![] };
        let mut roles: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        let mut substitutions = vec![];
        for role in Role::ALL {
            let (real, standing) = role.families();
            let offered = |family: &&&str| candidates.iter().any(|candidate| candidate.is(family));
            let mut chain: Vec<&str> = real.iter().find(offered).copied().into_iter().collect();
            if chain.is_empty() {
                let stand_in = standing.iter().find(offered).copied();
                let last = candidates
                    .first()
                    .and_then(|candidate| candidate.names.first())
                    .map(String::as_str);
                let stand_in = stand_in.or(last).unwrap_or_default();
                substitutions.push(format!("没有{}字体，以“{stand_in}”代替", role.name()));
                chain.push(stand_in);
            }
            // Rare characters of names are missing in many; a large family comes behind.
            chain.extend(standing.iter().find(offered).copied());
            chain.dedup();
            let families: Vec<String> =
                chain.iter().filter_map(|family| store.load(candidates, family, role)).collect();
            roles.insert(role.key(), families);
        }
        let book = LazyHash::new(FontBook::from_infos(store.infos));
        Self { book, faces: store.faces, roles, substitutions }
    }
}

impl Candidate {
    fn is(&self, family: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(family))
    }
}

/// A file of fonts, kept once a face of it was wanted.
struct File {
    path: PathBuf,
    data: OnceLock<Option<Bytes>>,
}

/// A face that may be wanted.
struct Face {
    file: Arc<File>,
    index: u32,
    font: OnceLock<Option<Font>>,
}

/// Faces that were chosen, and what the book says of each.
struct Store {
    files: BTreeMap<PathBuf, Arc<File>>,
    faces: Vec<Face>,
    infos: Vec<FontInfo>,
}

impl Store {
    /// Loads the weights of a family that a role uses and returns the name that typst knows it by.
    fn load(&mut self, candidates: &[Candidate], family: &str, role: Role) -> Option<String> {
        let wanted: &[u16] = match role {
            Role::Title => &[700],
            Role::Text => &[400, 700],
            Role::Kai | Role::Hei | Role::Song => &[400],
        };
        let mut name = None;
        for weight in wanted {
            let faces = candidates.iter().filter(|candidate| candidate.is(family));
            let Some(nearest) = faces.min_by_key(|candidate| candidate.weight.abs_diff(*weight))
            else {
                continue;
            };
            name = self.face(nearest).or(name);
        }
        name
    }

    fn face(&mut self, candidate: &Candidate) -> Option<String> {
        let Candidate { path, index, .. } = candidate;
        let same = |face: &Face| face.index == *index && face.file.path == *path;
        if let Some(at) = self.faces.iter().position(same) {
            return self.infos.get(at).map(|info| info.family.clone());
        }
        let info = FontInfo::new(&read(path)?, *index)?;
        let family = info.family.clone();
        let unread = || Arc::new(File { path: path.clone(), data: OnceLock::new() });
        let file = Arc::clone(self.files.entry(path.clone()).or_insert_with(unread));
        self.faces.push(Face { file, index: *index, font: OnceLock::new() });
        self.infos.push(info);
        Some(family)
    }
}

fn read(path: &Path) -> Option<Bytes> {
    std::fs::read(path).ok().map(Bytes::new)
}

/// Reads the names of the faces in the font files below a directory. What cannot be read is passed by.
fn gather(
    directory: &Path,
    worth: &dyn Fn(&str) -> bool,
    found: &mut Vec<Candidate>,
    depth: usize,
) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // The order of a directory differs between machines; the choice of a font must not.
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth < 6 {
                gather(&path, worth, found, depth + 1);
            }
            continue;
        }
        let name =
            path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let font = [".ttf", ".otf", ".ttc", ".otc"].iter().any(|ending| name.ends_with(ending));
        if !font || !worth(&name) {
            continue;
        }
        if let Ok(data) = std::fs::read(&path) {
            found.extend(faces_of(&path, &data));
        }
    }
}

fn faces_of(path: &Path, data: &[u8]) -> Vec<Candidate> {
    let count = ttf_parser::fonts_in_collection(data).unwrap_or(1);
    let face = |index| {
        let face = ttf_parser::Face::parse(data, index).ok()?;
        let family = [ttf_parser::name_id::FAMILY, ttf_parser::name_id::TYPOGRAPHIC_FAMILY];
        let names = face.names().into_iter().filter(|name| family.contains(&name.name_id));
        Some(Candidate {
            path: path.to_owned(),
            index,
            names: names.filter_map(|name| name.to_string()).collect(),
            weight: face.weight().to_number(),
            han: face.glyph_index('国').is_some() && face.glyph_index('办').is_some(),
        })
    };
    (0..count).filter_map(face).collect()
}

/// Where systems keep fonts.
pub(crate) fn system_directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts"]
            .map(PathBuf::from)
            .into();
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        directories.push(home.join(".local/share/fonts"));
        directories.push(home.join(".fonts"));
    }
    directories
}
