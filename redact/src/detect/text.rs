//! Detection in one piece of text: scanner, roster and the bundle's own values together, overlaps
//! resolved, every finding with its identity. Knows no file format.

use super::unescape::unescape;
use super::{base64, blocks};
use super::{mailbox, parts};
use crate::resolve::{Span, resolve};
use custody_rules::{
    BlockFinder, Candidate, Decision, EntityId, ListScope, Lists, Operator, Profile, RecognizerId, Roster,
    RosterHit, RosterPass, RosterScratch, RuleSet, Scanner, Scratch, ValueIndex, ValueIndexBuilder, fold,
    tokens,
};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Letters and digits a value needs before it is looked for elsewhere.
pub const VALUE_CHARS_MIN: usize = 6;

/// Bytes above which a thread's scratch space is given back.
const SCRATCH_BYTES_MAX: usize = 8 << 20;
/// How often what was decoded is decoded again: `%2540`, JSON within Base64.
const LAYERS_MAX: usize = 2;
/// Score from which a name is sure enough for its parts to be looked for.
const PARTS_SCORE_MIN: f32 = 0.65;
/// Rank of a part of a name: below every whole name.
const PART_RANK: u64 = 2;
/// Rank of a name that only an e-mail address gave away: below every finding of its own.
const MAILBOX_RANK: u64 = 1;

/// Everything that decides what is found. Shared between threads.
pub struct Detector {
    /// Patterns, checks, labels.
    pub scanner: Arc<Scanner>,
    /// The organisation's people.
    pub roster: Option<Arc<Roster>>,
    /// Thresholds and operators.
    pub profile: Profile,
    /// Key of identities and hashes.
    pub key: [u8; 32],
    /// Values found anywhere in the bundle; empty during the first pass.
    pub values: ValueIndex,
    /// What is allowed, and what is found always.
    pub lists: Lists,
    ids: Ids,
    blocks: BlockFinder,
    idle: Mutex<Vec<TextScratch>>,
}

/// Numbers looked up once.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// `PERSON`.
    pub person: EntityId,
    /// `EMAIL_ADDRESS`.
    pub email_address: EntityId,
    /// `EMPLOYEE_ID`.
    pub employee_id: EntityId,
    /// `UNREAD_REGION`.
    pub unread_region: EntityId,
    /// `roster`.
    pub roster: RecognizerId,
    /// `bundle`.
    pub bundle: RecognizerId,
    /// `unread`.
    pub unread: RecognizerId,
    /// `deny`.
    pub deny: RecognizerId,
}

/// What one thread needs.
pub struct TextScratch {
    scan: Scratch,
    roster: RosterScratch,
    candidates: Vec<Candidate>,
    hits: Vec<RosterHit>,
    scope: ListScope,
    ocr: bool,
}

impl TextScratch {
    /// Which entries of the lists hold.
    pub fn scope(&self) -> ListScope {
        self.scope
    }
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").field("profile", &self.profile.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TextScratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextScratch").finish_non_exhaustive()
    }
}

/// Caches on loan; they go back when it is dropped.
#[derive(Debug)]
pub struct LentScratch<'a> {
    detector: &'a Detector,
    scratch: Option<TextScratch>,
}

impl Deref for LentScratch<'_> {
    type Target = TextScratch;

    fn deref(&self) -> &TextScratch {
        self.scratch.as_ref().expect("it is there until the loan ends")
    }
}

impl DerefMut for LentScratch<'_> {
    fn deref_mut(&mut self) -> &mut TextScratch {
        self.scratch.as_mut().expect("it is there until the loan ends")
    }
}

impl Drop for LentScratch<'_> {
    fn drop(&mut self) {
        // A line of many megabytes has grown it: the next one starts small again.
        let scratch = self.scratch.take().filter(|scratch| scratch.roster.capacity() <= SCRATCH_BYTES_MAX);
        let mut idle = self.detector.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(scratch);
    }
}

impl TextScratch {
    /// Says that what follows was read from pixels: in it the roster takes characters that look alike for one.
    pub fn set_ocr(&mut self, ocr: bool) {
        self.ocr = ocr;
    }
}

impl Detector {
    /// Puts scanner, roster, profile and key together.
    pub fn new(scanner: Arc<Scanner>, roster: Option<Arc<Roster>>, profile: Profile, key: [u8; 32]) -> Self {
        let rules = scanner.rules();
        let ids = Ids {
            person: rules.built_in_entity("PERSON"),
            email_address: rules.built_in_entity("EMAIL_ADDRESS"),
            employee_id: rules.built_in_entity("EMPLOYEE_ID"),
            unread_region: rules.built_in_entity("UNREAD_REGION"),
            roster: rules.built_in_recognizer("roster"),
            bundle: rules.built_in_recognizer("bundle"),
            unread: rules.built_in_recognizer("unread"),
            deny: rules.built_in_recognizer("deny"),
        };
        Self {
            blocks: BlockFinder::new(&scanner),
            scanner,
            roster,
            profile,
            key,
            values: ValueIndex::default(),
            lists: Lists::default(),
            ids,
            idle: Mutex::default(),
        }
    }

