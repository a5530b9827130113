//! Who means ill, or makes every mistake there is: conditions that try to read more than a row, mapping files with mistakes,
//! copies that are not for upload, and values that are planted everywhere and may be seen nowhere.

use crate::cli_eib::{FILTER, MAPPING, approve, hash, plan, planning, world};
use crate::cli_store::{anywhere, custody, new_store, objects};
use crate::program::{Said, World, files_below};
use std::fmt::Write as _;

/// Runs a command that has to be refused as wrong, and shows no value.
fn refused(world: &World, args: &[&str], why: &str) -> Said {
    let said = custody(world, args);
    assert_eq!(said.code, 2, "{args:?}: {}{}", said.out, said.err);
    assert!(said.err.contains(why), "{args:?}: {}", said.err);
    for secret in ["Planted", "004711", "CC-200"] {
        assert!(!said.err.contains(secret) && !said.out.contains(secret), "{secret}: {}", said.err);
    }
    said
}

/// A condition, and what is said of it.
fn conditions() -> Vec<(String, &'static str)> {
    let words = [
        ("\"Employee ID\" in (select \"Employee ID\" from workers)", "holds a query"),
        ("exists (select 1 from workers where \"Legal Name\" = 'Planted Secret')", "holds a query"),
        ("(select count(*) from workers) > 0", "holds a query"),
        ("true) or (true", "not one SQL expression"),
        (
            "true) union all select \"Notes\", \"Legal Name\" from workers where (true",
            "not one SQL expression",
        ),
        ("true) or \"Legal Name\" = ('Planted Secret'", "not one SQL expression"),
        ("true; select 'Planted Secret'", "not one SQL expression"),
        ("true; drop table workers", "not one SQL expression"),
        ("true union select * from workers", "not one SQL expression"),
        ("true limit 1", "not one SQL expression"),
        ("true order by 1", "not one SQL expression"),
        ("true --\n) or (true", "not one SQL expression"),
        ("true /* */ ) /* */ or ( true", "not one SQL expression"),
        ("true /* Planted Secret", "not one SQL expression"),
        ("\"Legal Name\" = 'Planted Secret", "not one SQL expression"),
        ("\"Legal Name\" like 'Planted Secret%' and", "not one SQL expression"),
        ("", "not one SQL expression"),
        ("-- Planted Secret", "not one SQL expression"),
        ("\"No Such Column\" = 1", "has no column"),
        ("\"Legal Name\" = \"Planted Secret\"", "has no column"),
        ("workers2.\"Employee ID\" = '1'", ""),
        ("count(*) > 1", "no plain expression"),
        ("count(1) > 1", "looks at other rows"),
        ("max(\"Employee ID\") = 'Planted Secret'", "looks at other rows"),
        ("row_number() over () = 1", "looks at other rows"),
        ("sum(1) over (order by \"Legal Name\") > 0", "looks at other rows"),
        ("random() > 0.5", "not the same every time"),
        ("now() > timestamp '2020-01-01'", "not the same every time"),
        ("'Planted Secret'", "no condition"),
        ("\"Legal Name\"", "no condition"),
        ("1", "no condition"),
        ("no_such_function(\"Legal Name\", 'Planted Secret')", "cannot be worked out"),
        ("\"Legal Name\" + 'Planted Secret' > interval '1 day'", "cannot be worked out"),
        ("\"Legal Name\" = $1", ""),
        ("\"Legal Name\" = @@planted", ""),
        ("unnest(make_array(true, true))", ""),
    ];
    let mut all: Vec<(String, &str)> = words.into_iter().map(|(text, why)| (text.to_owned(), why)).collect();
    all.push((format!("true or '{}' = ''", "x".repeat(40_000)), "longer than"));
    all.push((format!("{}true{}", "(".repeat(5_000), ")".repeat(5_000)), "more than"));
    all.push((format!("{}true{}", "(".repeat(900), ")".repeat(900)), "not one SQL expression"));
    all.push((format!("{} true", "not ".repeat(5_000)), ""));
    all
}

