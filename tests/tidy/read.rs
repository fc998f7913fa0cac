//! Reads Rust as text, not as a syntax tree: [`code`] blanks out comments and literals, [`paths`] finds what follows
//! `crate::`, [`supers`] how far `super::` climbs. That is enough for source that compiles and is formatted.

/// The text with comments and literals blanked out, line for line.
pub(crate) fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = comment(rest).or_else(|| literal(rest, out.chars().last())).unwrap_or(0);
        if skip == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        out.extend(rest[..skip].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[skip..];
    }
    out
}

/// The length of the comment that starts here.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    Some(text.len())
}

/// The length of the string or character that starts here; `before` tells a raw string from a name that ends in r.
fn literal(text: &str, before: Option<char>) -> Option<usize> {
    if text.starts_with('"') {
        return Some(quoted(text, '"'));
    }
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if !in_name && (text.starts_with('r') || text.starts_with("br")) {
        let hashes = text.trim_start_matches('b').strip_prefix('r')?;
        let count = hashes.len() - hashes.trim_start_matches('#').len();
        let start = text.len() - hashes.len() + count;
        if !text[start..].starts_with('"') {
            return None;
        }
        let end = format!("\"{}", "#".repeat(count));
        let length = text[start + 1..].find(&end).map_or(text.len(), |at| start + 1 + at + end.len());
        return Some(length);
    }
    // A character, unless it is a lifetime: 'a' closes after one character or an escape.
    let after = text.strip_prefix('\'')?;
    let mut inside = after.chars();
    match inside.next()? {
        '\\' => Some(quoted(text, '\'')),
        first if inside.next() == Some('\'') => Some(2 + first.len_utf8()),
        _ => None,
    }
}

/// The length of a literal in these quotes, with escapes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What follows `root::` in the code, with the line: one name, or each first name of a group in braces. `use root;`,
/// `use root as x` and `root::*` give the empty name and `*`.
pub(crate) fn paths<'code>(code: &'code str, root: &str) -> Vec<(usize, &'code str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let before = &code[..at];
        let in_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        // `my::tokio` is another module; `::tokio` with nothing before it is the crate.
        let parent = before.strip_suffix("::");
        let nested =
            parent.is_some_and(|path| path.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>'));
        if in_name || nested {
            continue;
        }
        let line = before.matches('\n').count() + 1;
        let after = &code[at + root.len()..];
        let used = before.trim_end().ends_with("use");
        if used && (after.starts_with(';') || after.trim_start().starts_with("as ")) {
            found.push((line, ""));
        }
        let Some(path) = after.trim_start().strip_prefix("::") else {
            continue;
        };
        let path = path.trim_start();
        match path.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group).into_iter().map(|name| (line, name))),
            None => found.push((line, word(path))),
        }
    }
    found
}

/// The first name of each entry of a group, up to the brace that closes it.
fn group_heads(group: &str) -> Vec<&str> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(word(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// Each run of `super::`: its line, how many there are, and how many modules deep it stands, inline ones included.
pub(crate) fn supers(code: &str, file_depth: usize) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut inline: Vec<usize> = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let rest = &code[at..];
        let starts_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if starts_word && rest.starts_with("super::") {
            let run = rest.len() - rest.trim_start_matches("super::").len();
            found.push((line, run / "super::".len(), file_depth + inline.len()));
            at += run;
            continue;
        }
        match c {
            '\n' => line += 1,
            '{' => {
                braces += 1;
                let head = code[..at].trim_end();
                let name = head.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
                if name.len() < head.len() && name.trim_end().ends_with("mod") {
                    inline.push(braces);
                }
            }
            '}' => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces = braces.saturating_sub(1);
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    found
}

/// The name at the start of the text; `*` counts as one.
pub(crate) fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    if end == 0 && text.starts_with('*') { "*" } else { &text[..end] }
}
