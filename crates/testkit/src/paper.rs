//! A press for tests: one small real page per sheet, the same bytes for the same sheet. It knows no fonts and no
//! layout; what a document looks like is proved where it is laid out.

use std::fmt::Write as _;
use wenshu_document::press::{Press, PressError, Printed, Sheet, Signing};

/// Sets every sheet to a page that bears its title, number and whether it is sealed.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaperPress;

impl Press for PaperPress {
    fn set(&self, sheet: &Sheet) -> Result<Printed, PressError> {
        let (title, line) = match sheet {
            Sheet::Official(official) => {
                let seal = match &official.signing {
                    Signing::Unsealed => "unsealed".to_owned(),
                    Signing::Reserved { diameter_mm } => {
                        format!("room for a seal of {diameter_mm} mm")
                    }
                    Signing::Sealed(seal) => format!("sealed, {} bytes of image", seal.image.len()),
                };
                let draft = if official.draft.is_some() { "draft, " } else { "" };
                (format!("{} {}", official.title, official.number), format!("{draft}{seal}"))
            }
            Sheet::Handling(handling) => {
                (handling.heading.clone(), format!("{} rows", handling.rows.len()))
            }
        };
        let everything = serde_json::to_string(sheet)
            .map_err(|error| PressError::Failed { reason: error.to_string() })?;
        Ok(Printed { pdf: page(&title, &line, &everything), pages: 1, substitutions: vec![] })
    }
}

/// One page of PDF 1.4: the line in Helvetica, the title as the file's title, and all of the sheet as a comment.
fn page(title: &str, line: &str, everything: &str) -> Vec<u8> {
    let stream = format!("BT /F1 12 Tf 72 720 Td ({line}) Tj ET");
    let mut hex = "FEFF".to_owned();
    for unit in title.encode_utf16() {
        let _ = write!(hex, "{unit:04X}");
    }
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!("<< /Title <{hex}> >>"),
    ];
    let mut pdf = format!("%PDF-1.4\n% {everything}\n");
    let mut places = vec![];
    for (index, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = pdf.len();
    let _ = write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(pdf, "{place:010} 00000 n ");
    }
    let _ = write!(
        pdf,
        "trailer\n<< /Size {} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    pdf.into_bytes()
}
