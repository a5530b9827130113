//! TEMP
use custody_rules::*;
use std::sync::Arc;
fn main() {
    let mut files = vec![];
    for e in std::fs::read_dir("rules/recognizers").unwrap() {
        let p = e.unwrap().path();
        files.push((p.display().to_string(), std::fs::read_to_string(&p).unwrap()));
    }
    files.sort();
    let t = std::time::Instant::now();
    let src: Vec<_> = files.iter().map(|(n, t)| RuleSource { name: n, text: t }).collect();
    let set = RuleSet::load(&src).unwrap();
    eprintln!("load {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let s = Scanner::with_floor(Arc::new(set), 0.5).unwrap();
    eprintln!("scanner {:?}", t.elapsed());
    if let Some(f) = std::env::args().nth(1) {
        let text = std::fs::read_to_string(f).unwrap();
        if std::env::var("STATS").is_ok() {
            s.debug_stats(&text[..4_000_000]);
            return;
        }
        let mut scratch = s.scratch();
        for _ in 0..3 {
            let mut out = vec![];
            let t = std::time::Instant::now();
            s.scan_lines(&text, &mut scratch, &mut out);
            out.retain(|c| c.score >= 0.5);
            let d = t.elapsed();
            eprintln!("{} candidates, {:.1} MB/s", out.len(), text.len() as f64 / 1e6 / d.as_secs_f64());
        }
    } else {
        s.debug_triggers();
    }
}
