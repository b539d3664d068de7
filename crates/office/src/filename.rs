//! Names of uploaded files: only a name is kept, never a path, and nothing that a file system or a header trips over.

/// The longest name kept, in characters.
const LONGEST: usize = 120;

/// A file name that is safe to show, store and send back. What is left of nothing is 附件.
#[must_use]
pub fn tidy(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_trick(*c))
        .map(|c| if matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|') { '_' } else { c })
        .collect();
    let kept = kept.trim().trim_start_matches('.').trim();
    if kept.is_empty() {
        return "附件".to_owned();
    }
    if kept.chars().count() <= LONGEST {
        return kept.to_owned();
    }
    let ending = kept
        .rsplit_once('.')
        .map(|(_, ending)| ending)
        .filter(|ending| ending.chars().count() <= 8);
    match ending {
        Some(ending) => {
            let stem: String = kept.chars().take(LONGEST - ending.chars().count() - 1).collect();
            format!("{stem}.{ending}")
        }
        None => kept.chars().take(LONGEST).collect(),
    }
}

/// Marks that turn the reading direction or cannot be seen: they make `exe` look like `pdf`.
fn is_trick(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The media type that the content itself shows; the browser's word counts only where bytes say nothing.
#[must_use]
pub fn media_type(head: &[u8], name: &str, said: Option<&str>) -> String {
    let ending =
        name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let by_bytes = if head.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if head.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if head.starts_with(b"PK\x03\x04") {
        Some(match ending.as_str() {
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "ofd" => "application/ofd",
            _ => "application/zip",
        })
    } else if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        Some("application/x-ole-storage")
    } else {
        None
    };
    match by_bytes {
        Some(known) => known.to_owned(),
        // Nothing that a browser would run is ever sent back as what it claims to be.
        None if ending == "txt" || said == Some("text/plain") => {
            "text/plain; charset=utf-8".to_owned()
        }
        None => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_name() {
        assert_eq!(tidy("../../etc/passwd"), "passwd");
        assert_eq!(tidy("C:\\temp\\方案.docx"), "方案.docx");
        assert_eq!(tidy("..\\..\\"), "附件");
        assert_eq!(tidy("..."), "附件");
        assert_eq!(tidy("  清单\u{0}\n<1>.xlsx "), "清单_1_.xlsx");
        assert_eq!(tidy("报告\u{202e}fdp.exe"), "报告fdp.exe");
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = tidy(&format!("{}.pdf", "长".repeat(300)));
        assert_eq!(name.chars().count(), 120);
        assert!(name.ends_with(".pdf"));
    }

    #[test]
    fn content_says_its_type_and_scripts_are_never_served_as_such() {
        assert_eq!(media_type(b"%PDF-1.7", "a.html", Some("text/html")), "application/pdf");
        assert_eq!(
            media_type(b"<script>", "a.html", Some("text/html")),
            "application/octet-stream"
        );
        assert_eq!(
            media_type(b"PK\x03\x04", "a.docx", None),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        );
    }
}
