//! The command lines of the examples. The usage that a program prints is also what its options are read by.

use std::path::PathBuf;
use std::process::exit;
use std::{env, fs};

use anyhow::{Context, bail};
use magicnet::{Connect, Identity, Listen, NodeBuilder, Trust};

/// What was said on the command line.
#[derive(Debug)]
pub struct Options {
    given: Vec<(String, Option<String>)>,
}

impl Options {
    /// Reads the options of this process, which are those that `usage` lists: `[--listen ADDR] [--quiet]`.
    ///
    /// Prints the usage and ends the process if that was asked for, or if there is a mistake.
    pub fn read(program: &str, usage: &str) -> Self {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let usage_line = format!("usage: {program} {usage}");
        if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
            println!("{usage_line}");
            exit(0);
        }
        Self::parse(usage, arguments).unwrap_or_else(|mistake| {
            eprintln!("{mistake}\n{usage_line}");
            exit(2);
        })
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// The value of the option, the last one if it was given several times.
    pub fn value(&self, name: &str) -> Option<&str> {
        let given = self.given.iter().rev().find(|(given, _)| given == name)?;
        given.1.as_deref()
    }

    /// Where `--listen` wants a server to be reached, each time that it is given: `host:port` for TCP, or an address
    /// with its scheme, `ws://host:port`. Pages that somebody has opened from a file may connect. Where connections
    /// are encrypted, `--certificate` and `--key` say by what; without them a certificate is made at the start.
    pub fn listen(&self, default: &str) -> anyhow::Result<Vec<Listen>> {
        let given = self.given.iter().filter(|(given, _)| given == "--listen");
        let mut addresses: Vec<&str> = given.filter_map(|(_, value)| value.as_deref()).collect();
        if addresses.is_empty() {
            addresses.push(default);
        }
        let identity = self.identity()?;
        let endpoint = |address: &str| -> anyhow::Result<Listen> {
            let mut listen: Listen = address.parse()?;
            if address.starts_with("ws") {
                listen = listen.origins(["null"]);
            }
            if is_encrypted(address)
                && let Some(identity) = &identity
            {
                listen = listen.identity(identity.clone());
            }
            Ok(listen)
        };
        addresses.into_iter().map(endpoint).collect()
    }

    fn identity(&self) -> anyhow::Result<Option<Identity>> {
        match (self.value("--certificate"), self.value("--key")) {
            (Some(certificate), Some(key)) => Ok(Some(Identity::files(certificate, key))),
            (None, None) => Ok(None),
            _ => bail!("--certificate and --key belong together"),
        }
    }

    /// Where `--connect` wants a client to connect. Where that is encrypted, and the address names no fingerprint,
    /// `--authority` says who must have signed the server's certificate.
    pub fn connect(&self, default: &str) -> anyhow::Result<Connect> {
        let address = self.value("--connect").unwrap_or(default);
        let connect: Connect = address.parse()?;
        Ok(match self.value("--authority") {
            Some(authority) => connect.trust(Trust::roots(authority)),
            None => connect,
        })
    }

    /// The zones of `--zones 1,2`.
    pub fn zones(&self) -> anyhow::Result<Option<Vec<u32>>> {
        let Some(zones) = self.value("--zones") else {
            return Ok(None);
        };
        let zones = zones.split(',').map(|zone| zone.trim().parse());
        let zones = zones.collect::<Result<_, _>>();
        zones.map(Some).context("--zones takes numbers with commas between them")
    }

    /// Writes the manifest of this side, for Python peers, if that was asked for by `--manifest FILE`.
    pub fn write_manifest(&self, node: &NodeBuilder) -> anyhow::Result<()> {
        let Some(path) = self.value("--manifest").map(PathBuf::from) else {
            return Ok(());
        };
        let manifest = node.manifest();
        let json = manifest.to_json();
        if json == "{}" {
            tracing::info!(
                "a manifest is about objects, and there are none here: {} is empty",
                path.display()
            );
        }
        for warning in manifest.warnings() {
            tracing::warn!("{warning}");
        }
        fs::write(&path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
    }

    fn parse(usage: &str, arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut given = Vec::new();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, attached) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            let value = match takes_value(usage, &name) {
                None => return Err(format!("unknown option {name}")),
                Some(false) if attached.is_some() => return Err(format!("{name} takes no value")),
                Some(false) => None,
                Some(true) => match attached.or_else(|| arguments.next()) {
                    None => return Err(format!("{name} needs a value")),
                    value => value,
                },
            };
            given.push((name, value));
        }
        Ok(Self { given })
    }
}

/// Whether who listens there has a certificate.
fn is_encrypted(address: &str) -> bool {
    ["tls://", "wss://", "udp://"].iter().any(|scheme| address.starts_with(scheme))
}

/// Whether an option takes a value; `None` if there is no such option.
fn takes_value(usage: &str, name: &str) -> Option<bool> {
    let options = usage.split(['[', ']']);
    let mut options =
        options.filter_map(|option| option.split_whitespace().next().map(|name| (name, option)));
    let (_, option) = options.find(|(known, _)| *known == name)?;
    Some(option.split_whitespace().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(arguments: &str) -> Result<Options, String> {
        let arguments = arguments.split_whitespace().map(str::to_owned);
        Options::parse("[--listen ADDR] [--quiet]", arguments)
    }

    #[test]
    fn the_usage_says_what_there_is() {
        let options = parse("--quiet --listen a:1 --listen=b:2").expect("both are listed");
        assert!(options.has("--quiet"));
        assert_eq!(options.value("--listen"), Some("b:2"));
        assert_eq!(options.value("--quiet"), None);
    }

    #[test]
    fn mistakes_are_named() {
        let mistake = |arguments| parse(arguments).expect_err("it is a mistake");
        assert_eq!(mistake("--port 1"), "unknown option --port");
        assert_eq!(mistake("--listen"), "--listen needs a value");
        assert_eq!(mistake("--quiet=1"), "--quiet takes no value");
        assert_eq!(mistake("ADDR"), "unknown option ADDR");
    }
}