#[test]
fn a_condition_is_one_condition_over_a_row_and_nothing_else() {
    let world = world(30);
    for (text, why) in conditions() {
        let asked = format!("--where={text}");
        let said = refused(&world, &planning(&[&asked]), why);
        assert!(
            said.err.contains("--where") || said.err.contains("mapping") || why.is_empty(),
            "{}",
            said.err
        );
        let args = ["export", "workers", "--columns", "Cost Center,Compensation Grade", "--format", "csv"];
        refused(&world, &[&args[..], &[&asked]].concat(), why);
    }
    assert!(files_below(&world.path("store/plans")).is_empty(), "no plan was kept");
}

/// Thousands of conditions in a row are one condition: no stack may end on them.
#[test]
fn a_long_condition_is_worked_out_or_refused() {
    let world = world(30);
    for text in [
        format!("true {}", "and true ".repeat(3_400)),
        format!("\"Cost Center\" = 'CC-200 Sales' {}", "or \"New Grade\" = 1 ".repeat(1_600)),
        format!("{} > 0", ["1"; 8_000].join("+")),
        format!("{}\"New Grade\"", "- ".repeat(8_000)),
        format!("\"New Grade\" in ({})", ["1"; 8_000].join(",")),
        format!("{}true{}", "case when true then ".repeat(900), " end".repeat(900)),
    ] {
        let said = custody(&world, &planning(&[&format!("--where={text}")]));
        assert!((0..=2).contains(&said.code), "{}: {} {}", &text[..40], said.code, said.err);
    }
}

/// As above, of whole queries: what ends them is an error that says so.
#[test]
fn a_long_query_is_worked_out_or_refused() {
    let world = world(9);
    for sum in [vec!["1"; 1_000], vec!["1"; 8_000], vec!["\"New Grade\""; 8_000]] {
        let said = custody(&world, &["sql", &format!("select {} as planted from workers", sum.join("+"))]);
        let expected = if sum.len() < 3_000 { 0 } else { 2 };
        assert_eq!(said.code, expected, "{}: {}", sum.len(), said.err);
        assert!(expected == 0 || said.err.contains("too many operators"), "{}", said.err);
    }
}

/// A comment is no part of what is asked: what stands behind it is not lost with it.
#[test]
fn comments_change_nothing() {
    let world = world(30);
    let plain = plan(&world, &["--where", FILTER]);
    for text in [
        format!("{FILTER} -- or true"),
        format!("{FILTER} /* or true */"),
        format!("/* true or */ {FILTER}"),
        "\"Cost Center\" /* */ like -- 'x'\n 'CC-200%'".to_owned(),
    ] {
        let other = plan(&world, &["--where", &text]);
        assert_eq!(other["planned"]["rows_in"], 10, "{text}");
        assert_eq!(other["planned"]["cells_digest"], plain["planned"]["cells_digest"], "{text}");
    }
}

