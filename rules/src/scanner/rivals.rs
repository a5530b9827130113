//! Findings that are none beside another one: a password before the host of a URL reads like an e-mail address.

use crate::{Candidate, EntityId, RuleSet};

/// The entities it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rivals {
    credentials: Option<EntityId>,
    mail: Option<EntityId>,
}

impl Rivals {
    pub(super) fn new(rules: &RuleSet) -> Self {
        Self { credentials: rules.entity_id("URL_CREDENTIALS"), mail: rules.entity_id("EMAIL_ADDRESS") }
    }

    /// Drops, from `first` on, addresses that start within credentials and go on behind them: in
    /// `https://jdoe:pw@git.example/x` the host stays.
    pub(super) fn settle(self, first: usize, out: &mut Vec<Candidate>) {
        let credentials = |c: &Candidate| Some(c.entity) == self.credentials;
        if !out[first..].iter().any(credentials) {
            return;
        }
        let spans: Vec<(usize, usize)> =
            out[first..].iter().filter(|c| credentials(c)).map(|c| (c.start, c.end)).collect();
        // Only those of this text are gone through: `out` holds the findings of all texts before.
        let inside =
            |c: &Candidate, &(start, end): &(usize, usize)| (start..end).contains(&c.start) && c.end > end;
        let is_out = |c: &Candidate| Some(c.entity) == self.mail && spans.iter().any(|span| inside(c, span));
        let mut kept = first;
        for at in first..out.len() {
            if !is_out(&out[at]) {
                out.swap(kept, at);
                kept += 1;
            }
        }
        out.truncate(kept);
    }
}
