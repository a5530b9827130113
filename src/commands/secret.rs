//! `custody secret`: credentials of environments, kept encrypted. A value comes from a prompt or standard input, never
//! from an argument, and is shown by nothing.

use super::App;
use crate::cli::{SecretArgs, SecretCommand};
use crate::exit::Exit;
use crate::store::credentials::harden;
use crate::store::show::{count, rfc3339, time};
use crate::store::{Opened, now_ms};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_retention::store::{SECRET_BYTES_MAX, SecretName, SecretText, StoreError};
use serde_json::json;
use std::io::Read as _;
use zeroize::Zeroizing;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(super) fn run(app: &App, command: &SecretCommand) -> anyhow::Result<Exit> {
    match command {
        SecretCommand::Set(args) => set(app, args, false),
        SecretCommand::Rotate(args) => set(app, args, true),
        SecretCommand::Rm { name } => remove(app, name),
        SecretCommand::Ls => list(app),
    }
}

fn set(app: &App, args: &SecretArgs, anew: bool) -> anyhow::Result<Exit> {
    let name = {
        let opened = app.open_store()?;
        let name = named(app, &opened, &args.name)?;
        check(opened.store.has_secret(&name)?, anew)?;
        name
    };
    // The store is not held while somebody types.
    harden();
    let value = read_value(app, args.stdin, &name)?;
    let mut opened = app.open_store()?;
    check(opened.store.has_secret(&name)?, anew)?;
    // One that does not open can be set anew; nothing is known of its value then.
    if let Ok(Some(old)) = opened.store.secret(name.environment(), name.name())
        && old.expose() == value.expose()
    {
        return Err(StoreError::Refused("the new value is the old one".to_owned()).into());
    }
    let who = opened.who();
    opened.store.set_secret(who, &name, &value)?;
    opened.store.checkpoint()?;
    done(app, &name, if anew { "rotated" } else { "set" });
    Ok(Exit::Done)
}

fn named(app: &App, opened: &Opened, name: &str) -> anyhow::Result<SecretName> {
    Ok(SecretName::new(&app.environment(opened)?, name)?)
}

fn check(there: bool, anew: bool) -> Result<(), StoreError> {
    match (there, anew) {
        (true, false) => Err(StoreError::Refused(
            "there is a credential of this name: custody secret rotate puts a new value in its place"
                .to_owned(),
        )),
        (false, true) => Err(StoreError::NotFound("there is no credential of this name".to_owned())),
        _ => Ok(()),
    }
}

fn read_value(app: &App, stdin: bool, name: &SecretName) -> anyhow::Result<SecretText> {
    if stdin {
        return piped();
    }
    if app.global.no_input {
        bail!("nothing may be asked (--no-input): --stdin reads the value from standard input");
    }
    let prompt = format!("Value of {} in {}: ", name.name(), name.environment());
    let value = rpassword::prompt_password(prompt).map(Zeroizing::new);
    let value =
        value.context("there is no terminal to ask on: --stdin reads the value from standard input")?;
    Ok(SecretText::new(value)?)
}

fn piped() -> anyhow::Result<SecretText> {
    let bytes_max = SECRET_BYTES_MAX + 3;
    // With room to spare: no copy stays behind where it grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(bytes_max + 64));
    std::io::stdin().lock().take(bytes_max as u64).read_to_end(&mut bytes).context("standard input")?;
    let text = std::str::from_utf8(&bytes).map_err(|_| anyhow::anyhow!("standard input: not UTF-8"))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(SecretText::new(Zeroizing::new(text.to_owned()))?)
}

fn remove(app: &App, name: &str) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let name = named(app, &opened, name)?;
    let who = opened.who();
    opened.store.remove_secret(who, &name)?;
    opened.store.checkpoint()?;
    done(app, &name, "removed");
    Ok(Exit::Done)
}

fn done(app: &App, name: &SecretName, what: &str) {
    if app.global.json {
        let object =
            json!({"schema": 1, "environment": name.environment(), "name": name.name(), "state": what});
        out(&object.to_string());
    }
    app.terminal.say(&format!("{} in {}: {what}", name.name(), name.environment()));
}

fn list(app: &App) -> anyhow::Result<Exit> {
    harden();
    let opened = app.open_store()?;
    let secrets = opened.store.secrets()?;
    let wanted = app.global.env.as_deref();
    let mut shown = 0_usize;
    for secret in secrets.iter().filter(|one| wanted.is_none_or(|env| env == one.name.environment())) {
        let days = now_ms().saturating_sub(secret.changed_ms) / DAY_MS;
        let (environment, name) = (secret.name.environment(), secret.name.name());
        shown += 1;
        if app.global.json {
            let object = json!({
                "schema": 1, "environment": environment, "name": name, "set": rfc3339(secret.changed_ms),
                "by": secret.changed_by, "age_days": days,
            });
            out(&object.to_string());
        } else {
            let age = count(days, "day", "days");
            let set = time(secret.changed_ms);
            out(&format!("{environment}  {name}  set {set} by {}  {age} old", secret.changed_by));
        }
    }
    if shown == 0 {
        app.terminal.say("no credential is kept");
    }
    Ok(Exit::Done)
}
