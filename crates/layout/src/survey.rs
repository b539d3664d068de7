//! Where everything stands on the pages, read from the set frames: for tests and for reports of missing characters.

use std::collections::BTreeSet;
use typst::{
    layout::{Abs, Frame, FrameItem, Point, Size, Transform},
    visualize::Geometry,
};
use typst_layout::PagedDocument;

/// Everything that was set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    pub pages: usize,
    pub marks: Vec<Mark>,
    /// Characters for which no font has a glyph.
    pub missing: BTreeSet<String>,
    /// Families that were used.
    pub families: BTreeSet<String>,
}

/// A run of text, a line or an image on a page; millimetres from the upper left corner of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// `y` is the baseline.
    Text {
        page: usize,
        x: f64,
        y: f64,
        width: f64,
        size_pt: f64,
        family: String,
        text: String,
    },
    Shape {
        page: usize,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
    Image {
        page: usize,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
}

impl Survey {
    pub(crate) fn of(document: &PagedDocument) -> Self {
        let mut survey = Self { pages: document.pages().len(), ..Self::default() };
        for (index, page) in document.pages().iter().enumerate() {
            survey.walk(index + 1, &page.frame, Transform::identity());
        }
        survey
    }

    fn walk(&mut self, page: usize, frame: &Frame, at: Transform) {
        for (point, item) in frame.items() {
            let here = at.pre_concat(Transform::translate(point.x, point.y));
            let origin = Point::zero().transform(here);
            let (x, y) = (origin.x.to_mm(), origin.y.to_mm());
            let scaled = |width: Abs, height: Abs| {
                (width.to_mm() * here.sx.get(), height.to_mm() * here.sy.get())
            };
            match item {
                FrameItem::Group(group) => {
                    self.walk(page, &group.frame, here.pre_concat(group.transform))
                }
                FrameItem::Text(text) => {
                    let family = text.font.info().family.clone();
                    self.families.insert(family.clone());
                    for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                        let missing = text
                            .text
                            .get(usize::from(glyph.range.start)..usize::from(glyph.range.end));
                        self.missing.extend(missing.map(str::to_owned));
                    }
                    self.marks.push(Mark::Text {
                        page,
                        x,
                        y,
                        width: scaled(text.width(), Abs::zero()).0,
                        size_pt: text.size.to_pt(),
                        family,
                        text: text.text.to_string(),
                    });
                }
                FrameItem::Shape(shape, _) => {
                    let size = match &shape.geometry {
                        Geometry::Line(end) => Size::new(end.x, end.y),
                        Geometry::Rect(size) => *size,
                        Geometry::Curve(curve) => curve.bbox(None).size(),
                    };
                    let (width, height) = scaled(size.x, size.y);
                    self.marks.push(Mark::Shape { page, x, y, width, height });
                }
                FrameItem::Image(_, size, _) => {
                    let (width, height) = scaled(size.x, size.y);
                    self.marks.push(Mark::Image { page, x, y, width, height });
                }
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
    }

    /// The text lines of a page by their baselines, from top to bottom: (baseline, x of the first, text).
    #[must_use]
    pub fn lines(&self, page: usize) -> Vec<(f64, f64, String)> {
        let mut runs: Vec<(f64, f64, &str)> = vec![];
        for mark in &self.marks {
            match mark {
                Mark::Text { page: on, x, y, text, .. } if *on == page => runs.push((*y, *x, text)),
                Mark::Text { .. } | Mark::Shape { .. } | Mark::Image { .. } => {}
            }
        }
        runs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut lines: Vec<(f64, f64, String)> = vec![];
        for (y, x, text) in runs {
            match lines.last_mut() {
                Some(line) if (line.0 - y).abs() < 0.5 => line.2.push_str(text),
                Some(_) | None => lines.push((y, x, text.to_owned())),
            }
        }
        lines
    }
}
