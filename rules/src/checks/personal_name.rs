//! Personal names: every word could be one. Knows no names, only words that are none: the vocabulary of
//! programs, reports and organisations, in four languages.

use crate::fold;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Words that are no part of a personal name, folded.
const NO_NAMES: &str = "
    abend about above abril abteilung academy access account accountant acrobat action active actual actuary
    adapter add added additional address adjustment admin administration administrator adobe africa after ag
    again agent agosto agreement airport alabama alaska alberta alert all alle allerseits allowance also alte
    am amazon america american amount amsterdam analyst analytics and android anfrage angeles annual another
    antrag any aout apache apartment api app application apprentice approval approve approved approver april
    apt architect are area arena arizona array artificial as asia ask assign assigned assignment assistant
    associate async at athens atlanta attachment attempt attendant attorney audit auditor auf august aus
    australia auth authentication authorization auto automatic available avec avenue average avril aws azure
    back background balance band bangalore bank barcelona base basic batch bavaria be bearer been before begin
    bei beijing benefit bengaluru bereich bericht berlin between big birmingham bitbucket bitte board body
    bonjour bonus boot boston bot boulevard box branch brand bristol british broker browser brussels bucharest
    budapest buenos buffer build builder building bulk business button buyer by byte cache calculation
    calendar california call can canada cancel canceled cancelled candidate career carolina cashier casual
    category cause cell center centre certificate cet change changed channel check cheers chennai chicago
    chief child china choose christmas chrome chromium church city class clean cleaner clear clerk click
    clicked client clinic clinical clock close closed cloud club cluster code colleague collection college
    cologne colorado column comment commission committee common communications community company compare
    compensation complete completed completion component con concert conclusion condition config configuration
    confirm confluence connect connected connecticut connection connector console consultant contact content
    context continue contract contractor contrat contrato control controller conversion copy core corp
    corporate corporation corrected correction cost could counsel count counter country court coverage create
    created creation credit cron csv currency current custom customer cycle cypress daily dakota damen danke
    dans data database databricks date datum days dead dear debian debug december decembre deduction deep
    default delaware delete deleted delhi delivery demande demo denied department deployment depot description
    design designer desktop detail deutscher dev developer development device dezember dialog diciembre die
    dienstag digest digital dimanche direct direction director directory disabled discovery disk distribution
    district division diwali docker doctor document domain domingo done donnerstag down download dr draft
    drive driver dry dubai dublin due duplicate duration dynamic each earning east easter economist edinburgh
    edit editor effective eib ein eine einer elastic elasticsearch electrician element eligibility email
    employee employer employment empty enable enabled end endpoint enero engine engineer engineering english
    enter enterprise entries entry environment equipe equipo equity error es est estimate et eur europe
    european event every everybody everyone excel exception exchange execution executive existing exit expense
    expired export express extended extension external extract factory fail failed failure false fatal feature
    febrero februar february federal feed feedback fehler fevrier field file filled filter final finance
    financial find finish finished finishing firefox firma first fiscal five fixed flag floor florida folder
    folks following for force foreign form format forward found four framework france frankfurt frau freitag
    french friday from full function functional fur future gardens gbp gecko gehalt general generate generated
    generator geneva german germany gesellschaft get github gitlab glasgow global gmbh gmt go goal golden
    google gracias grade grafana gross group guide guten guys had hamburg hampshire handler happy hard
    hardware has have hawaii he head headcount header headless headquarters health heap hello help her here
    herr herren hi hide high highlights highway him hire hired hiring history hold holding holiday home
    hospital host hotel hour hourly house how html http hub humaines human humanos hybrid hyderabad id idaho
    identity if illinois im image import important in inbound inbox inc incident include included income
    incorporated index india indiana individual industries industry info information informe initial
    initialized initiated input insert inside insight inspector instance institute instruction insurance
    integration intelligence interface intern internal international internet interview into invalid inventory
    invoice iowa is island ist istanbul it italian italy item januar january janvier japan java javascript
    jenkins jersey jeudi jira job join journalist json jueves juillet juin julio july june junio junior just
    kafka kansas kein kentucky kernel key kind kingdom know kollegen kolleginnen kosten kostenstelle kronos
    kubernetes lab label labor laboratory language las last late later latest launch lawyer layer layout lead
    leader leadership learning leave lecturer ledger leeds legal leiter leiterin leitung les level library
    license life limit limited line link linux lisbon list live llc load loaded loader loading local location
    locator lock log logger logging login lohn london lookup los louisiana low ltd lundi lunes lyon mac
    machine madam madame madrid mai mail main maine maintain maintenance make manage management manager
    manchester manual manufacturing map mapping march mardi marketing marseille martes maryland massachusetts
    master match maximum mayo me mean mechanic media medical meeting melbourne member memory menu merchandiser
    merci mercredi merit message meta method metric mexico miami michigan microsoft middle miercoles migration
    min minimum minnesota minor missing mississippi missouri mit mitarbeiter mitarbeiterin mittwoch mobile
    mode model module monday monitor monsieur montag montana month monthly montreal more morgen most move
    mozilla mr ms multi multiple mumbai munich museum must my mysql nach name naples national native near
    nebraska negotiate net network neue neuer neural nevada new next nicht no node nomina none normal not note
    notice notification nouveau nouvelle novel november novembre noviembre now nueva nuevo null number nummer
    nurse object october octobre octubre oder of off offer office officer offline ohio oklahoma okta oktober
    old on one onedrive online only onsite ontario open opened operation operator option optional or oracle
    orange order ordinary oregon org organisation organization organizational other our out outbound outlook
    output over overall overtime overview own owner package paid paie panel par para paralegal parameter
    parent paris parkway parse parser part partial partner party password patch path pay payment payroll pdf
    pending pennsylvania people per percent performance period permanent permission person personal
    personalabteilung personnel pharmacist phase phone photographer physician pipeline place plan planner
    planning plant platform playwright plc please point policy pool por port portal position post posted
    postgres postgresql pour powerpoint prague premium prepare present president preview previous primary
    principal print prior priority private probation process processed processes processing processor producer
    product production prof professional professor profile program project prometheus promotion properties
    property provider pst public publish published pull pune purchase purple push put python quality quarter
    quarterly quebec query questions queue queued quick ramadan range rapport rate rating ratio raw read
    reader ready real reason received receptionist record recruiter recruiting recruitment recursos red redis
    reference refresh regards region regional register registration regular rehire reject rejected related
    relations release remote remove removed report reporting representative request requested required
    requisition research researcher reset resource response ressources rest restart restaurant result resume
    retail retention retries retry return review reviewer reward rhode right risk road role root rotterdam
    round route row rule run runner running runtime sa sabado safari safety saint salary sales salesforce same
    samedi sample samstag san sandbox saturday save saved scan schedule scheduled scheduler schema school
    science scientist scope score scorecard screen screenshot script search seasonal seattle second secretary
    section sector secure security see seite select selected selector selenium self seller send senior senor
    senora sent seoul september septembre septiembre sequence server service servicenow session set setting
    setup severance shanghai shared sharepoint she sheet shift should show sick sign signed simple since
    sincerely sind singapore single sir site size skill skip skipped slack smart snowflake social software
    solicitud solution some son sonntag sont sort source south spain spanish special specialist splunk spring
    sql square staff staffing stage standard standort start started starting startup state statement static
    station statistician status stelle step still stock stop stopped storage store strategy stream street
    string structure studio stuttgart submit submitted success successfactors successful successfully such
    suite summary sunday super supervisor supervisory supplier support sur surgeon surveyor suspended switch
    sydney sync syntax system table tableau tag talent target task tax teacher team technical technician
    technology teller template temporary tenant tennessee term terminal terminated termination terrace test
    testing texas text than thank thanksgiving that the their them then therapist there these they this those
    thread thursday time timeout timestamp timezone title to todas today todos token tokyo tomcat tool top
    toronto total toulouse tous toutes trace tracking trade trader train trainee training transaction transfer
    transform transformation translation translator transport travel treasury trigger true trust tuesday two
    type typescript typist uber ubuntu ukg un una und under underwriter une unexpected union unique unit
    united university unknown unread until up update updated upload upper urgent uri url us usage usd use used
    user username using utah utc util uuid valencia valid validate validated validating validation value
    vancouver variable vendor vendredi verification verified vermont version vertrag verwaltung via vice
    vienna viernes view virtual visible visit visual volunteer wage waiter waiting war warehouse warm warn
    warning warsaw was way we web wednesday week weekly welcome werden were what when where which while who
    whom whose why will window wird wisconsin with work workday worker workflow workforce working workplace
    worksheet workshop workspace world would write writer wrong wyoming xlsx xml year yearly yellow yes york
    you your zealand zeit zero zip zone zoom zurich zusammen
";

/// Says whether no word of the text is a word of business or of programs.
pub(super) fn valid(text: &str) -> bool {
    let words = no_names();
    let mut letters = 0;
    for word in text.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches('.');
        // A single letter is an initial, whatever it means elsewhere.
        if word.len() > 1 && is_common(&fold(word), words) {
            return false;
        }
        letters = letters.max(word.chars().filter(|c| c.is_alphabetic()).count());
    }
    letters >= 2
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
        for good in ["Jane Doe", "Doe, Jane A.", "Łukasz van der Berg", "O'Brien"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["Cost Center", "All", "Payroll Team", "Sehr geehrte Damen", "J."] {
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
