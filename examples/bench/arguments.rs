//! The command line: words, and options with or without a value, all of which are known.

use std::fmt::Write as _;
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};

/// An option that a command knows.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// What its value is called; empty if it takes none.
    pub(crate) value: &'static str,
    pub(crate) about: &'static str,
}

/// What stands behind a program's name.
#[derive(Debug)]
pub(crate) struct Arguments {
    words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Arguments {
    pub(crate) fn parse(given: impl IntoIterator<Item = String>, known: &[Known]) -> anyhow::Result<Self> {
        let (mut words, mut options) = (Vec::new(), Vec::new());
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            if !argument.starts_with("--") {
                words.push(argument);
                continue;
            }
            let Some(option) = known.iter().find(|option| option.name == argument) else {
                bail!("there is no option {argument}");
            };
            let value = match option.value {
                "" => String::new(),
                value => given.next().with_context(|| format!("{argument} needs {value}"))?,
            };
            options.push((argument, value));
        }
        Ok(Self { words, options })
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.value(option).is_some()
    }

    /// What followed an option, the last time that it was given.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        let given = self.options.iter().rev().find(|(name, _)| name == option)?;
        Some(&given.1)
    }

    /// The number that followed an option.
    pub(crate) fn number<T: FromStr>(&self, option: &str) -> anyhow::Result<Option<T>> {
        let number = self.value(option).map(str::parse);
        number.transpose().map_err(|_not_a_number| anyhow!("{option} needs a number"))
    }
}

/// The options as `--help` lists them.
pub(crate) fn list(known: &[Known]) -> String {
    known.iter().fold(String::new(), |mut text, Known { name, value, about }| {
        let option = format!("{name} {value}");
        writeln!(text, "  {option:<18} {about}").expect("a string takes everything");
        text
    })
}
