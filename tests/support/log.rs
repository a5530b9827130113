//! Logs of an HR automation's runner: steps, JSON lines, stack traces, and in about 7 % of the lines
//! something about a person or a password.

use super::people::{Cast, Person};
use super::planted::{Place, Planter};
use super::seed::Seed;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A value hidden in the event that was just written: line within the event, entity, value, on the roster.
pub type Hidden = (u64, &'static str, String, bool);

/// Writes events one after another with a clock of its own.
pub struct LogWriter<'a> {
    cast: &'a Cast,
    seed: Seed,
    clock_ms: u64,
}

const MODULES: &[&str] =
    &["runner.session", "page.actions", "http.client", "queue.consumer", "report.export", "auth.sso"];
const PAGES: &[&str] =
    &["Hire Employee", "Request Compensation Change", "Edit Position", "Inbox", "Maintain Cost Centers"];
const FIELDS: &[&str] =
    &["Effective Date", "Job Profile", "Cost Center", "Reason", "Position", "Location", "Work Shift"];

impl<'a> LogWriter<'a> {
    /// Starts a log.
    pub fn new(cast: &'a Cast, seed: &Seed) -> Self {
        Self { cast, seed: seed.fork("log"), clock_ms: 1_749_542_400_000 }
    }

    /// Appends one event of one or more lines; says what it hid.
    pub fn event(&mut self, out: &mut String) -> Vec<Hidden> {
        self.clock_ms += self.seed.range(3, 900) as u64;
        match self.seed.below(1000) {
            0..60 => self.personal(out),
            60..75 => self.secret(out),
            75..85 => self.personal_json(out),
            85..105 => {
                self.stack_trace(out);
                Vec::new()
            }
            105..300 => {
                self.json_line(out);
                Vec::new()
            }
            _ => {
                self.step(out);
                Vec::new()
            }
        }
    }

    fn head(&mut self, out: &mut String, level: &str) {
        let seconds = self.clock_ms / 1000;
        let (day, time) = (seconds / 86_400 % 28 + 1, seconds % 86_400);
        let (hour, minute) = (time / 3600, time / 60 % 60);
        let module = *self.seed.pick(MODULES);
        let worker = self.seed.below(4);
        let _ = write!(
            out,
            "2025-06-{day:02}T{hour:02}:{minute:02}:{:02}.{:03}Z {level:<5} [worker-{worker}] {module} - ",
            time % 60,
            self.clock_ms % 1000
        );
    }

    fn step(&mut self, out: &mut String) {
        let level = *self.seed.pick(&["INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARN"]);
        self.head(out, level);
        let (page, field, ms) = (*self.seed.pick(PAGES), *self.seed.pick(FIELDS), self.seed.range(4, 9000));
        let _ = match self.seed.below(11) {
            0 => writeln!(out, "request {} finished with status 200 in {ms} ms", self.seed.uuid()),
            1 => writeln!(out, "page.goto(\"https://hr.example.com/tenant/d/home.htmld\") took {ms}ms"),
            2 => writeln!(out, "locator(\"[data-automation-id='textInputBox']\").fill() on \"{page}\" ok"),
            3 => {
                writeln!(out, "waiting for selector \"button[title='Submit']\" to be visible (timeout 30000)")
            }
            4 => writeln!(out, "Clicked \"{field}\" on task \"{page}\", step {} of 12", ms % 12 + 1),
            5 => writeln!(out, "chromium/126.0.6478.{} playwright/1.45.{} node/20.11.1", ms % 200, ms % 9),
            6 => {
                writeln!(out, "batch {} of {}: {} rows read, 0 skipped, offset {}", ms % 40, 40, ms, ms * 131)
            }
            7 => writeln!(out, "trace_id={} span_id={} sampled=true", self.seed.hex(16), self.seed.hex(8)),
            8 => writeln!(
                out,
                "retry {} for \"{page}\" after {ms} ms: element is not attached to the DOM",
                ms % 4
            ),
            9 => writeln!(
                out,
                "queue depth {} oldest message {} s, consumer lag {}",
                ms % 77,
                ms % 600,
                ms % 13
            ),
            _ => writeln!(
                out,
                "screenshot saved: run-{}/step-{:03}.png ({} bytes)",
                ms % 500,
                ms % 300,
                ms * 97
            ),
        };
    }

