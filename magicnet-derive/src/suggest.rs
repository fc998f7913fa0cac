//! "Did you mean": the known word that is nearest to an unknown one.

/// The known word that `word` probably stands for, as a clause to end a sentence with; empty if there is none.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known word that `word` probably stands for.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|known| (distance(&word, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The known word that `word` differs from by one letter: too near to be a word of its own by accident.
pub(crate) fn slip_of<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().find(|known| distance(&word.to_lowercase(), known) <= 1 && word != *known)
}

/// `a`, `b` and `c`, or with another word for the last pair.
pub(crate) fn enumerate<'a>(words: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// How many letters must be put in, left out, changed or swapped with their neighbour to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let step = change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped { step.min(table[i - 2][j - 2] + 1) } else { step }
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_found() {
        let known = ["to", "wire", "always", "default"];
        assert_eq!(nearest("wrie", known), Some("wire"));
        assert_eq!(nearest("allways", known), Some("always"));
        assert_eq!(nearest("Default", known), Some("default"));
        assert_eq!(nearest("broadcast", known), None);
    }

    #[test]
    fn words_read_as_a_sentence() {
        assert_eq!(enumerate([], "or"), "");
        assert_eq!(enumerate(["a"], "or"), "`a`");
        assert_eq!(enumerate(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
