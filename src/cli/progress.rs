//! Progress of long work: a bar on a terminal, log lines elsewhere.

use super::lang::t;
use crate::i18n::{Language, Text};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// Shows how far a piece of work is.
pub(super) struct Progress {
    what: Text,
    bar: Option<ProgressBar>,
    last_tenth: usize,
}

impl Progress {
    pub(super) fn new(what: Text) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what.in_words(t()));
            bar
        });
        Self { what, bar, last_tenth: 0 }
    }

    /// `done` of `total` are done.
    pub(super) fn set(&mut self, done: usize, total: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            if done >= total {
                bar.finish_and_clear();
            }
            return;
        }
        let tenth = (done * 10).checked_div(total).unwrap_or(10);
        if tenth > self.last_tenth {
            self.last_tenth = tenth;
            tracing::info!(done, total, "{}", self.what.in_words(Language::En.texts()));
        }
    }
}

/// The same for work of several stages, known by what is done in them.
#[derive(Default)]
pub(super) struct Stages(Vec<Progress>);

impl Stages {
    pub(super) fn set(&mut self, what: &Text, done: usize, total: usize) {
        let at = self.0.iter().position(|stage| stage.what == *what).unwrap_or_else(|| {
            self.0.push(Progress::new(what.clone()));
            self.0.len() - 1
        });
        self.0[at].set(done, total);
    }
}
