//! The demo's seals: round, red, with a star, the name of the organ in a ring, and 演示专用 across.

use std::fmt::Write;

/// An SVG of a demo seal; it says 演示专用, so that nobody takes it for a real one.
#[must_use]
pub fn demo_seal(name: &str) -> Vec<u8> {
    const FONT: &str = "'Noto Serif CJK SC','SimSun','Songti SC',serif";
    let characters: Vec<char> =
        name.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let count = characters.len().max(1);
    // Steps between characters, in degrees, over at most 225 of the ring.
    let step = if count > 1 { (225.0 / float(count - 1)).min(30.0) } else { 0.0 };
    let size = (step.to_radians() * 152.0 * 0.96).clamp(14.0, 50.0);
    let mut svg = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 420" width="420" height="420"><g fill="#d9001b" stroke="none"><circle cx="210" cy="210" r="203" fill="none" stroke="#d9001b" stroke-width="11"/>"##,
    );
    let _ = write!(svg, r#"<polygon points="{}"/>"#, star(210.0, 205.0, 62.0));
    for (index, character) in characters.iter().enumerate() {
        let angle = step * (float(index) - float(count - 1) / 2.0);
        let _ = write!(
            svg,
            r#"<text transform="rotate({angle:.2} 210 210)" x="210" y="{:.1}" font-family="{FONT}" font-weight="700" font-size="{size:.1}" text-anchor="middle">{}</text>"#,
            210.0 - 186.0 + size * 0.88,
            escaped(*character),
        );
    }
    let _ = write!(
        svg,
        r#"<text x="210" y="362" font-family="{FONT}" font-weight="700" font-size="33" text-anchor="middle">演示专用</text></g></svg>"#
    );
    svg.into_bytes()
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn star(x: f64, y: f64, radius: f64) -> String {
    let point = |index: u32| {
        let angle = (f64::from(index) * 36.0 - 90.0).to_radians();
        let from_centre = if index.is_multiple_of(2) { radius } else { radius * 0.382 };
        format!("{:.1},{:.1}", x + from_centre * angle.cos(), y + from_centre * angle.sin())
    };
    (0..10).map(point).collect::<Vec<_>>().join(" ")
}

fn escaped(character: char) -> String {
    match character {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_bears_the_name_and_says_that_it_is_a_demo() {
        let svg = String::from_utf8(super::demo_seal("云州市<人民>政府")).expect("text");
        assert!(svg.contains("演示专用") && svg.contains("&lt;") && !svg.contains("<人"));
        assert_eq!(svg.matches("<text").count(), 9 + 1);
    }
}
