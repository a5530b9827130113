//! The certificate as a page to print: no script, nothing from elsewhere, every value escaped. It lists so many
//! items and says where the others are; the JSON file is the certificate itself.

use super::model::{Certificate, Exception, Occasion, Presence, PurgedItem, Remaining, Rung};
use super::text::{count, hex, of, size, time, visible};
use super::{CertificateError, Totals, Written};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::io::Write;

/// Entries that the page has of a list.
pub(super) const LISTED_MAX: u64 = 10_000;

const STYLE: &str = include_str!("style.css");
/// What a browser may load for it.
const LOADS: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The lists of a page, as far as it has them.
#[derive(Default)]
pub(super) struct Page {
    items: List,
    exceptions: List,
    remaining: List,
}

#[derive(Default)]
struct List {
    html: String,
    entries: u64,
}

impl List {
    /// Adds an entry, made from its number, unless the page is full.
    fn add(&mut self, entry: impl FnOnce(u64) -> Markup) {
        self.entries += 1;
        if self.entries <= LISTED_MAX {
            self.html.push_str(&entry(self.entries).into_string());
        }
    }

    fn rest(&self) -> Markup {
        let rest = self.entries.saturating_sub(LISTED_MAX);
        html! {
            @if rest > 0 {
                p.warn { (of(rest, "more is", "more are")) " not on this page but in the JSON file." }
            }
        }
    }
}

impl Page {
    pub(super) fn item(&mut self, item: &PurgedItem, rung: Option<Rung>) {
        self.items.add(|number| purged(number, item, rung));
    }

    pub(super) fn exception(&mut self, exception: &Exception) {
        self.exceptions.add(|_| {
            html! {
                tr {
                    td {
                        b { (visible(&exception.reason)) }
                        @if !exception.detail.is_empty() { ": " (visible(&exception.detail)) }
                        br; (exception.kind.name()) " " code { (exception.id) }
                    }
                    td.n {
                        @if let Some(outcome) = &exception.outcome { (count(outcome.entry)) } @else { "–" }
                    }
                }
            }
        });
    }

    pub(super) fn remaining(&mut self, remaining: &Remaining) {
        self.remaining.add(|_| {
            html! {
                tr {
                    td {
                        (visible(&remaining.location)) br;
                        span.note { "item " } code { (remaining.item) } br;
                        span.note { "hash " } code { (remaining.content) }
                    }
                    td {
                        @if remaining.presence == Presence::Gone {
                            (remaining.presence.name())
                        } @else {
                            b { (remaining.presence.name()) }
                        }
                    }
                    td.n { (time(remaining.looked_ms)) }
                }
            }
        });
    }

    /// Writes the page.
    pub(super) fn write(
        self,
        certificate: &Certificate,
        written: &Written,
        mut out: impl Write,
    ) -> Result<(), CertificateError> {
        let head = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(LOADS);
                    title { "Certificate of disposal " (short(&certificate.sweep.to_string())) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (summary(certificate, written))
                    (ladder(certificate, &written.totals))
                    (decision(certificate, &written.totals))
                    (self.kept())
                    (self.outside())
                    (evidence(certificate, written))
                    h2.annex { "Annex: items purged" }
                    (PreEscaped(&self.items.html))
                    (self.items.rest())
                }
            }
        };
        out.write_all(head.into_string().as_bytes())?;
        Ok(out.flush()?)
    }

    fn kept(&self) -> Markup {
        html! {
            h2 { "Exceptions" }
            @if self.exceptions.entries == 0 {
                p { "None: everything that was to be purged was." }
            } @else {
                table.rows {
                    thead { tr { th { "Why it was kept" } th.n { "Entry" } } }
                    tbody { (PreEscaped(&self.exceptions.html)) }
                }
                (self.exceptions.rest())
            }
        }
    }

    fn outside(&self) -> Markup {
        html! {
            h2 { "Files outside of the store" }
            @if self.remaining.entries == 0 {
                p { "None are known: nothing was written from these items, and no original is on record." }
            } @else {
                p { "Custody purges nothing outside of its store. These files were read from, or written from, what was purged:" }
                table.rows {
                    thead { tr { th { "Where" } th { "Found" } th.n { "Looked at" } } }
                    tbody { (PreEscaped(&self.remaining.html)) }
                }
                (self.remaining.rest())
            }
        }
    }
}

fn summary(certificate: &Certificate, written: &Written) -> Markup {
    let totals = &written.totals;
    let occasion = match certificate.occasion {
        Occasion::Sweep => "by a retention sweep",
        Occasion::Purge => "on a user’s order",
        Occasion::Erasure => "on a request for erasure",
    };
    html! {
        h1 { "Certificate of disposal" }
        p.note { "issued " (time(certificate.issued_ms)) " from the ledger " code { (certificate.verifier_key.name()) } }
        p.lead {
            (of(totals.items, "item was", "items were")) " purged " (occasion) " between " (time(certificate.began_ms)) " and "
            (time(certificate.ended_ms)) ": " (size(totals.size_bytes)) ", with "
            (of(totals.copies, "copy", "copies")) " derived from them. "
            (of(totals.exceptions, "item that was to be purged was kept", "items that were to be purged were kept")) "."
        }
        @if totals.unfinished > 0 {
            p.warn { (of(totals.unfinished, "item’s purge has", "items’ purges have")) " not ended: the blob is still there." }
        }
        @if totals.still_there > 0 {
            p.warn { (of(totals.still_there, "file", "files")) " outside of the store may still hold what was purged." }
        }
        table.facts {
            tr { th { "Sweep" } td { code { (certificate.sweep) } } }
            @if let Some(plan) = certificate.plan { tr { th { "Plan" } td { code { (plan) } } } }
            tr { th { "Store" } td { code { (visible(&certificate.store)) } } }
            tr { th { "Carried out by" } td { code { (certificate.user) } ", ledger entries " (count(certificate.intent.entry)) " (intent) and " (count(certificate.outcome.entry)) " (outcome)" } }
            @for approver in &certificate.approvers {
                tr { th { "Approved by" } td { code { (approver.user) } ", " (time(approver.approved_ms)) ", entry " (count(approver.outcome.entry)) } }
            }
            @if certificate.approvers.is_empty() { tr { th { "Approved by" } td { "nobody: the policies allow it unattended" } } }
        }
    }
}