    fn json_line(&mut self, out: &mut String) {
        let (ms, page) = (self.seed.range(4, 9000), *self.seed.pick(PAGES));
        let _ = writeln!(
            out,
            "{{\"ts\":{},\"level\":\"info\",\"event\":\"step.finished\",\"task\":\"{page}\",\"durationMs\":{ms},\
             \"requestId\":\"{}\",\"attempt\":{},\"ok\":true}}",
            self.clock_ms,
            self.seed.uuid(),
            ms % 3 + 1
        );
    }

    fn stack_trace(&mut self, out: &mut String) {
        self.head(out, "ERROR");
        let page = *self.seed.pick(PAGES);
        let _ = writeln!(out, "TimeoutError: locator.click: Timeout 30000ms exceeded on \"{page}\"");
        for depth in 0..self.seed.range(3, 7) {
            let (line, column) = (self.seed.range(10, 900), self.seed.range(3, 60));
            let _ = match depth % 3 {
                0 => writeln!(out, "    at Locator.click (/srv/runner/lib/locator.js:{line}:{column})"),
                1 => writeln!(out, "    at async HireTask.run (/srv/runner/tasks/hire.ts:{line}:{column})"),
                _ => writeln!(out, "    at process.processTicksAndRejections (node:internal/process:{line})"),
            };
        }
    }

    fn personal(&mut self, out: &mut String) -> Vec<Hidden> {
        self.head(out, "INFO");
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        let (entity, value, before, after) = personal_part(p, self.seed.below(18));
        let _ = writeln!(out, "{before}{value}{after}");
        vec![(0, entity, value, known)]
    }

    fn personal_json(&mut self, out: &mut String) -> Vec<Hidden> {
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        let _ = writeln!(
            out,
            "{{\"ts\":{},\"level\":\"debug\",\"event\":\"worker.loaded\",\"legalName\":\"{}\",\"employeeId\":\"{}\",\
             \"workEmail\":\"{}\",\"location\":\"Building 4\",\"fte\":1.0}}",
            self.clock_ms,
            p.name(),
            p.employee_id,
            p.email
        );
        vec![
            (0, "PERSON", p.name(), known),
            (0, "EMPLOYEE_ID", p.employee_id.clone(), known),
            (0, "EMAIL_ADDRESS", p.email.clone(), known),
        ]
    }

    fn secret(&mut self, out: &mut String) -> Vec<Hidden> {
        self.head(out, "DEBUG");
        let value = self.seed.mixed(18);
        let (entity, value, before, after) = match self.seed.below(6) {
            0 => ("PASSWORD", value, "login form: username=svc-hr-load password=", ""),
            1 => ("API_KEY", format!("{value}{}", self.seed.mixed(14)), "header Authorization: Bearer ", ""),
            2 => (
                "API_KEY",
                format!("{value}{}", self.seed.mixed(14)),
                "using api_key=\"",
                "\" for tenant impl",
            ),
            3 => {
                ("URL_CREDENTIALS", value, "GET https://svc-hr-load:", "@reports.example.com/ccx/service 200")
            }
            4 => {
                ("IP_ADDRESS", format!("192.0.2.{}", self.seed.range(1, 254)), "client address ", " accepted")
            }
            _ => ("API_KEY", value, "config {\"client_secret\": \"", "\", \"scope\": \"system\"}"),
        };
        let _ = writeln!(out, "{before}{value}{after}");
        vec![(0, entity, value, true)]
    }
}

