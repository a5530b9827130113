//! `custody doctor`: which engines and languages are there, and what to install.

use super::App;
use crate::exit::Exit;
use crate::terminal::out;
use custody_ingest::{ocr, video};
use serde_json::json;

pub(super) fn run(app: &App) -> anyhow::Result<Exit> {
    let languages = ocr::languages();
    let english = languages.iter().any(|l| l == "eng");
    if app.global.json {
        let report = json!({
            "schema": 1,
            "custody": env!("CARGO_PKG_VERSION"),
            "tesseract": ocr::version(),
            "languages": languages,
            "ffmpeg": video::version(),
            "threads": app.threads(),
            "ready": english,
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
        if !english {
            out("missing    English for tesseract: apt-get install tesseract-ocr-eng");
        }
    }
    Ok(if english { Exit::Done } else { Exit::Findings })
}
