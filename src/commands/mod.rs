//! One subcommand a file; here they are told apart, and errors become exit codes.

mod approve;
mod completions;
mod doctor;
mod eib;
mod env;
mod erase;
mod event;
mod export;
mod folders;
mod guard;
mod hold;
mod ingest;
mod init;
mod keys;
mod ledger;
mod ls;
mod policy;
mod preview;
mod profile;
mod purge;
mod redact;
mod retention;
mod roster;
mod rules;
mod sarif;
mod scan;
mod secret;
mod show;
mod sql;
mod template;
mod verify;
mod witness;

use crate::cleanup::Cleanup;
use crate::cli::{Cli, Command, DetectArgs, Global, MediaArgs};
use crate::config;
use crate::exit::Exit;
use crate::pipeline::Run;
use crate::progress::Progress;
use crate::store;
use crate::terminal::Terminal;
use crate::worker::{Bounds, WorkerOptions, WorkerPool, worker_main};
use anyhow::Context as _;
use clap::Parser;
use custody_retention::store::SecretText;
use custody_rules::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A worker that gives no sign of life for so long is ended, unless the environment says otherwise.
const WORKER_TIMEOUT_SECONDS: u64 = 120;
/// Names that other time, in seconds.
const WORKER_TIMEOUT_VARIABLE: &str = "CUSTODY_WORKER_TIMEOUT";
/// Names the memory a worker may use, in MiB, and its processor time, in seconds.
const WORKER_MEMORY_VARIABLE: &str = "CUSTODY_WORKER_MEMORY";
const WORKER_CPU_VARIABLE: &str = "CUSTODY_WORKER_CPU";

/// Reads the command line, runs the command, returns the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    if let Command::Worker(args) = &cli.command {
        return ExitCode::from(u8::try_from(worker_main(args)).unwrap_or(Exit::Internal.code()));
    }
    let terminal = Terminal { quiet: cli.global.quiet, color: cli.global.color };
    // A panic's message could hold what was read: only its place is said.
    std::panic::set_hook(Box::new(move |panic| {
        let place =
            panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        terminal.tagged("error", &format!("a mistake in custody itself{place}: please report it"));
    }));
    let ended = catch_unwind(AssertUnwindSafe(|| run(cli, terminal)));
    match ended {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => {
            say_error(terminal, &error);
            store::exit_of(&error).into()
        }
        Err(_) => Exit::Internal.into(),
    }
}

fn say_error(terminal: Terminal, error: &anyhow::Error) {
    format!("{error:#}").lines().for_each(|line| terminal.tagged("error", line));
}

fn run(cli: Cli, terminal: Terminal) -> anyhow::Result<Exit> {
    let app = App {
        global: cli.global,
        terminal,
        cancel: Arc::default(),
        cleanup: Cleanup::default(),
        credentials: Mutex::default(),
    };
    app.prepare()?;
    match cli.command {
        Command::Redact(args) => redact::run(&app, &args),
        Command::Scan(args) => scan::run(&app, &args),
        Command::Verify(args) => verify::run(&app, &args),
        Command::Roster(args) => roster::run(&app, &args.command),
        Command::Rules(args) => rules::run(&app, &args.command),
        Command::Guard(args) => guard::run(&app, &args),
        Command::Init(args) => init::run(&app, &args),
        Command::Ingest(args) => ingest::run(&app, &args),
        Command::Ls(args) => ls::run(&app, &args),
        Command::Show(args) => show::run(&app, &args),
        Command::Sql(args) => sql::run(&app, &args),
        Command::Profile(args) => profile::run(&app, &args),
        Command::Template { command } => template::run(&app, &command),
        Command::Eib { command } => eib::run(&app, &command),
        Command::Export(args) => export::run(&app, &args),
        Command::Retention { command } => retention::run(&app, &command),
        Command::Hold { command } => hold::run(&app, &command),
        Command::Policy { command } => policy::run(&app, &command),
        Command::Event { command } => event::run(&app, &command),
        Command::Approve(args) => approve::run(&app, &args),
        Command::Purge(args) => purge::run(&app, &args),
        Command::Erase(args) => erase::run(&app, &args),
        Command::Ledger { command } => ledger::run(&app, &command),
        Command::Env { command } => env::run(&app, &command),
        Command::Keys { command } => keys::run(&app, &command),
        Command::Secret { command } => secret::run(&app, &command),
        Command::Doctor(args) => doctor::run(&app, &args),
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Worker(_) => Ok(Exit::Internal),
    }
}

