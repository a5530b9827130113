#![allow(warnings, clippy::all)]
use custody_rules::*;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
fn rules(mode: &str) -> Arc<RuleSet> {
    let only: Option<Vec<String>> =
        std::env::var("ONLY").ok().map(|s| s.split(',').map(|x| x.to_owned()).collect());
    let mut own = Vec::new();
    let mut files: Vec<_> =
        std::fs::read_dir("/tmp/wt/hr/rules/recognizers").unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for p in files {
        let text = std::fs::read_to_string(&p).unwrap();
        let id = p.file_stem().unwrap().to_string_lossy().into_owned();
        let keep = match (&only, mode) {
            (_, "labels") => false,
            (Some(o), _) => o.contains(&id),
            _ => true,
        };
        if keep {
            own.push((id, text));
            continue;
        }
        // labels only
        let head = text.split("\n[[patterns]]").next().unwrap();
        if head.contains("\nlabels = ") {
            own.push((id, head.to_owned()));
        }
    }
    let sources: Vec<_> = own.iter().map(|(n, t)| RuleSource { name: n, text: t }).collect();
    Arc::new(RuleSet::load(&sources).unwrap_or_else(|e| panic!("{}", e[0])))
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split(' ').collect();
    (f[12].parse::<f64>().unwrap() + f[13].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mode = &args[1]; // labels | find | speed | line
    let rules = rules(if mode == "speed" { "labels" } else { mode });
    let scanner = Scanner::with_floor(rules.clone(), 0.5).unwrap();
    let mut scratch = scanner.scratch();
    if mode == "line" {
        for line in std::io::stdin().lines() {
            let line = line.unwrap();
            let mut out = Vec::new();
            scanner.scan(&line, None, &mut scratch, &mut out);
            println!("{line}");
            for c in out {
                if c.score >= 0.5 {
                    println!(
                        "     {} [{}] {:.2} {:?}",
                        rules.entity_name(c.entity),
                        rules.recognizer_name(c.recognizer),
                        c.score,
                        &line[c.start..c.end]
                    );
                }
            }
        }
        return;
    }
    let show: usize = std::env::var("SHOW").ok().and_then(|s| s.parse().ok()).unwrap_or(5);
    for file in &args[2..] {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        let reps = if mode == "speed" { (400_000_000 / text.len()).max(1) } else { 1 };
        let mut counts: HashMap<String, (usize, Vec<String>)> = HashMap::new();
        let mut out = Vec::new();
        let mut n = 0;
        let t = cpu();
        let _w = Instant::now();
        for _ in 0..reps {
            for line in text.lines() {
                out.clear();
                scanner.scan(line, None, &mut scratch, &mut out);
                n += out.len();
                if mode != "speed" {
                    let only = std::env::var("ONLY").ok();
                    for c in &out {
                        if c.score >= 0.5 {
                            let rec = rules.recognizer_name(c.recognizer).to_owned();
                            let lab = c.score == 0.75;
                            let _ = &only;
                            let e = counts
                                .entry(format!("{rec}{}", if lab { " (label?)" } else { "" }))
                                .or_default();
                            e.0 += 1;
                            if e.1.len() < show {
                                let s = c.start.saturating_sub(50);
                                let s = line.floor_char_boundary(s);
                                let e2 = line.ceil_char_boundary((c.end + 20).min(line.len()));
                                e.1.push(format!(
                                    "{}⟦{}⟧{}",
                                    &line[s..c.start],
                                    &line[c.start..c.end].chars().take(60).collect::<String>(),
                                    &line[c.end..e2]
                                ));
                            }
                        }
                    }
                }
            }
        }
        let dt = cpu() - t;
        let mb = text.len() as f64 * reps as f64 / 1e6;
        println!("== {file}: {:.1} MB, {:.0} MB/s CPU, {} candidates", mb, mb / dt, n);
        let mut all: Vec<_> = counts.into_iter().collect();
        all.sort_by_key(|x| std::cmp::Reverse(x.1.0));
        let total: usize = all.iter().map(|x| x.1.0).sum();
        if mode != "speed" {
            println!("   {:.2} findings/MB", total as f64 / mb);
        }
        for (r, (c, ex)) in all {
            println!("  {c:6} {r}");
            for e in ex {
                println!("           {e}");
            }
        }
    }
}
