//! Words around names: titles, greetings, roles, verbs and the small words of a sentence, in English, German,
//! French and Spanish. Holds no names.

use super::table::Class;

/// Flag and words. A word may stand in more than one group.
pub(super) const GROUPS: [(u16, &str); 13] = [
    (Class::TITLE, TITLES),
    (Class::GREETING, GREETINGS),
    (Class::PARTICLE, PARTICLES),
    (Class::ROLE, ROLES),
    (Class::VERB, VERBS),
    (Class::OBJECT, OBJECTS),
    (Class::LINK, LINKS),
    (Class::GRAMMAR, GRAMMAR),
    (Class::ORG, ORGANISATIONS),
    (Class::WORK, WORKS),
    (Class::WHERE, PLACES),
    (Class::NO_NAME, NO_NAMES_TOO),
    (Class::WORD, FOREIGN_WORDS),
];

const TITLES: &str = "
    mr mrs ms mx miss mister dr doctor prof professor herr herrn frau fräulein monsieur madame mademoiselle
    mme mlle señor señora señorita sr sra srta sres don doña sig signor signora dott ing dipl sir dame lord
    lady rev reverend pastor father sister brother capt captain col colonel lt lieutenant sgt sergeant maj
    major gen general uncle aunt grandma grandpa hr fr hon judge justice senator president
";

const GREETINGS: &str = "
    dear hi hello hey hallo liebe lieber liebes servus moin bonjour bonsoir salut cher chère hola estimado
    estimada querido querida geehrte geehrter geehrten morgen abend morning afternoon evening ciao caro cara
    welcome willkommen bienvenue bienvenido bienvenida thanks danke merci gracias congratulations
";

const PARTICLES: &str = "
    van von de del della di da dos das do du la le les el al der den dem des het ten ter te zu zum zur vom
    bin bint ibn ben abu y e und af av mc mac o d l
";

const ROLES: &str = "
    manager supervisor worker employee colleague coworker teammate user approver requester requestor
    initiator delegate assignee recruiter candidate applicant owner author recipient contractor person
    dependent spouse beneficiary guardian contact assistant director founder cofounder ceo cfo cto chairman
    chairwoman president secretary officer analyst engineer developer reviewer commenter songwriter singer
    writer actor actress guitarist drummer bassist musician producer composer artist teacher doctor nurse
    lawyer attorney agent accountant consultant intern trainee partner client customer patient tenant driver
    kid child son daughter wife husband brother sister mother father mom dad mum uncle aunt cousin nephew
    niece grandfather grandmother grandson friend boyfriend girlfriend fiance fiancee neighbor neighbour boss
    lead chef head member hire leaver starter witness victim suspect complainant plaintiff defendant
    mitarbeiter mitarbeiterin kollege kollegin kollegen vorgesetzter vorgesetzte vorgesetzten chefin
    leiterin leiter freund freundin tochter sohn mutter vater bruder schwester ehefrau ehemann kunde kundin
    antragsteller antragstellerin bewerber bewerberin benutzer sachbearbeiter sachbearbeiterin
    collègue salarié salariée employé employée responsable directeur directrice fils fille mari femme frère
    soeur mère père ami amie utilisateur candidat candidate
    colega empleado empleada trabajador trabajadora jefe jefa gerente hijo hija esposo esposa marido mujer
    hermano hermana madre padre amigo amiga usuario candidato candidata
    reports named called starring featuring name names nombre apellido vorname nachname prénom
";

const VERBS: &str = "
    said says asked asks told tells wrote writes replied replies answered explained explains added adds
    noted notes stated states confirmed confirms denied claims claimed reported reports mentioned
    approved approves rejected rejects submitted submits requested requests initiated signed signs resigned
    resigns quit hired terminated promoted transferred rehired complained joined joins left leaves lives
    lived works worked earns earned called calls emailed phoned met meets sent sends received receives
    started starts began begins returned took takes gave gives spent spends became becomes went goes came comes thinks
    thought believes believed wants wanted needs needed likes loves loved feels felt knows knew
    points pointed employs employed agreed agrees suggested suggests promised retired died born married
    has had is was will would can could should did does got gets talked talking speaks spoke
    sagte sagt fragte fragt schrieb schreibt hat hatte ist war wird wurde genehmigte genehmigt lehnte bat
    kündigte arbeitet wohnt lebt verdient leitet verließ beantragte meldete möchte
    a dit demande demandé écrit habite travaille gagne est était sera démissionné approuvé
    dijo dice preguntó escribió vive trabaja gana es era será renunció aprobó solicitó tiene
    who whose
";

const OBJECTS: &str = "
    given told asked thanked emailed phoned called contacted contact met meet meeting see saw ask tell call email
    remember inform informed notify notified invited invite helped help promote promoted hire hired
    terminate terminated fire fired pay paid thank forgive congratulate welcome remove add added remind
    reminded introduce introduced interviewed interview trained training supervise supervised
    informiere informiert gefragt fragen anrufen bitte grüße
    contacter appelé demander contactar llamar llamó
";

const LINKS: &str = "
    by with for to from of and or under about against like unlike via behalf through between regarding re cc
    attn per than
    von mit für an bei durch und oder über wegen
    par avec pour à chez et ou
    por con para y o a
";

