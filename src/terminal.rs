//! The one place that writes to standard output and standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the terminal layer")]

use std::io::{IsTerminal, Write};

/// Whether output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// No messages and bars, only errors.
    pub quiet: bool,
    /// Colour of messages.
    pub color: Color,
}

impl Terminal {
    /// A line on standard error, unless quiet.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.error(line);
        }
    }

    /// A line on standard error, quiet or not. Control characters do not reach the terminal.
    pub fn error(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}", printable(line));
    }

    /// A line on standard error that starts with a coloured word.
    pub fn tagged(&self, tag: &str, line: &str) {
        let code = match tag {
            "error" => "1;31",
            "refused" | "warning" => "1;33",
            _ => "1;32",
        };
        if self.colored() {
            let _ = writeln!(std::io::stderr().lock(), "\u{1b}[{code}m{tag}\u{1b}[0m: {}", printable(line));
        } else {
            self.error(&format!("{tag}: {line}"));
        }
    }

    fn colored(self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    /// Whether progress bars are drawn.
    pub fn bars(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}

/// Text on standard output. A closed pipe is no error: the reader has seen enough.
pub fn out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A name as it may stand on a terminal: control characters (and what reverses text) as `\u{..}`.
pub fn printable(text: &str) -> String {
    let unsafe_char =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(unsafe_char) {
        return text.to_owned();
    }
    text.chars()
        .flat_map(|c| if unsafe_char(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}
