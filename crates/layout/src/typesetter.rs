//! The press: sheet in, PDF out.

use crate::{
    data::{self, Input},
    fonts::{Fonts, system_directories},
    survey::Survey,
};
use chrono::Datelike;
use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Smart},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use wenshu_document::{Press, PressError, Printed, Sheet};

/// Sets sheets with typst. Fonts are looked for at the first sheet and kept.
pub struct Typesetter {
    own: Vec<PathBuf>,
    system: Vec<PathBuf>,
    fonts: OnceLock<Result<Arc<Fonts>, String>>,
}

impl fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typesetter")
            .field("own", &self.own)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

impl Typesetter {
    /// Fonts in `own` come before those of the system.
    #[must_use]
    pub fn new(own: Vec<PathBuf>) -> Self {
        Self { own, system: system_directories(), fonts: OnceLock::new() }
    }

    /// Looks nowhere else than in these directories.
    #[must_use]
    pub fn with_only(directories: Vec<PathBuf>) -> Self {
        Self { own: directories, system: vec![], fonts: OnceLock::new() }
    }

    /// Looks for the fonts now, and says which stand in for others.
    pub fn prepare(&self) -> Result<Vec<String>, PressError> {
        Ok(self.fonts()?.substitutions.clone())
    }

    /// Where everything of a sheet stands.
    pub fn survey(&self, sheet: &Sheet) -> Result<Survey, PressError> {
        let fonts = self.fonts()?;
        let (document, _) = set(&fonts, &data::of(sheet))?;
        Ok(Survey::of(&document))
    }

    fn fonts(&self) -> Result<Arc<Fonts>, PressError> {
        let found = self.fonts.get_or_init(|| Fonts::find(&self.own, &self.system).map(Arc::new));
        found.clone().map_err(|searched| PressError::NoFonts { searched })
    }
}

impl Press for Typesetter {
    fn set(&self, sheet: &Sheet) -> Result<Printed, PressError> {
        let fonts = self.fonts()?;
        let input = data::of(sheet);
        let (document, warnings) = set(&fonts, &input)?;
        let survey = Survey::of(&document);
        let mut substitutions = fonts.substitutions.clone();
        substitutions.extend(
            survey.missing.iter().map(|character| format!("所有字体都缺少字符“{character}”")),
        );
        substitutions.extend(warnings);
        let pdf = export(&document, &input, &mut substitutions)?;
        Ok(Printed { pdf, pages: survey.pages, substitutions })
    }
}

/// All that typst may see: one template, its data, and the fonts.
struct Desk {
    library: LazyHash<Library>,
    fonts: Arc<Fonts>,
    main: Source,
    today: Option<Datetime>,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.face(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

fn set(fonts: &Arc<Fonts>, input: &Input) -> Result<(PagedDocument, Vec<String>), PressError> {
    if let Some(image) = &input.image
        && !readable(image)
    {
        return Err(PressError::SealImage { label: input.seal_label.clone() });
    }
    let mut inputs = Dict::new();
    inputs.insert("sheet".into(), input.data.to_string().into_value());
    inputs.insert("fonts".into(), serde_json::json!(fonts.roles).to_string().into_value());
    if let Some(image) = &input.image {
        inputs.insert("seal".into(), Bytes::new(image.clone()).into_value());
    }
    let desk = Desk {
        library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
        fonts: fonts.clone(),
        main: Source::detached(input.template),
        today: day(input),
    };
    let set = typst::compile::<PagedDocument>(&desk);
    // Also after a failure, or the memory of typst grows with every sheet.
    comemo::evict(8);
    match set.output {
        Ok(document) => Ok((document, said(&set.warnings))),
        Err(errors)
            if input.image.is_some() && said(&errors).iter().any(|said| said.contains("image")) =>
        {
            Err(PressError::SealImage { label: input.seal_label.clone() })
        }
        Err(errors) => Err(PressError::Failed { reason: said(&errors).join("；") }),
    }
}

/// PNG by its signature, SVG by its first tag.
fn readable(image: &[u8]) -> bool {
    let start = image.get(..image.len().min(1024)).unwrap_or_default();
    image.starts_with(b"\x89PNG\r\n\x1a\n") || String::from_utf8_lossy(start).contains("<svg")
}

fn said(diagnostics: &[SourceDiagnostic]) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| diagnostic.message.to_string()).collect()
}

fn day(input: &Input) -> Option<Datetime> {
    let date = input.date?;
    Datetime::from_ymd(
        date.year(),
        u8::try_from(date.month()).ok()?,
        u8::try_from(date.day()).ok()?,
    )
}

fn export(
    document: &PagedDocument,
    input: &Input,
    notes: &mut Vec<String>,
) -> Result<Vec<u8>, PressError> {
    let noon = day(input)
        .and_then(|day| Datetime::from_ymd_hms(day.year()?, day.month()?, day.day()?, 4, 0, 0));
    let options = |standards| PdfOptions {
        timestamp: noon.map(Timestamp::new_utc),
        creator: Smart::Custom(Some("Wenshu".into())),
        standards,
        ..PdfOptions::default()
    };
    // The archive's profile wants a date, which a draft has not.
    if noon.is_some()
        && let Ok(archive) = PdfStandards::new(&[PdfStandard::A_2b])
    {
        match typst_pdf::pdf(document, &options(archive)) {
            Ok(pdf) => return Ok(pdf),
            Err(errors) => notes.push(format!("不能存为 PDF/A：{}", said(&errors).join("；"))),
        }
    }
    typst_pdf::pdf(document, &options(PdfStandards::default()))
        .map_err(|errors| PressError::Failed { reason: said(&errors).join("；") })
}
