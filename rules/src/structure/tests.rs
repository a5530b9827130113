//! What stands in a structure is found by the structure alone.

use crate::{LabelLexicon, RuleSet, RuleSource};

const RULES: [(&str, &str, &str, &str); 6] = [
    (
        "person",
        "PERSON",
        "name",
        r#"["last name", "legal name", "worker", "employee", "first name", "name first", "full name", "manager"]"#,
    ),
    ("number", "EMPLOYEE_ID", "token", r#"["employee id"]"#),
    ("ssn", "US_SSN", "code", r#"["ssn"]"#),
    ("pay", "COMPENSATION", "amount", r#"["salary", "base pay"]"#),
    ("gender", "GENDER", "token", r#"["gender"]"#),
    ("birth", "DATE_OF_BIRTH", "date", r#"["date of birth"]"#),
];

fn lexicon() -> LabelLexicon {
    let texts: Vec<String> = RULES
        .iter()
        .map(|(id, entity, value, labels)| {
            let example = match *value {
                "code" => "000-12-3456",
                "amount" => "85,000",
                "date" => "1980-02-03",
                _ => "Doe",
            };
            let positive = format!("{{ text = \"{example}\", find = \"{example}\" }}, ").repeat(3);
            format!(
                "id = \"{id}\"\nentity = \"{entity}\"\ndescription = \"x\"\nsource = \"x\"\nlabels = {labels}\n\
                 value = \"{value}\"\npositive = [{positive}]\nnegative = [\"a\", \"b\"]\n"
            )
        })
        .collect();
    let sources: Vec<_> = texts.iter().map(|text| RuleSource { name: "x.toml", text }).collect();
    LabelLexicon::new(&RuleSet::load(&sources).expect("good"))
}

fn check(text: &str, expected: &[&str]) {
    let mut out = Vec::new();
    lexicon().scan(text, &mut out);
    let mut spans: Vec<_> = out.iter().map(|c| (c.start, c.end)).collect();
    spans.sort_unstable();
    spans.dedup();
    let found: Vec<_> = spans.iter().map(|&(start, end)| &text[start..end]).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn sql() {
    check(
        "INSERT INTO workers (last_name, id, ssn) VALUES ('Doe', 7, '000-12-3456'), ('O''Neil', 8, '000-99-0001');",
        &["Doe", "000-12-3456", "O''Neil", "000-99-0001"],
    );
    check("insert into w(\"LastName\", salary) values (N'Roe', 85000)", &["Roe", "85000"]);
    check("INSERT INTO w (last_name) VALUES (?)", &[]);
    check("INSERT INTO metrics (name, value) VALUES ('cpu', 12)", &[]);
    check(
        "UPDATE workers SET salary = 85000, last_name = 'Doe' WHERE ssn = '000-12-3456'",
        &["85000", "Doe", "000-12-3456"],
    );
    check("WHERE w.last_name IN ('Doe', 'Roe') AND legal_name LIKE 'Jan%'", &["Doe", "Roe", "Jan"]);
    check("Key (last_name, ssn)=(Doe, 000-12-3456) already exists.", &["Doe", "000-12-3456"]);
}

#[test]
fn steps_of_browser_tests() {
    for step in [
        r##"await page.fill("#lastName", "Doe")"##,
        "await page.getByLabel('Last Name').fill('Doe');",
        "page.getByRole('textbox', { name: 'Last Name' }).pressSequentially('Doe', { delay: 10 })",
        "page.type('input[name=last_name]', 'Doe')",
        r#"driver.find_element(By.ID, "lastName").send_keys("Doe")"#,
        r#"driver.findElement(By.xpath("//input[@id='lastName']")).sendKeys("Doe");"#,
        "cy.get('[data-test=last-name]').type('Doe{enter}')",
        "cy.get('#lastName').should('have.value', 'Doe')",
        "await expect(page.locator('#lastName')).toHaveText('Doe')",
        r#"lastNameInput.sendKeys("Doe")"#,
        r#"I fill in "Last Name" with "Doe""#,
        r#"When I enter "Doe" into the "Last Name" field"#,
        "Input Text    id=lastName    Doe",
        r#"<input name="lastName" value="Doe">"#,
        "aria-label='Last Name' value='Doe'",
        r#"<input value="Doe" id="emp_last_name"/>"#,
        r#"msg="<input name=\"lastName\" value=\"Doe\">""#,
    ] {
        check(step, &["Doe"]);
    }
    check("page.selectOption('#gender', 'Female')", &["Female"]);
    check("page.fill('#search', 'Payroll')", &[]);
    check("page.fill('#lastName', lastName)", &[]);
    check("await page.getByText('Save').click()", &[]);
}

#[test]
fn markup() {
    check("<wd:Last_Name>Doe</wd:Last_Name>", &["Doe"]);
    check("<label>Legal Name</label><span class=\"x\">Jane Doe</span>", &["Jane Doe"]);
    check("<tr><th>SSN</th><td>000-12-3456</td></tr>", &["000-12-3456"]);
    check("<tr><th>Legal Name</th><th>SSN</th></tr>", &[]);
    check("<Field name=\"salary\">85000</Field>", &["85000"]);
    check("<li>Worker</li><li>done</li>", &[]);
}

#[test]
fn messages() {
    check("WorkerException: Worker not found: Jane Doe", &["Jane Doe"]);
    check("no data for employee 'Doe, Jane' in plan", &["Doe, Jane"]);
    check("worker 'thread-7' started", &[]);
    check("Duplicate entry '000-12-3456' for key 'workers.ssn'", &["000-12-3456"]);
    check("on field 'lastName': rejected value [Doe]; codes", &["Doe"]);
    check("Class not found: com.example.Worker", &[]);
}

#[test]
fn dumps_of_programs() {
    check("Worker{lastName=Doe, ssn=000-12-3456}", &["Doe", "000-12-3456"]);
    check("Worker(last_name='Doe', ssn='000-12-3456')", &["Doe", "000-12-3456"]);
    check("{'last_name': 'Doe', 'salary': 85000}", &["Doe", "85000"]);
    check("{LastName:Doe FirstName:Jane SSN:000-12-3456}", &["Doe", "Jane", "000-12-3456"]);
    check("last_name: \"Doe\" ssn: \"000-12-3456\"", &["Doe", "000-12-3456"]);
    check("level=info last_name=Doe salary=85000 msg=ok", &["Doe", "85000"]);
    check("GET /x?lastname=Doe&ssn=000-12-3456 HTTP/1.1", &["Doe", "000-12-3456"]);
    check("user[last_name]=Doe", &["Doe"]);
    check("\"lastName\"=>\"Doe\"", &["Doe"]);
    check("X-Last-Name: Doe", &["Doe"]);
    check("Legal Name\tJane Doe", &["Jane Doe"]);
    check("Legal Name\tSSN\tSalary", &[]);
    check("lastName: string; ssn: u64, salary = compute(x)", &[]);
    check("Base Pay (USD): 85,000", &["85,000"]);
}

#[test]
fn names_in_parts() {
    check(r#"{"name":{"first":"Brannoc","last":"Tewfik"}}"#, &["Brannoc", "Tewfik"]);
    check(r#"{\"name\":{\"given\":\"Brannoc\",\"family\":\"Tewfik\"}}"#, &["Brannoc", "Tewfik"]);
    check(r#"{"manager": {"id": "x", "descriptor": "Ysolde Wetherbeet"}}"#, &["Ysolde Wetherbeet"]);
    check(r#"{"workers":[{"descriptor":"Ysolde Wetherbeet"}]}"#, &["Ysolde Wetherbeet"]);
    check(r#"{"descriptor":"Brannoc Tewfik","id":"x"}"#, &["Brannoc Tewfik"]);
    check(r#"{"location":{"descriptor":"Ysolde Wetherbeet"}}"#, &[]);
    check(r#"{"descriptor":"Global Support"}"#, &[]);
    check(r#"{"first":1,"last":20}"#, &[]);
    check(r#"{"week":{"first":"Monday","last":"Friday"}}"#, &[]);
    check(r#"{"first":"Brannoc","id":3}"#, &[]);
    check(r#"{"first":"one","last":"three"}"#, &[]);
}

#[test]
fn numbers_of_several_people() {
    check("moved workers 21072, 21073 and 21074", &["21072", "21073", "21074"]);
    check("employees E10442 und E10443", &["E10442", "E10443"]);
    check("started 12 workers, 21073 rows and 21074 files", &[]);
    check("workers 12, 13 and 14", &[]);
    check("employees 1200, 1300 and 1400", &[]);
    check("workers 21072 rows", &[]);
}

#[test]
fn steps_in_sentences() {
    check(r#"fill textbox "First Name" with "Brannoc""#, &["Brannoc"]);
    check(r#"type "Brannoc Tewfik" into Legal Name"#, &["Brannoc Tewfik"]);
    check(r#"expected "Brannoc Tewfik" to be visible in Legal Name"#, &["Brannoc Tewfik"]);
    check(r#"Expected name to be "Brannoc Tewfik""#, &["Brannoc Tewfik"]);
    check("expect Last Name to equal 'Tewfik'", &["Tewfik"]);
    check("type | id=lastName | Quackenbush", &["Quackenbush"]);
    check("type | id=lastName | Quackenbush |", &["Quackenbush"]);
    check(r#"expected "3 rows" to be visible in Results"#, &[]);
    check(r#"Expected status to be "Active""#, &[]);
    check(r#"type "hello" into Search"#, &[]);
    check("type | id=search | hello", &[]);
    check(r#"the name happens to be "Alpha""#, &[]);
}
