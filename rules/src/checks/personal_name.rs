//! Personal names: every word could be one. Knows no names, only words that are none: the vocabulary of
//! programs, reports and organisations, in four languages.

use crate::fold;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Words that are no part of a personal name, folded.
pub(crate) const NO_NAMES: &str = "
    abend ability about above abril absence abteilung academic academy access accommodations
    accomplishment account accountant achievement acrobat action active activity actual actuary adapter
    add added additional address adjusted adjustment admin administration administrator adobe affiliate
    affiliation africa after ag again agency agent agosto agreement airport alabama alaska alberta alert
    all alle allerseits allocation allow allowance allowed also alte am amazon america american amount
    amsterdam analyst analytics and android anfrage angeles annual another antrag any aout apache
    apartment api app applicability applicant application appointment apprentice approval approve approved
    approver april apt architect are area arena arizona array artificial as asia ask asset assign
    assignable assigned assignee assignment assistant associate async at athens atlanta attachment attempt
    attendant attorney audit auditor auf august aus australia auth authentication authority authorization
    auto automatic availability available avec avenue average avril aws azure back background balance band
    bangalore bank barcelona base based basic basis batch bavaria be bearer been before begin behavior bei
    beijing beneficiary benefit bengaluru bereich bericht berlin between big birmingham birth bitbucket
    bitte board body bonjour bonus boot boston bot boulevard box branch brand bristol british broker
    browser brussels bucharest budapest budget buenos buffer build builder building bulk business button
    buyer by byte cache calculated calculation calendar california call campaign can canada cancel
    canceled cancelled candidate capacity career carolina cashier casual catalog category cause cell
    center centre certificate certification certified cet change changed channel check cheers chennai
    chicago chief child china choose christmas chrome chromium church citizenship city class
    classification clean cleaner clear clerk click clicked client clinic clinical clock close closed cloud
    club cluster code cohort colleague collection collective college cologne colorado column comment
    commission committee common communication communications community company compare compensation
    competency complete completed completion component con concert conclusion condition config
    configuration confirm confluence connect connected connecticut connection connector console consultant
    contact content context contingent continue continuous contract contractor contrat contrato
    contribution control controller conversion copy core corp corporate corporation corrected correction
    cost costing could counsel count counter country course court coverage create created creation credit
    cron csv currency current custom customer cycle cypress daily dakota damen danke dans data database
    databricks date dated datum days dead dear debian debug december decembre deduction deep default
    defaulted defined degree delaware delegated delete deleted delhi delivery demande demo denied
    department dependent deployment depot derive description descriptor design designer desktop detail
    deutscher dev developer development device dezember dialog diciembre die dienstag digest digital
    dimanche direct direction director directory disability disabled disbursement discharge discovery disk
    distribution district division diwali docker doctor document domain domingo done donnerstag donor down
    download dr draft drive driver dry dubai dublin due duplicate duration dynamic each earning east
    easter economist edinburgh edit editor education effective eib ein eine einer elastic elasticsearch
    electrician element eligibility eligible email emergency employee employer employment empty enable
    enabled end endpoint enero engine engineer engineering english enter entered enterprise entity entries
    entry environment equipe equipo equity error es est estimate et ethnicity eur europe european event
    every everybody everyone exam excel exception exchange exclude execution executive exempt existing
    exit expected expense experience expiration expired export express extended extension external extract
    factor factory fail failed failure false fatal feature febrero februar february federal feed feedback
    fehler fevrier field file filename filled filter final finance financial find finish finished
    finishing firefox firma first fiscal five fixed flag floor florida folder folks following for force
    foreign form format formatted former forward found four framework france frankfurt frau freitag french
    frequency friday from frozen full function functional funding fur future gardens gbp gecko gehalt
    gender general generate generated generator geneva german germany gesellschaft get github gitlab
    glasgow global gmbh gmt go goal golden google government gracias grade grafana granted gross group
    guaranteed guide guidelines guten guys had hamburg hampshire handler happy hard hardware has have
    hawaii he head headcount header headless headquarters health heap hello help her here herr herren hi
    hide hierarchy high highlights highway him hire hired hiring history hold holding holiday home
    hospital host hotel hour hourly house how html http hub humaines human humanos hybrid hyderabad id
    idaho identification identifier identity if illinois im image impairment import important in inbound
    inbox inc incident include included income incorporated index india indiana individual industries
    industry info information informe initial initialize initialized initiated input insert inside insight
    inspector instance instant institute institution instruction instructor insurance integration
    intelligence interface intern internal international internet interval interview into invalid
    inventory investment investor invoice iowa is island issued issuer issuing ist istanbul it italian
    italy item januar january janvier japan java javascript jenkins jersey jeudi jira job join journalist
    json jueves juillet juin julio july june junio junior just justification kafka kansas kein kentucky
    kernel key kind kingdom know known kollegen kolleginnen kosten kostenstelle kronos kubernetes lab
    label labor laboratory language las last late later latest launch lawyer layer layout lead leader
    leadership learning leave lecturer ledger leeds legal leiter leiterin leitung length les level library
    license life limit limited line link linux lisbon list live llc load loaded loader loading local
    locale locality location locator lock locked log logger logging logic login lohn london lookup los
    louisiana low ltd lundi lunes lyon mac machine madam madame madrid mai mail main maine maintain
    maintenance make manage management manager manchester manual manufacturing map mapping march mardi
    marital marketing marseille martes maryland massachusetts master match matrix maximum mayo me mean
    measure mechanic media medical meeting melbourne member membership memo memory menu merchandiser merci
    mercredi merit message messenger meta method metric mexico miami michigan microsoft middle miercoles
    migration military min minimum minnesota minor minutes missing mississippi missouri mit mitarbeiter
    mitarbeiterin mittwoch mixed mobile mode model modified module monday monitor monsieur montag montana
    month monthly montreal more morgen most move mozilla mr ms multi multiple multiplier mumbai munich
    municipality museum must my mysql nach name named naples national nationality native near nebraska
    negotiate net network neue neuer neural nevada new next nicht no node nomina non none normal not note
    notice notification notify nouveau nouvelle novel november novembre noviembre now nueva nuevo null
    number numeric nummer nurse object october octobre octubre oder of off offer office officer offline
    ohio oklahoma okta oktober old on onboarding one onedrive online only onsite ontario open opened
    operation operator opportunity option optional or oracle orange order ordinary oregon org organisation
    organization organizational orientation original other our out outbound outlook output over overall
    overlap override overtime overview own owned owner package paid paie panel par para paralegal
    parameter parent paris parkway parse parser part partial participant partner party passcode passport
    password patch path pay payee payment payroll pdf pending pennsylvania people per percent performance
    period permanent permission person personal personalabteilung personnel pharmacist phase phone
    photographer physician pipeline place plan planner planning plant platform playwright plc please point
    policy political pool por port portal position post postal posted postgres postgresql posting pour
    powerpoint prague predefined preferred prefix premium prepare present president preview previous
    pricing primary principal print prior priority private probation probationary process processed
    processes processing processor producer product production prof professional professor proficiency
    profile program progression project prometheus promotion pronoun properties property proposal propose
    proposed prospect provided provider proxy pst public publication publish published pull pune purchase
    purple push put python qualification qualifying quality quantity quarter quarterly quebec query
    questionnaire questions queue queued quick quota ramadan random range rapport rate rating ratio raw
    read reader ready real reason receivable received receptionist recipient recognition record
    recoverable recruiter recruiting recruitment recursos red redis reference refresh regards region
    regional register registration regrettable regular rehabilitation rehire reimbursement reject rejected
    related relations relationship relative release religion religious remaining remote remove removed
    replace replacement report reporting representative request requested requester required requisition
    research researcher reset resignation resource response responsibility ressources rest restart
    restaurant restrictions result resume retail retention retiree retirement retries retry return
    returning revenue review reviewer reward rhode right risk road role root roster rotterdam round route
    row rule run runner running runtime sa sabado safari safety saint salary sales salesforce salutation
    same samedi sample samstag san sandbox saturday save saved savings scan schedule scheduled scheduler
    schema school science scientist scope score scorecard screen screenshot script search seasonal seattle
    second secondary secretary section sector secure security see seite select selected selector selenium
    self seller send senior seniority senor senora sent seoul september septembre septiembre sequence
    series server service servicenow session set setting setup severance severity shanghai shared
    sharepoint she sheet shift should show sick sign signed simple simplified since sincerely sind
    singapore single sir site size skill skip skipped slack smart snowflake social software solicitud
    solution some son sonntag sont sort source south spain spanish special specialist spend spending
    splunk sponsor spreadsheet spring sql square staff staffing stage standard standort start started
    starting startup state statement static station statistician status stelle step still stock stop
    stopped storage store strategy stream street string structure student studio study stuttgart
    subcategory submit submitted subordinate subregion success successfactors successful successfully
    succession such suffix suite summary sunday super superior supervisor supervisory supplier support sur
    surgeon survey surveyor suspended switch sydney sync syntax system table tableau tag talent target
    task tax teacher team technical technician technology teller template temporary tenant tennessee
    tenure term terminal terminate terminated termination terrace tertiary test testing texas text than
    thank thanksgiving that the their them then therapist there these they this those thread thursday time
    timeout timestamp timezone title to tobacco todas today todos token tokyo tomcat tool top toronto
    total toulouse tous toutes toward trace tracking trade trader traditional train trainee training
    transaction transfer transform transformation translation translator transport travel treasury trigger
    true trust tuesday two type typescript typist uber ubuntu ukg un una und under underwriter une
    unemployed unexpected union unique unit united universal university unknown unread until up update
    updated upload upper urgent uri url us usage usd use used user username using utah utc util uuid
    valencia valid validate validated validating validation value vancouver variable vendor vendredi
    verification verified vermont version vertrag verwaltung vesting via vice vienna viernes view virtual
    visa visibility visible visit visual volunteer wage waiter waiting war warehouse warm warn warning
    warsaw was way we web wednesday week weekly welcome werden were what when where which while who whom
    whose why will window wird wisconsin with withholding without work workbox workday worker workflow
    workforce working workplace worksheet workshop workspace worktag workweek world would write writer
    wrong wyoming xlsx xml year yearly yellow yes york you your zealand zeit zero zip zone zoom zurich
    zusammen
