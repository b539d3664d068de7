//! Rust source as words: names only, without comments and texts.

/// Each name in `source` with the line it stands on; `a::b` comes as one name.
pub fn names(source: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => until(&chars, at, |rest| rest.starts_with(&['\n'])),
            ('/', Some('*')) => until(&chars, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2,
            ('"', _) => text(&chars, at + 1),
            ('\'', _) => character(&chars, at),
            ('r', _) if raw(&chars, at).is_some() => raw(&chars, at).unwrap_or(at + 1),
            (c, _) if c.is_alphabetic() || c == '_' => {
                let end = name(&chars, at);
                found.push((line, chars[at..end].iter().collect()));
                end
            }
            _ => at + 1,
        }
        .min(chars.len());
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    found
}

fn until(chars: &[char], from: usize, stop: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|&at| stop(&chars[at..])).unwrap_or(chars.len())
}

fn name(chars: &[char], from: usize) -> usize {
    let part = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let mut at = from;
    loop {
        while part(at) {
            at += 1;
        }
        if chars.get(at) == Some(&':') && chars.get(at + 1) == Some(&':') && part(at + 2) {
            at += 2;
        } else {
            return at;
        }
    }
}

fn text(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"…"` and `r#"…"#`; nothing for a name that begins with r.
fn raw(chars: &[char], from: usize) -> Option<usize> {
    let marks = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    let open = from + 1 + marks;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', marks)).collect();
    Some(until(chars, open + 1, |rest| rest.starts_with(&close)) + close.len())
}

/// A character such as 'x' or '\'', or only the mark of a lifetime.
fn character(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => until(chars, from + 3, |rest| rest.starts_with(&['\''])) + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Vec<String> {
        names(source).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn comments_and_texts_name_nothing() {
        assert_eq!(of("// HashMap\nlet a = \"rand \\\" x\"; /* tokio */ b"), ["let", "a", "b"]);
        assert_eq!(of("r#\"HashMap \" x\"# c 'd' '\\'' e"), ["c", "e"]);
        assert_eq!(of("fn f<'a>(x: &'a str) -> red"), ["fn", "f", "a", "x", "a", "str", "red"]);
    }

    #[test]
    fn a_path_is_one_name_on_its_line() {
        let found = names("use x;\n\"two\nlines\"\nUtc::now()");
        assert_eq!(found.last(), Some(&(4, "Utc::now".to_string())));
    }
}
