//! Where a title 标题 breaks: lines of nearly one length, not inside a book title, a number, or before 的 and 、
//! (GB/T 9704 7.3.1: words whole, trapezoid or diamond).

/// Han characters of size 二号 that a line of 156 mm holds; one fewer is reckoned with, to leave a choice of breaks.
const LONGEST: usize = 20;

/// The title in lines.
pub(crate) fn lines(title: &str) -> Vec<String> {
    let characters: Vec<char> = title.trim().chars().collect();
    let count = characters.len().div_ceil(LONGEST - 1).max(1);
    let mut lines = vec![];
    let mut start = 0;
    for line in 1..count {
        let ideal = characters.len() * line / count;
        // What is left must fit on the lines that are left.
        let needed = characters.len().saturating_sub(LONGEST * (count - line));
        let earliest = (start + 1).max(ideal.saturating_sub(5)).max(needed);
        let latest = (ideal + 5).min(start + LONGEST).min(characters.len().saturating_sub(1));
        let cost = |at: &usize| at.abs_diff(ideal) * 2 + awkward(&characters, *at);
        let at = (earliest..=latest).min_by_key(cost).unwrap_or(ideal);
        lines.push(characters.get(start..at).unwrap_or_default().iter().collect());
        start = at;
    }
    lines.push(characters.get(start..).unwrap_or_default().iter().collect());
    lines
}

/// How bad a break before the character at `at` is.
fn awkward(characters: &[char], at: usize) -> usize {
    let (Some(&before), Some(&after)) = (characters.get(at.wrapping_sub(1)), characters.get(at))
    else {
        return 100;
    };
    if "、，》”）：的了".contains(after) || "《“（〔".contains(before) {
        return 60;
    }
    if before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric() {
        return 60;
    }
    let opened = characters.iter().take(at).filter(|c| **c == '《').count();
    let closed = characters.iter().take(at).filter(|c| **c == '》').count();
    if opened > closed {
        return 20;
    }
    let ends: String =
        characters.get(at.saturating_sub(2)..at).unwrap_or_default().iter().collect();
    let next: String =
        characters.get(at..(at + 2).min(characters.len())).unwrap_or_default().iter().collect();
    let good = "、》”）的和".contains(before)
        || next == "关于"
        || ["关于", "做好", "加强", "开展", "进一", "印发", "转发"].contains(&next.as_str())
        || ["关于", "做好", "加强", "开展", "印发", "转发", "政府"].contains(&ends.as_str());
    if good { 0 } else { 7 }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_short_title_is_one_line() {
        assert_eq!(lines("关于做好防汛工作的通知"), ["关于做好防汛工作的通知"]);
        assert_eq!(lines(""), [""]);
    }

    #[test]
    fn a_long_title_breaks_where_words_end() {
        assert_eq!(
            lines("云州市人民政府办公室关于做好2026年汛期安全生产工作的通知"),
            ["云州市人民政府办公室关于做好", "2026年汛期安全生产工作的通知"]
        );
    }

    #[test]
    fn nothing_is_lost_and_every_line_fits() {
        for count in 1..120 {
            let title: String = "云州市人民政府关于印发《云州市城市防洪排涝应急预案》的通知"
                .chars()
                .cycle()
                .take(count)
                .collect();
            let lines = lines(&title);
            assert_eq!(lines.concat(), title);
            for line in lines {
                assert!(line.chars().count() <= 20, "{line}");
            }
        }
    }
}