";

/// Says whether no word of the text is a word of business or of programs.
pub(super) fn valid(text: &str) -> bool {
    let words = no_names();
    let mut letters = 0;
    for word in text.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches('.');
        // `worker-3`, `runner-8dcdbb10`: one of many things.
        let thing =
            word.split_once(['-', '_']).filter(|(_, number)| is_number(number)).map(|(thing, _)| thing);
        // A single letter is an initial, whatever it means elsewhere.
        if word.len() > 1 && is_common(&fold(thing.unwrap_or(word)), words) {
            return false;
        }
        letters = letters.max(word.chars().filter(|c| c.is_alphabetic()).count());
    }
    letters >= 2
}

/// A number, hexadecimal perhaps, or a UUID.
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') && text.bytes().any(|b| b.is_ascii_digit())
}

/// Listed, the plural of a listed word, or built like an abstract noun.
fn is_common(word: &str, words: &HashSet<&str>) -> bool {
    const ENDINGS: [&str; 8] = ["tion", "tions", "ology", "ility", "ware", "ments", "ization", "isation"];
    words.contains(word)
        || word.strip_suffix('s').is_some_and(|singular| words.contains(singular))
        || ENDINGS.iter().any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending))
}

fn no_names() -> &'static HashSet<&'static str> {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| NO_NAMES.split_ascii_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use super::{NO_NAMES, valid};
    use crate::fold;

    #[test]
    fn words_of_business_are_no_names() {
        for good in ["Jane Doe", "Doe, Jane A.", "Łukasz van der Berg", "O'Brien", "quist-7", "Page-Dade"] {
            assert!(valid(good), "{good}");
        }
        for bad in [
            "Cost Center",
            "All",
            "Payroll Team",
            "Sehr geehrte Damen",
            "J.",
            "worker-3",
            "node-8dcdbb10-dfe5",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }

    #[test]
    fn the_list_is_folded_sorted_and_without_doubles() {
        let words: Vec<&str> = NO_NAMES.split_ascii_whitespace().collect();
        assert!(words.is_sorted_by(|a, b| a < b));
        assert!(words.iter().all(|word| fold(word) == **word));
    }
}