    /// The rules behind it.
    pub fn rules(&self) -> &RuleSet {
        self.scanner.rules()
    }

    /// Finds what lines say together.
    pub(super) fn blocks(&self) -> &BlockFinder {
        &self.blocks
    }

    /// Numbers of the entities and recognizers that code refers to.
    pub fn ids(&self) -> Ids {
        self.ids
    }

    /// Makes what one thread needs.
    pub fn scratch(&self) -> TextScratch {
        TextScratch {
            scan: self.scanner.scratch(),
            roster: RosterScratch::default(),
            ocr: false,
            candidates: Vec::new(),
            hits: Vec::new(),
            scope: ListScope::default(),
        }
    }

    /// Lends caches that another batch has warmed; building the automaton's states anew for every batch
    /// costs many times the scanning.
    pub fn lend(&self) -> LentScratch<'_> {
        self.lend_in(ListScope::default())
    }

    /// Lends caches for an artifact for which these entries of the lists hold.
    pub fn lend_in(&self, scope: ListScope) -> LentScratch<'_> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = idle.unwrap_or_else(|| self.scratch());
        scratch.scope = scope;
        LentScratch { detector: self, scratch: Some(scratch) }
    }

    /// Starts an index of values whose hashes depend on this run's key.
    pub fn value_builder(&self) -> ValueIndexBuilder {
        let seed = u64::from_le_bytes(*self.key.first_chunk().unwrap_or(&[0; 8]));
        ValueIndexBuilder::new(seed)
    }

    /// What the profile does to an entity.
    pub fn operator(&self, entity: EntityId) -> Operator {
        self.profile.operator(self.rules().entity_name(entity))
    }

    /// Redact or keep, by the profile.
    pub fn decision(&self, entity: EntityId) -> Decision {
        if self.operator(entity) == Operator::Keep { Decision::Keep } else { Decision::Redact }
    }

    /// Finds everything in `text`; `label` is the heading, key or form label it stands under. What is escaped
    /// or encoded in it is found as well. The result is ordered and free of overlaps.
    pub fn text(&self, text: &str, label: Option<&str>, scratch: &mut TextScratch) -> Vec<Span> {
        let mut spans = self.layers(text, label, scratch, LAYERS_MAX);
        self.spare_marks(text, &mut spans);
        resolve(text, spans)
    }

    /// What an earlier redaction put in a finding's place is nobody's value, nor is a part of it.
    fn spare_marks(&self, text: &str, spans: &mut Vec<Span>) {
        if spans.is_empty() || memchr::memchr(b'<', text.as_bytes()).is_none() {
            return;
        }
        let known = |entity: &str| self.rules().entity_id(entity).is_some();
        for (start, end) in custody_rules::marks(text, known) {
            spans.retain(|span| span.start < start || end < span.end);
        }
    }

    /// Finds everything in a line of a text, with what the lines before say of it.
    pub fn line(&self, line: &str, said: &[Candidate], scratch: &mut TextScratch) -> Vec<Span> {
        let mut spans = self.layers(line, None, scratch, LAYERS_MAX);
        if !said.is_empty() {
            let sure = said.iter().filter(|c| c.score >= self.profile.threshold);
            let mut own: Vec<Span> = sure.map(|c| self.span(line, c)).collect();
            own.retain(|span| !self.lists.allows(scratch.scope, span.entity, &line[span.start..span.end]));
            spans.extend(own);
        }
        self.spare_marks(line, &mut spans);
        resolve(line, spans)
    }

    /// What stands in a text, in its escapes and in its Base64.
    fn layers(&self, text: &str, label: Option<&str>, scratch: &mut TextScratch, deeper: usize) -> Vec<Span> {
        let mut spans = self.spans(text, label, scratch);
        if deeper == 0 {
            return spans;
        }
        base64::runs(text, !self.values.is_empty(), &mut |run| {
            let inner = if run.readable {
                self.layers(&run.text, None, scratch, deeper - 1)
            } else {
                self.known(&run.text)
            };
            spans.extend(inner.into_iter().map(|span| {
                let (start, end) = run.raw_span(span.start, span.end);
                Span { start, end, ..span }
            }));
        });
        if let Some(copy) = unescape(text) {
            let inner = self.layers(&copy.text, label, scratch, deeper - 1);
            spans.extend(inner.into_iter().map(|span| {
                let (start, end) = copy.raw_span(span.start, span.end);
                Span { start, end, ..span }
            }));
        }
        spans
    }

    /// The bundle's own values in a text.
    fn known(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        self.values.find(text, &mut |hit| {
            spans.push(Span {
                start: hit.start,
                end: hit.end,
                entity: hit.entity,
                recognizer: self.ids.bundle,
                score: 0.8,
                identity: hit.identity,
                decision: self.decision(hit.entity),
            });
        });
        spans
    }

    /// Finds what is of these entities, however sure or unsure, context or not: for labelled cases that
    /// restrict the recognizers.
    pub fn text_any_score(&self, text: &str, only: &[EntityId], scratch: &mut TextScratch) -> Vec<Span> {
        scratch.candidates.clear();
        self.scanner.scan_any_score(text, only, &mut scratch.scan, &mut scratch.candidates);
        self.roster_candidates(text, scratch);
        let spans =
            scratch.candidates.iter().filter(|c| only.contains(&c.entity)).map(|c| self.span(text, c));
        resolve(text, spans.collect())
    }

    /// Everything that is found, overlaps and all.
    fn spans(&self, text: &str, label: Option<&str>, scratch: &mut TextScratch) -> Vec<Span> {
        scratch.candidates.clear();
        self.candidates((text, label), scratch);
        if memchr::memchr(b'\n', text.as_bytes()).is_some() {
            blocks::in_text(self, text, &mut scratch.candidates);
        }
        let threshold = self.profile.threshold;
        let sure = scratch.candidates.iter().filter(|c| c.score >= threshold);
        let mut spans: Vec<Span> = sure.map(|c| self.span(text, c)).collect();
        spans.extend(self.known(text));
        if !self.lists.is_empty() {
            self.apply_lists(text, scratch.scope, &mut spans);
        }
        spans
    }

    /// What is allowed goes before overlaps are resolved, so that it hides nothing; what is denied comes.
    fn apply_lists(&self, text: &str, scope: ListScope, spans: &mut Vec<Span>) {
        let is_allowed = |span: &Span| self.lists.allows(scope, span.entity, &text[span.start..span.end]);
        let (allowed, mut rest): (Vec<Span>, Vec<Span>) = spans.drain(..).partition(is_allowed);
        // A part of what is allowed is allowed where it stands: the given name that another person has too.
        rest.retain(|span| {
            let holds =
                |one: &Span| one.entity == span.entity && one.start <= span.start && span.end <= one.end;
            !allowed.iter().any(holds)
        });
        spans.append(&mut rest);
        let recognizer = self.ids.deny;
        self.lists.denied(scope, text, &mut |start, end, entity| {
            let candidate = Candidate { start, end, entity, recognizer, score: 1.0, person: None };
            spans.push(self.span(text, &candidate));
        });
    }

    /// Whether a value that was found is allowed by a list; what is denied never is.
    pub fn is_allowed(&self, scope: ListScope, span: &Span, value: &str) -> bool {
        span.recognizer != self.ids.deny && self.lists.allows(scope, span.entity, value)
    }

    /// Adds the candidates of the recognizers and of the roster.
    fn candidates(&self, (text, label): (&str, Option<&str>), scratch: &mut TextScratch) {
        let TextScratch { scan, candidates, roster: space, hits, ocr, .. } = scratch;
        match &self.roster {
            Some(roster) if !*ocr => {
                hits.clear();
                let mut people = RosterPass { roster, scratch: space, hits };
                self.scanner.scan_with_roster((text, label), scan, candidates, &mut people);
                candidates.extend(hits.iter().map(|hit| self.roster_candidate(hit)));
            }
            _ => {
                self.scanner.scan(text, label, scan, candidates);
                self.roster_candidates(text, scratch);
            }
        }
    }

    fn roster_candidates(&self, text: &str, scratch: &mut TextScratch) {
        if let Some(roster) = &self.roster {
            scratch.hits.clear();
            roster.find_in(text, scratch.ocr, &mut scratch.roster, &mut scratch.hits);
            scratch.candidates.extend(scratch.hits.iter().map(|hit| self.roster_candidate(hit)));
        }
    }

    fn roster_candidate(&self, hit: &RosterHit) -> Candidate {
        Candidate {
            start: hit.start,
            end: hit.end,
            entity: hit.entity,
            recognizer: self.ids.roster,
            score: hit.score,
            person: Some(hit.person),
        }
    }

    pub(super) fn span(&self, text: &str, candidate: &Candidate) -> Span {
        let Candidate { start, end, entity, recognizer, score, person } = *candidate;
        let identity = match person {
            Some(person) if entity == self.ids.person => self.person_identity(person),
            _ => self.identity(entity, &text[start..end]),
        };
        Span { start, end, entity, recognizer, score, identity, decision: self.decision(entity) }
    }

    /// Keyed hash of a person of the roster.
    pub fn person_identity(&self, person: u32) -> u128 {
        self.keyed(&[b"person", &person.to_le_bytes()])
    }

    /// Keyed hash of what a value denotes: case, accents and punctuation do not count, for names neither
    /// do order nor what stands in brackets behind them. A name of the roster gives its person.
    pub fn identity(&self, entity: EntityId, value: &str) -> u128 {
        let is_person = entity == self.ids.person;
        if is_person && let Some(person) = self.roster_person(value) {
            return self.person_identity(person);
        }
        let value = if is_person { value.split(['(', '[']).next().unwrap_or(value) } else { value };
        let mut parts: Vec<String> = tokens(value).map(|(start, end)| fold(&value[start..end])).collect();
        if is_person {
            parts.sort_unstable();
        }
        // Numbers are the same in every grouping.
        let (digits, all) = parts
            .iter()
            .flat_map(|part| part.chars())
            .fold((0, 0), |(digits, all), c| (digits + usize::from(c.is_ascii_digit()), all + 1));
        let between = if digits * 2 > all { "" } else { " " };
        let name = self.rules().entity_name(entity);
        self.keyed(&[b"value", name.as_bytes(), parts.join(between).as_bytes()])
    }

    fn roster_person(&self, value: &str) -> Option<u32> {
        let roster = self.roster.as_ref()?;
        let mut hits = Vec::new();
        roster.find(value, &mut RosterScratch::default(), &mut hits);
        let names = hits.iter().filter(|hit| hit.entity == self.ids.person);
        names.max_by_key(|hit| (hit.end - hit.start, std::cmp::Reverse(hit.person))).map(|hit| hit.person)
    }

    /// BLAKE3 of the parts under the run's key, 128 bits.
    pub fn keyed(&self, parts: &[&[u8]]) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        u128::from_le_bytes(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]))
    }

    /// What stands in Base64 here stands plain elsewhere.
    fn remember_encoded(&self, value: &str, builder: &mut ValueIndexBuilder) {
        base64::runs(value, false, &mut |run| {
            let inner = self.layers(&run.text, None, &mut self.lend(), 0);
            inner.iter().for_each(|span| self.remember(span, &run.text[span.start..span.end], builder));
        });
    }

    /// Takes a found value into the bundle's index, if it is long enough to be told from other words.
    pub fn remember(&self, span: &Span, value: &str, builder: &mut ValueIndexBuilder) {
        if span.decision == Decision::Keep {
            return;
        }
        // What stands escaped here stands plain elsewhere.
        if let Some(plain) = unescape(value) {
            return self.remember(span, &plain.text, builder);
        }
        self.remember_encoded(value, builder);
        let rank = u64::from((span.score * 1000.0) as u32);
        let core = if span.entity == self.ids.person {
            value.split(['(', '[']).next().unwrap_or(value)
        } else {
            value
        };
        if is_rememberable(core, span.entity == self.ids.person) {
            builder.add(core, span.entity, span.identity, rank);
            // Base64 of a longer value is read where it stands.
            if core.len() < base64::RUN_BYTES_MIN {
                builder.add(&base64::encode(core), span.entity, span.identity, rank);
            }
        }
        if span.entity == self.ids.person && span.score >= PARTS_SCORE_MIN {
            for part in parts::of(core, |word| self.scanner.names().is_telling_part(word)) {
                builder.add(&part, span.entity, span.identity, PART_RANK);
            }
        }
        if span.entity == self.ids.email_address {
            for name in mailbox::names(value) {
                builder.add(&name, self.ids.person, self.identity(self.ids.person, &name), MAILBOX_RANK);
            }
        }
        // "Jane Doe (21072)": the number in brackets is the person's.
        if core.len() < value.len() {
            let inside = value[core.len()..].trim_matches(['(', ')', '[', ']', ' ']);
            let number = inside.len() >= VALUE_CHARS_MIN - 1 && inside.bytes().all(|b| b.is_ascii_digit());
            if number {
                builder.add(inside, self.ids.employee_id, self.identity(self.ids.employee_id, inside), rank);
            }
        }
    }
}

/// Whether a value is long enough to be looked for elsewhere: six letters or digits, or a name of two words.
pub fn is_rememberable(value: &str, is_name: bool) -> bool {
    let chars = value.chars().filter(|c| c.is_alphanumeric()).count();
    let words = tokens(value).filter(|&(s, e)| value[s..e].chars().count() > 1).count();
    chars >= VALUE_CHARS_MIN || (is_name && words >= 2 && chars >= 4)
}