/// A mistake in the mapping's file: what stands there instead, and what is said.
#[test]
#[allow(clippy::too_many_lines, reason = "a list of cases")]
fn every_mistake_in_a_mapping_is_told_with_its_line_and_no_value() {
    let world = world(9);
    let line = |text: &str| {
        let before = MAPPING.split(text).next().expect("it is there");
        assert_ne!(before.len(), MAPPING.len(), "{text}");
        before.lines().count()
    };
    let (employee, grade) = (line("label = \"Employee\""), line("area = \"Compensation Guidelines"));
    let sql = "'G' || lpad(cast(\\\"New Grade\\\" as varchar), 2, '0')";
    for (from, to, why) in [
        ("column = \"Employee ID\"", "colunm = \"Planted\"", "unknown field `colunm`".to_owned()),
        ("column = \"Employee ID\"", "", format!("line {employee}: exactly one of")),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\nvalue = \"Planted\"",
            format!("line {employee}: exactly one of"),
        ),
        ("column = \"Employee ID\"", "column = \"Badge\"", format!("line {employee}: there is no column")),
        ("column = \"Employee ID\"", "column = \"\"", format!("line {employee}: an empty text")),
        ("column = \"Employee ID\"", "column = [\"Planted\"]", "a value of another kind".to_owned()),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\npart = \"Planted\"",
            format!("line {employee}: part is"),
        ),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\nblank = \"Planted\"",
            format!("line {employee}: blank is"),
        ),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\nlookup = \"Planted\"",
            format!("line {employee}: the file has no such lookup"),
        ),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\nsplit = \"; \"",
            format!("line {employee}: "),
        ),
        (
            "column = \"Employee ID\"",
            "column = \"Employee ID\"\nblank = \"clear\"",
            format!("line {employee}: "),
        ),
        ("label = \"Employee\"", "label = \"Employe\"", format!("line {employee}: ")),
        ("label = \"Employee\"", "label = \"Employee\"\nsheet = \"Other\"", format!("line {employee}: ")),
        ("label = \"Employee\"", "label = \"Employee\"\noccurrence = 9", format!("line {employee}: ")),
        (
            "label = \"Employee\"",
            "label = \"Employee\"\noccurrence = -1",
            "a value of another kind".to_owned(),
        ),
        ("label = \"Employee\"", "label = \"Spreadsheet Key*\"", format!("line {employee}: ")),
        ("id_type = \"Employee_ID\"", "id_type = \"Planted_ID\"", format!("line {employee}: ")),
        ("operation = \"Request", "operation = \"Propose", "the mapping is for".to_owned()),
        ("operation = ", "fingerprint = \"00\"\noperation = ", "template diff".to_owned()),
        ("operation = ", "operatoin = ", "line 1: unknown field".to_owned()),
        ("key = [\"Employee ID\"]", "key = [\"Badge\"]", "key: there is no column".to_owned()),
        ("key = [\"Employee ID\"]", "key = \"Planted\"", "line 2: a value of another kind".to_owned()),
        ("key = [\"Employee ID\"]", "key = [\"Planted", "not TOML".to_owned()),
        ("value = \"N\"", "value = \"N", "not TOML".to_owned()),
        (
            "current = \"Compensation Grade\"",
            "current = \"Badge\"",
            format!("line {grade}: there is no column"),
        ),
        (
            "current = \"Compensation Grade\"",
            "current = \"Notes\"\ncurrent_sql = \"'Planted'\"",
            "one of current and current_sql".to_owned(),
        ),
        (sql, "\\\"Badge\\\" || 'Planted'", format!("line {grade}: the report has no column")),
        (sql, "'Planted", format!("line {grade}: not one SQL expression")),
        (sql, "(select 'Planted')", format!("line {grade}: holds a query")),
        (sql, "no_such('Planted')", format!("line {grade}: cannot be worked out")),
        (sql, "min('Planted')", format!("line {grade}: min() looks at other rows")),
        (sql, "uuid() || 'Planted'", format!("line {grade}: ")),
        (sql, "cast('Planted' as integer)", String::new()),
        (sql, "'x'\"\n[[field]]\nlabel = \"Reason\"\nvalue = \"Planted", "already".to_owned()),
        (
            "key = [",
            "[process.\"Planted Process\"]\ninstruction = \"x\"\n[x]\nkey = [",
            "unknown field".to_owned(),
        ),
    ] {
        assert!(MAPPING.contains(from), "{from}");
        world.file("grades.toml", MAPPING.replacen(from, to, 1));
        let args = planning(&["--where", FILTER]);
        refused(&world, &args, &why);
        let said = custody(&world, &["template", "map", "request_compensation_change", "grades.toml"]);
        assert!(!said.err.contains("Planted") && !said.out.contains("Planted"), "{}", said.err);
    }
    for text in [&b"operation = \"\xff\xfe\""[..], b"", b"\x00\x01", b"PK\x03\x04"] {
        world.file("grades.toml", text);
        let args = planning(&["--where", FILTER]);
        refused(&world, &args, "");
    }
    assert!(files_below(&world.path("store/plans")).is_empty(), "no plan was kept");
}

