//! `custody doctor`: which engines and languages are there, whether the sandbox holds, and what to install.

mod store;

use super::App;
use crate::cli::DoctorArgs;
use crate::exit::Exit;
use crate::terminal::out;
use crate::worker::{Bounds, Survey, Tried, Try, survey};
use custody_ingest::{ocr, video};
use serde_json::json;

pub(super) fn run(app: &App, args: &DoctorArgs) -> anyhow::Result<Exit> {
    if args.rebuild {
        return store::rebuild(app);
    }
    let languages = ocr::languages();
    let english = languages.iter().any(|l| l == "eng");
    let bounds = super::worker_bounds()?;
    let sandbox = survey(bounds);
    let ready = english && sandbox.is_active();
    if app.global.json {
        let report = json!({
            "schema": 1,
            "custody": env!("CARGO_PKG_VERSION"),
            "tesseract": ocr::version(),
            "languages": languages,
            "ffmpeg": video::version(),
            "threads": app.threads(),
            "sandbox": sandbox_json(&sandbox, bounds),
            "ready": ready,
        });
        out(&serde_json::to_string(&report)?);
    } else {
        out(&format!("custody    {}", env!("CARGO_PKG_VERSION")));
        out(&format!("tesseract  {}", ocr::version()));
        out(&format!(
            "languages  {}",
            if languages.is_empty() { "none".to_owned() } else { languages.join(", ") }
        ));
        out(&format!("ffmpeg     {}", video::version()));
        out(&format!("threads    {}", app.threads()));
        sandbox_lines(&sandbox, bounds).iter().for_each(|line| out(line));
        if !english {
            out("missing    English for tesseract: apt-get install tesseract-ocr-eng");
        }
        if !sandbox.is_active() {
            out("missing    the sandbox: pictures and recordings are refused, unless --no-sandbox is given");
        }
    }
    store::check(app, args.contents, if ready { Exit::Done } else { Exit::Findings })
}

fn sandbox_json(sandbox: &Survey, Bounds { memory_mib, cpu_seconds }: Bounds) -> serde_json::Value {
    let part = |active: bool, tried: &Tried| json!({"active": active, "refused": tried.refused});
    json!({
        "active": sandbox.is_active(),
        "seccomp": part(sandbox.has_seccomp(), &sandbox.seccomp),
        "landlock": part(sandbox.has_landlock(), &sandbox.landlock),
        "limits": part(sandbox.has_limits(), &sandbox.limits),
        "all": part(sandbox.is_active(), &sandbox.all),
        "memory_mib": memory_mib,
        "cpu_seconds": cpu_seconds,
    })
}

/// What was tried in a process of its own, part by part.
fn sandbox_lines(sandbox: &Survey, Bounds { memory_mib, cpu_seconds }: Bounds) -> [String; 4] {
    let says =
        |active: bool, what: String| if active { format!("active: {what}") } else { "not there".to_owned() };
    let landlock = &sandbox.landlock;
    let more = [(Try::TcpConnect, ", TCP"), (Try::Udp, ", UDP"), (Try::Signal, ", signals")];
    let more: String =
        more.iter().filter(|(one, _)| landlock.refuses(&[*one])).map(|(_, name)| *name).collect();
    [
        format!("sandbox    {}", if sandbox.is_active() { "active" } else { "cannot start" }),
        format!(
            "seccomp    {}",
            says(sandbox.has_seccomp(), "no files, network, programs, other processes, new code".to_owned())
        ),
        format!("landlock   {}", says(sandbox.has_landlock(), format!("no files, programs{more}"))),
        format!(
            "limits     {}",
            says(
                sandbox.has_limits(),
                format!("{memory_mib} MiB of memory, {cpu_seconds} s of processor time")
            )
        ),
    ]
}