/// Entity, value, text before and text after.
fn personal_part(p: &Person, choice: usize) -> (&'static str, String, &'static str, &'static str) {
    match choice {
        0 => ("PERSON", p.name(), "Filled \"Legal Name\" with \"", "\" on \"Hire Employee\""),
        1 => ("PERSON", p.reversed_name(), "Worker: ", ""),
        2 => ("PERSON", p.full_name(), "approval step waits for ", " since 3 days"),
        3 => ("PERSON", p.name(), "Employee Name: ", ""),
        4 | 5 => ("EMAIL_ADDRESS", p.email.clone(), "notification queued for ", " (template 14)"),
        6 => ("PHONE_NUMBER", p.phone.clone(), "field \"Mobile Phone\" now has ", ""),
        7 => ("PHONE_NUMBER", p.phone.clone(), "sms to phone: ", " failed, will retry"),
        8 => ("US_SSN", p.ssn.clone(), "duplicate national id found, ssn=", ""),
        9 => ("US_SSN", p.ssn.clone(), "Social Security Number ", " failed validation rule 12"),
        10 => ("EMPLOYEE_ID", p.employee_id.clone(), "Employee ID: ", " loaded"),
        11 => ("EMPLOYEE_ID", p.employee_id.clone(), "select row where employeeId=", " and active=true"),
        12 => ("COMPENSATION", p.salary_text(), "Total Base Pay: ", " per year proposed"),
        13 => ("COMPENSATION", format!("${}", p.salary_text()), "annual salary changed to ", " by rule 7"),
        14 => ("IBAN_CODE", p.iban.clone(), "payment election iban=", ""),
        15 => ("DATE_OF_BIRTH", p.date_of_birth.clone(), "date of birth: ", " is before hire date"),
        16 => ("STREET_ADDRESS", p.street.clone(), "Home Address: ", ""),
        _ => ("PERSON", p.name(), "opened profile of ", " from search results"),
    }
}

/// Writes a log of at least `bytes` bytes and notes what it hides.
pub fn planted_log(cast: &Cast, seed: &Seed, bytes: usize, planter: &mut Planter) -> String {
    let mut writer = LogWriter::new(cast, seed);
    let (mut out, mut line, mut counted) = (String::with_capacity(bytes + 4096), 0, 0);
    while out.len() < bytes {
        let hidden = writer.event(&mut out);
        for (offset, entity, value, known) in hidden {
            planter.plant(entity, &value, known, Place::Line(line + offset));
        }
        line += out[counted..].lines().count() as u64;
        counted = out.len();
    }
    out
}

/// Writes a log of at least `bytes` bytes to a stream; returns lines written and values hidden.
///
/// # Errors
/// When the stream fails.
pub fn stream_log(out: &mut impl Write, cast: &Cast, bytes: u64, seed: &Seed) -> io::Result<(u64, u64)> {
    let mut writer = LogWriter::new(cast, seed);
    let (mut written, mut hidden, mut events) = (0, 0, 0);
    let mut block = String::with_capacity(1 << 20);
    while written < bytes {
        block.clear();
        while block.len() < (1 << 20) - 4096 {
            hidden += writer.event(&mut block).len() as u64;
            events += 1;
        }
        out.write_all(block.as_bytes())?;
        written += block.len() as u64;
    }
    Ok((events, hidden))
}

#[cfg(test)]
mod tests {
    use super::super::planted::{Kind, Truth};
    use super::*;

    #[test]
    fn every_hidden_value_is_on_its_line_and_few_lines_hide_one() {
        let seed = Seed::new(1);
        let cast = Cast::new(&seed, 30);
        let mut truth = Truth::default();
        let log = planted_log(&cast, &seed, 400_000, &mut truth.planter("a.log", Kind::Text));
        let lines: Vec<&str> = log.lines().collect();
        let mut hiding = std::collections::HashSet::new();
        for planted in &truth.planted {
            let Place::Line(line) = planted.place else { panic!("a line") };
            assert!(lines[line as usize].contains(&planted.value), "{planted:?}");
            hiding.insert(line);
        }
        let share = hiding.len() as f64 / lines.len() as f64;
        assert!((0.05..0.10).contains(&share), "{share}");
    }
}