#[test]
fn the_annotated_copy_is_for_eyes_and_not_for_upload() {
    let world = world(30);
    let planned = plan(&world, &["--where", FILTER, "--annotated", "look.xlsx"]);
    assert!(world.path("look.xlsx").is_file());
    let said = custody(&world, &["template", "import", "look.xlsx", "--name", "look"]);
    assert_ne!(said.code, 0, "it was taken for a template: {}", said.out);
    assert!(!said.err.contains("Planted") && !said.err.contains("004711"), "{}", said.err);
    let said = custody(&world, &["template", "ls"]);
    assert!(!said.out.contains("look"), "{}", said.out);
    let again = custody(&world, &planning(&["--where", FILTER, "--annotated", "look.xlsx"]));
    assert_eq!(again.code, 2, "never over another: {}", again.err);
    // A workbook for upload is no template either: it holds data.
    let plan_hash = hash(&planned);
    assert_eq!(approve(&world, &plan_hash).code, 0);
    assert_eq!(custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]).code, 0);
    let said = custody(&world, &["template", "import", "out.xlsx", "--name", "request_compensation_change"]);
    assert_ne!(said.code, 0, "a workbook with rows was taken for a template: {}", said.out);
    assert!(!said.err.contains("004711") && !said.err.contains("Planted"), "{}", said.err);
    assert!(!anywhere(&world.path("store"), "004711"), "cleartext in the store");
}

/// Names, IDs, addresses, literals of conditions, reasons and comments, each a word of its own.
const PLANTED: [&str; 7] =
    ["Zxname", "Zxsecond", "990471", "Zxreason", "Zxcomment", "Zxliteral", "zx.person@corp.example"];
/// What an analyst may see on a screen: values of a column that says nothing of a person, and constants of the mapping.
const HARMLESS: [&str; 2] = ["Zxcentre", "Zxconst"];

/// Every command that touches them, with what it said.
#[allow(clippy::too_many_lines, reason = "a list of cases")]
fn every_command(world: &World) -> Vec<(String, Said)> {
    let mut all: Vec<(String, Said)> = Vec::new();
    let mut run = |args: &[&str]| {
        let said = custody(world, args);
        let line = said.out.clone();
        all.push((args.join(" "), said));
        line
    };
    let first = |out: &str, what: &str| -> String {
        let object: serde_json::Value =
            serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
        object[what].as_str().unwrap_or_else(|| panic!("no {what}: {out}")).to_owned()
    };
    let condition = "\"Cost Center\" like 'Zxcentre%' and \"Legal Name\" <> 'Zxliteral'";
    let eib = [
        "eib",
        "plan",
        "request_compensation_change",
        "--from",
        "people",
        "--map",
        "map.toml",
        "--where",
        condition,
    ];
    run(&eib);
    let made = run(&[&["--json"][..], &eib, &["-o", "plan.json"]].concat());
    let plan = first(&made, "plan");
    run(&["eib", "show", &plan]);
    // Whoever approves sees all of it: that output is left out.
    assert_eq!(approve(world, &plan).code, 0);
    run(&["--json", "approve", &plan, "--yes", &plan[..8]]);
    run(&["--json", "eib", "build", "plan.json", "-o", "out.xlsx"]);
    run(&["eib", "build", &plan, "-o", "again.xlsx"]);
    world.file("errors.csv", "Spreadsheet Key,Error\n1,Zxname is not active\n");
    run(&["eib", "reconcile", &plan, "--errors", "errors.csv"]);
    run(&["--json", "eib", "reconcile", &plan, "--errors", "errors.csv", "-o", "second.json"]);
    world.file("wrong.csv", "Spreadsheet Key,Error\n990471,Zxname is not active\n");
    run(&["eib", "reconcile", &plan, "--errors", "wrong.csv"]);
    let export = [
        "export",
        "people",
        "--columns",
        "Employee ID,Legal Name,Cost Center",
        "--all",
        "--reason",
        "Zxreason for it",
    ];
    run(&export);
    let made = run(&[&["--json"][..], &export, &["--format", "csv", "-o", "extract.json"]].concat());
    let extract = first(&made, "plan");
    run(&["eib", "show", &extract]);
    assert_eq!(approve(world, &extract).code, 0);
    run(&["export", "--apply", "extract.json", "-o", "extract.csv"]);
    run(&["export", "people", "--columns", "Cost Center", "--where", "\"Legal Name\" = 'Zxliteral' +"]);
    run(&["sql", "select \"Employee ID\", \"Legal Name\", \"Cost Center\", \"Email\" from people"]);
    run(&[
        "--json",
        "sql",
        "select upper(\"Legal Name\"), \"Email\" from people where \"Legal Name\" <> 'Zxliteral'",
    ]);
    run(&["sql", "select \"Legal Name\" from people where \"Legal Name\" = 'Zxliteral"]);
    run(&["sql", "select cast(\"Legal Name\" as int) from people"]);
    run(&["sql", "select arrow_cast('Zxliteral', 'Int32')"]);
    run(&["profile", "people"]);
    run(&["--json", "profile", "people"]);
    run(&["template", "map", "request_compensation_change", "map.toml"]);
    run(&["template", "map", "request_compensation_change", "--suggest", "--from", "people"]);
    run(&["ls"]);
    run(&["ledger", "log"]);
    run(&["--json", "ledger", "log"]);
    run(&["retention", "status"]);
    run(&["doctor", "--contents"]);
    all
}