/// A number from 1 that the environment may name.
fn number(variable: &str, unit: &str, otherwise: u64) -> anyhow::Result<u64> {
    let Some(value) = std::env::var_os(variable) else { return Ok(otherwise) };
    let value = value.to_str().and_then(|text| text.parse().ok()).filter(|value| *value > 0);
    value.with_context(|| format!("{variable} takes a number of {unit} from 1"))
}

fn worker_bounds() -> anyhow::Result<Bounds> {
    let Bounds { memory_mib, cpu_seconds } = Bounds::default();
    Ok(Bounds {
        memory_mib: number(WORKER_MEMORY_VARIABLE, "MiB", memory_mib)?,
        cpu_seconds: number(WORKER_CPU_VARIABLE, "seconds", cpu_seconds)?,
    })
}

/// What every command gets.
pub(crate) struct App {
    global: Global,
    terminal: Terminal,
    cancel: Arc<AtomicBool>,
    cleanup: Cleanup,
    /// What the store that was opened last keeps as credentials, or why that is not known.
    credentials: Mutex<Option<Result<Vec<SecretText>, String>>>,
}

impl App {
    /// Threads, descriptors and Ctrl-C. A second Ctrl-C removes what is staged and ends at once.
    fn prepare(&self) -> anyhow::Result<()> {
        if self.global.jobs == Some(0) {
            anyhow::bail!("-j takes a number from 1");
        }
        rayon::ThreadPoolBuilder::new().num_threads(self.threads()).build_global()?;
        // Archives inside archives and spilled tables hold a descriptor each: the default of 1,024 is few.
        let most = getrlimit(Resource::Nofile).maximum;
        let _ = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
        let (cancel, cleanup) = (Arc::clone(&self.cancel), self.cleanup.clone());
        ctrlc::set_handler(move || {
            if cancel.swap(true, Ordering::SeqCst) {
                cleanup.run();
                std::process::exit(i32::from(Exit::Cancelled.code()));
            }
        })?;
        Ok(())
    }

    fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.global.jobs.unwrap_or_else(cores)
    }

    /// The detection; what was skipped of its rules is said.
    fn detection(&self, detect: &DetectArgs, limits: &Limits) -> anyhow::Result<config::Detection> {
        self.detection_with(detect, limits, &[])
    }

    /// The same with further allow-lists, each with its name and text.
    fn detection_with(
        &self,
        detect: &DetectArgs,
        limits: &Limits,
        allow: &[(String, String)],
    ) -> anyhow::Result<config::Detection> {
        let mut detection = config::detection_with(detect, limits, allow)?;
        self.add_credentials(&mut detection)?;
        for mistake in &detection.skipped_rules {
            self.terminal.tagged("warning", &format!("{mistake}; the file is skipped"));
        }
        Ok(detection)
    }

    /// What the store keeps as credentials is found always, where the store opens without a question.
    fn add_credentials(&self, detection: &mut config::Detection) -> anyhow::Result<()> {
        if self.global.no_store {
            return Ok(());
        }
        let mut known = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        // A store that this command has open is not opened a second time.
        let values =
            known.get_or_insert_with(|| self.read_credentials().map_err(|error| format!("{error:#}")));
        match values {
            Ok(values) => store::credentials::add(values, &mut detection.detector),
            Err(why) => {
                let said =
                    format!("the store's credentials are not looked for, since it does not open: {why}");
                self.terminal.tagged("warning", &said);
                Ok(())
            }
        }
    }

    fn read_credentials(&self) -> anyhow::Result<Vec<SecretText>> {
        // Nobody named a store, and there is no home for one.
        if self.global.store.is_none() && store::store_folder(None).is_err() {
            return Ok(Vec::new());
        }
        store::credentials::values(self.wanted()?, self.terminal)
    }

    /// A run with this detection; that it has no sandbox is said.
    fn run(&self, detect: &DetectArgs, media: &MediaArgs) -> anyhow::Result<Run> {
        self.run_with(detect, media, &[])
    }

    /// The same with further allow-lists, each with its name and text.
    fn run_with(
        &self,
        detect: &DetectArgs,
        media: &MediaArgs,
        allow: &[(String, String)],
    ) -> anyhow::Result<Run> {
        let limits = Limits::default();
        let detection = self.detection_with(detect, &limits, allow)?;
        let pool = self.pool(&detect.lang, media)?;
        let (cancel, progress) = (Arc::clone(&self.cancel), Progress::new(&self.terminal));
        let cleanup = self.cleanup.clone();
        Ok(Run { detection, pool, limits, cancel, progress, cleanup })
    }

    /// Workers for media; that they have no sandbox is said.
    fn pool(&self, languages: &str, media: &MediaArgs) -> anyhow::Result<WorkerPool> {
        let options = WorkerOptions {
            workers: self.threads(),
            languages: languages.to_owned(),
            timeout: Duration::from_secs(number(WORKER_TIMEOUT_VARIABLE, "seconds", WORKER_TIMEOUT_SECONDS)?),
            bounds: worker_bounds()?,
            no_sandbox: media.no_sandbox,
            cancel: Arc::clone(&self.cancel),
        };
        if media.no_sandbox {
            self.terminal.tagged(
                "warning",
                "no sandbox: a picture or recording made to break its decoder could do all that you can do (--no-sandbox)",
            );
        }
        Ok(WorkerPool::new(options))
    }

    /// Which store is meant, and who acts.
    fn wanted(&self) -> anyhow::Result<store::Wanted> {
        let account = match &self.global.user {
            Some(name) => store::checked_account(name)?,
            None => store::own_account(),
        };
        Ok(store::Wanted {
            folder: store::store_folder(self.global.store.as_ref())?,
            named: self.global.store.is_some(),
            account,
            may_ask: !self.global.no_input,
            accept_clock: self.global.accept_clock,
        })
    }

    /// The store, for this process alone.
    fn open_store(&self) -> anyhow::Result<store::Opened> {
        let opened = store::open(&self.wanted()?, self.terminal)?;
        let values = store::credentials::of(&opened.store).map_err(|error| format!("{error:#}"));
        *self.credentials.lock().unwrap_or_else(PoisonError::into_inner) = Some(values);
        Ok(opened)
    }

    /// The store, where there is one and it is not to be left out.
    fn store_if_there(&self) -> anyhow::Result<Option<store::Opened>> {
        if self.global.no_store {
            return Ok(None);
        }
        let wanted = match self.wanted() {
            Ok(wanted) => wanted,
            // Nobody named one, and there is no home for one.
            Err(_) if self.global.store.is_none() && self.global.user.is_none() => return Ok(None),
            Err(error) => return Err(error),
        };
        let there = wanted.folder.join("store.toml").exists();
        if !there && !wanted.named {
            return Ok(None);
        }
        store::open(&wanted, self.terminal).map(Some)
    }

    /// Says that a run has no roster: nothing else would.
    fn say_without_roster(&self, detection: &config::Detection) {
        if detection.roster_people.is_none() {
            self.terminal.tagged(
                "warning",
                "no roster: names without a label, title or address beside them may stay (--roster FILE)",
            );
        }
    }

    /// An error after the work had begun: nobody's usage was wrong.
    fn failed(&self, error: &anyhow::Error) -> Exit {
        say_error(self.terminal, error);
        Exit::Internal
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::SeqCst)
    }
}