fn ladder(certificate: &Certificate, totals: &Totals) -> Markup {
    let meaning = |rung| match rung {
        Rung::Unlinked => {
            "The store’s folder does not name the encrypted blob any more. The device may still hold its bytes."
        }
        Rung::AbsentFromDerivedCopies => {
            "Nor does it name a table or another copy in the store that was derived from the item."
        }
        Rung::CryptoErased => {
            "Its data key is destroyed, and the store key that had wrapped it was replaced and given up afterwards. Copies of the blob and of the key file from before open only for whoever also kept that old store key or its passphrase."
        }
    };
    let reached = |rung: Rung| totals.rungs.range(rung..).map(|(_, items)| items).sum::<u64>();
    html! {
        h2 { "How far disposal has come" }
        table.rows.ladder {
            thead { tr { th { "Rung" } th { "What it says" } th.n { "Items" } } }
            tbody {
                @for rung in Rung::ALL {
                    tr { td { span.rung { (rung.name()) } } td { (meaning(rung)) } td.n { (count(reached(rung))) } }
                }
                tr { td { "media sanitisation" } td { "Overwriting or destroying devices is outside of this tool." } td.n { "–" } }
            }
        }
        @match &certificate.rotation {
            Some(rotation) => p.note { "The store key was last rotated " (time(rotation.rotated_ms)) ", ledger entry " (count(rotation.outcome.entry)) ". Items purged after it wait for the next rotation." },
            None => p.note { "The store key was not rotated since: nothing is claimed to be crypto-erased." },
        }
    }
}

fn decision(certificate: &Certificate, totals: &Totals) -> Markup {
    html! {
        h2 { "What decided" }
        table.rows {
            thead { tr { th { "Policy and rule" } th.n { "Items" } } }
            tbody {
                @for (rule, items) in &totals.rules { tr { td { (visible(rule)) } td.n { (count(*items)) } } }
            }
        }
        @if !certificate.policies.is_empty() {
            p.note { "Policies by the hash that the ledger has of them:" }
            table.facts {
                @for policy in &certificate.policies { tr { th { (visible(&policy.name)) } td { code { (policy.hash) } } } }
            }
        }
    }
}

fn purged(number: u64, item: &PurgedItem, rung: Option<Rung>) -> Markup {
    let or = |time_ms: Option<u64>, none: &str| time_ms.map_or_else(|| none.to_owned(), time);
    html! {
        div.item {
            div.head {
                span.no { (count(number)) }
                b { (item.kind.name()) ", " (visible(&item.class)) ", " (item.exposure.name()) ", " (visible(&item.environment)) }
                span { (size(item.size_bytes)) }
                span.rung { (rung.map_or("NOT PURGED", Rung::name)) }
            }
            dl {
                dt { "Item" } dd.wide { code { (item.id) } }
                dt { "Content hash" } dd.wide { code { (item.content) } }
                dt { "Ingested" } dd { (time(item.ingested_ms)) }
                dt { "Last used" } dd { (or(item.last_used_ms, "never")) }
                dt { "Due" } dd { (or(item.due_ms, "–")) }
                dt { "Purged" } dd { (time(item.purged_ms)) }
                dt { "Rule" } dd.wide { (visible(&item.policy)) ": " (visible(&item.rule)) }
                dt { "Hold check" } dd {
                    @if item.hold_check.holds == 0 { "no hold" } @else { b { (item.hold_check.holds) " HOLDS" } }
                    ", " (time(item.hold_check.checked_ms))
                }
                dt { "Entries" } dd { (count(item.intent.entry)) " (intent), " (count(item.outcome.entry)) " (outcome)" }
                @if !item.copies.is_empty() {
                    dt { "Copies" }
                    dd.wide {
                        @for copy in &item.copies {
                            (copy.kind.name()) ", " (size(copy.size_bytes)) ", "
                            @if copy.unlinked { "unlinked" } @else { b { "STILL THERE" } }
                            " " code { (short(&copy.id.to_string())) } br;
                        }
                    }
                }
            }
        }
    }
}

fn evidence(certificate: &Certificate, written: &Written) -> Markup {
    html! {
        section.together {
            h2 { "Evidence" }
            p {
                "This page is a reading of the JSON file whose SHA-256 is " code { (hex(&written.json_sha256)) } ". "
                "That file has, for every item, the intent and the outcome of its purge, each with a proof that it is in "
                "the ledger (c2sp.org/tlog-proof). A proof verifies with the key below and nothing else, also by other "
                "programs than custody. All are under this checkpoint; whoever remembered it, or an earlier one, can "
                "tell whether the ledger was changed since:"
            }
            pre { (certificate.checkpoint.note()) }
            p { "Verifier key: " code { (certificate.verifier_key) } }
            p.note {
                "Users, items and contents are named by keyed hashes: without the store’s key they say nothing about "
                "anybody."
            }
            div.sign { div { "Date" } div { "Name" } div { "Signature" } }
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..16).unwrap_or(id)
}