#[test]
fn planted_values_are_seen_in_the_workbook_and_nowhere_else() {
    let world = World::new();
    new_store(&world);
    let mut text = "Employee ID,Legal Name,Cost Center,Email,Compensation Grade,New Grade\n".to_owned();
    for at in 0..8 {
        let name = if at % 2 == 0 { "Zxname Person" } else { "Zxsecond Person" };
        let _ = writeln!(text, "99047{at},{name},Zxcentre Sales,zx.person@corp.example,G01,{at}");
    }
    world.file("people.csv", text);
    let mapping =
        MAPPING.replace("value = \"Compensation_Change_Base_Salary_Change\"", "value = \"Zxconst_Change\"");
    world.file("map.toml", format!("# Zxcomment\n{mapping}"));
    assert_eq!(custody(&world, &["ingest", "people.csv"]).code, 0);
    let said = every_command(&world);
    for planted in PLANTED.into_iter().chain(HARMLESS) {
        for (args, said) in said.iter().filter(|_| !HARMLESS.contains(&planted)) {
            for (what, text) in [("stdout", &said.out), ("stderr", &said.err)] {
                let shown: Vec<&str> = text.lines().filter(|line| line.contains(planted)).collect();
                assert!(shown.is_empty(), "{planted} on {what} of {args}: {shown:?}");
            }
        }
        let logs = said.iter().filter(|(args, _)| args.contains("ledger") || args.contains("build"));
        logs.for_each(|(args, said)| {
            assert!(!said.out.contains(planted) && !said.err.contains(planted), "{planted}: {args}");
        });
        for file in
            ["plan.json", "second.json", "extract.json", "out.xlsx.receipt.json", "extract.csv.receipt.json"]
        {
            assert!(!world.read(file).contains(planted), "{planted} in {file}");
        }
        assert!(!anywhere(&world.path("store"), planted), "{planted} lies in the store");
    }
    for (args, said) in &said {
        assert!((0..=2).contains(&said.code), "{args}: {}", said.err);
        assert!(!said.err.contains("mistake in custody"), "{args}: {}", said.err);
    }
    assert!(world.read("extract.csv").contains("Zxname") && world.path("out.xlsx").is_file());
    assert_eq!(objects(&world, &["ls", "--query", "kind=workbook"]).len(), 1);
}