const GRAMMAR: &str = "
    is was are were be been am has had have do does did will would shall should can could may might must not
    no the a an this that these those his her their my your our its he she they we you i it him them us me
    who whom whose what which when where why how if then because while but so as at on in into out up down
    off over again just only also too very more most such than there here now never always still already
    ist war sind waren hat hatte haben wird wurde werden kann soll muss nicht kein keine der die das den dem
    des ein eine einen einem einer sein seine ihr ihre mein meine unser wer was wie wo wann warum dass wenn
    auch noch nur schon sehr zu im am
    est sont était a ont sera ne pas le la les un une des ce cette son sa ses mon ma mes notre qui que quoi
    où quand comment pourquoi si mais donc aussi très du au aux en dans
    es son era ha han será no el los las uno una del al su sus mi mis nuestro quien que cuando donde como
    porque pero también muy
    by with for to from of and or under about like unlike san santa los las saint
";

const ORGANISATIONS: &str = "
    inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag kg ug se sa sas sarl srl spa
    bv nv ab as oy aps group holding holdings partners associates consulting technologies technology systems
    software solutions services labs laboratories industries international foundation institute university
    college school academy hospital clinic bank insurance capital ventures media studios agency research
    stiftung universität hochschule schule krankenhaus klinik verein versicherung
    société université hôpital banque fondation sociedad universidad banco fundación empresa
    airport station church museum theatre theater stadium bridge tower hotel restaurant mall market
    library framework protocol algorithm theorem transform filter distribution license licence cup award prize
";

const WORKS: &str = "
    novel book books album albums song songs film films movie movies concert biography lecture show
    family household estate painting poem play speech letter paper roman film konzert familie
    livre concert famille libro novela concierto familia
";

const PLACES: &str = "
    in at near around across outside inside into within throughout toward towards
    in nach aus bei à en dans vers desde hacia
    visit visiting city town village county district province state region country
";

/// Places and peoples met in business text, abbreviations, days.
const NO_NAMES_TOO: &str = "
    mon tue wed thu fri sat sun feb mar apr jun jul aug sep sept oct nov dec utc gmt cet est pst
    mo di mi do fr sa so mär mai okt dez lun mer jeu ven sam dim
    tv ok faq pto hr it qa ceo cfo cto vp svp evp usa uk eu un nato api url http https html css
    i ii iii iv vi vii viii ix
    avenue lane court terrace highway apartment suite floor flat unit apt ste
    vec arc rc struct enum impl pid uid gid rust solaris hurd fuchsia apple princess
    royal bar baz foo qux wolfram mathematica
    amen christmas easter ramadan god bible koran jesus
    bash clojure crystal elixir elm erlang fortran groovy haskell intel julialang kotlin less lisp lua makefile nginx
    nim nix ocaml perl powershell prolog ruby scala scheme swift unix zsh mac macs debian fedora redhat centos alpine
    gradle maven npm yarn webpack keycloak hadoop spark flink airflow
    afghanistan albania algeria angola argentina armenia austria azerbaijan bahrain bangladesh belarus belgium bolivia
    bosnia botswana brazil bulgaria cambodia cameroon chile colombia croatia cuba denmark ecuador egypt estonia
    ethiopia finland ghana greece greenland guatemala honduras hungary iceland indonesia iran iraq ireland
    jamaica kazakhstan kuwait latvia lebanon libya lithuania luxembourg macedonia malaysia malta moldova mongolia
    montenegro morocco mozambique myanmar namibia nepal nicaragua nigeria norway oman pakistan panama paraguay peru
    philippines poland portugal qatar romania russia rwanda senegal serbia slovakia slovenia somalia sudan sweden
    switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay venezuela vietnam yemen zambia
    zimbabwe scandinavia hong kong puerto rico sami northern southern eastern western gregorian
    unicode ascii utf cool okay ok great nice wow oops yeah yep nope awesome perfect
";

/// Words that start German, French and Spanish sentences, and German nouns of the office.
const FOREIGN_WORDS: &str = "
    abrechnung änderung anmeldung antwort arbeit arbeitsvertrag arbeitszeit aufgabe auftrag ausweis
    bearbeitung bedarf beginn beispiel bewerbung beziehung betrag betreff daten eintritt entscheidung
    ergebnis ferien fortbildung frage gespräch gruß grüße grüßen herzliche freundliche freundlichen jahr kind
    kinder konto krankmeldung kündigung leistung leute lieber mann monat nachricht name nein ordnung probe
    problem projekt rechnung schreiben schulung sitzung stunde stunden tage teilzeit termin überstunden
    unterlagen unterschrift urlaub verfahren vergütung versetzung verspätung viele vielen vollzeit vorgang
    woche wochen wohnung zahlung zeugnis ziel zugang zukunft
    ich du er sie es wir ihr mein dein unser euer dieser diese dieses jener alles etwas heute gestern jetzt
    hier dort dann danach leider gerne gern bereits sowie beim vom zum zur ins ans
    je tu il elle nous vous ils elles voici voilà oui non bien alors puis après avant hier aujourd demain
    cordialement salutations congé contrat salaire paiement réunion veuillez
    yo él ella nosotros ellos ellas usted ustedes sí bien entonces después antes ayer hoy mañana
    atentamente saludos contrato salario pago reunión vacaciones estoy tengo somos hay
    the and for with from your please let lets don't doesn't didn't isn't aren't wasn't i'm i've i'll i'd
    it's that's there's he's she's we're they're you're what's who's can't won't couldn't wouldn't shouldn't
";
