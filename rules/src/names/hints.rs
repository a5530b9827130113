//! Words that stand before and behind names, and around what only bears one. Decides nothing.

/// Last words of a phrase that a name follows.
pub(super) const INTRODUCTIONS: [&str; 16] = [
    "named",
    "called",
    "heisse",
    "heiße",
    "heißt",
    "llamo",
    "llama",
    "m'appelle",
    "s'appelle",
    "appelle",
    "i'm",
    "meet",
    "nicknamed",
    "alias",
    "aka",
    "namens",
];
/// Last two words of such a phrase.
pub(super) const PAIRS: [(&str, &str); 13] = [
    ("name", "is"),
    ("names", "are"),
    ("i", "am"),
    ("ich", "bin"),
    ("je", "suis"),
    ("yo", "soy"),
    ("this", "is"),
    ("name", "ist"),
    ("nombre", "es"),
    ("nom", "est"),
    ("call", "me"),
    ("name", "to"),
    ("name", "was"),
];
/// Members of a family and friends.
pub(super) const KIN: [&str; 36] = [
    "kid",
    "child",
    "son",
    "daughter",
    "wife",
    "husband",
    "brother",
    "sister",
    "mother",
    "father",
    "mom",
    "dad",
    "mum",
    "cousin",
    "nephew",
    "niece",
    "grandson",
    "granddaughter",
    "friend",
    "boyfriend",
    "girlfriend",
    "fiance",
    "fiancee",
    "tochter",
    "sohn",
    "bruder",
    "schwester",
    "ehefrau",
    "ehemann",
    "fils",
    "fille",
    "frère",
    "hijo",
    "hija",
    "hermano",
    "hermana",
];
/// Verbs that things have as well.
pub(super) const AUXILIARIES: [&str; 34] = [
    "is", "was", "has", "had", "will", "would", "can", "could", "should", "did", "does", "got", "gets",
    "hat", "hatte", "ist", "war", "wird", "wurde", "a", "est", "était", "sera", "es", "era", "tiene", "who",
    "whose", "needs", "calls", "called", "returns", "takes", "started",
];
/// Verbs of people alone.
pub(super) const HUMAN: [&str; 24] = [
    "said",
    "says",
    "asked",
    "told",
    "wrote",
    "lives",
    "lived",
    "resigned",
    "married",
    "died",
    "phoned",
    "emailed",
    "complained",
    "apologized",
    "apologised",
    "smiled",
    "laughed",
    "sagte",
    "wohnt",
    "kündigte",
    "schrieb",
    "dijo",
    "vive",
    "habite",
];
/// Words a place's name starts with.
pub(super) const PLACE_HEADS: [&str; 16] = [
    "San", "Santa", "St", "Saint", "Los", "Las", "New", "Port", "Fort", "Mount", "Lake", "North", "South",
    "East", "West", "Rio",
];
/// What bears the name of who thought of it.
pub(super) const EPONYMS: [&str; 27] = [
    "approximation",
    "formula",
    "integral",
    "calendar",
    "series",
    "expansion",
    "polynomial",
    "poly",
    "algorithm",
    "theorem",
    "method",
    "sort",
    "distance",
    "transform",
    "distribution",
    "filter",
    "parser",
    "parsing",
    "hash",
    "tree",
    "code",
    "matching",
    "cipher",
    "curve",
    "lexer",
    "numbering",
    "totient",
];
/// What bears, behind `'s`, the name of who found it and belongs to nobody.
pub(super) const LAWS: [&str; 10] = [
    "theorem",
    "lemma",
    "postulate",
    "conjecture",
    "coefficient",
    "inequality",
    "modularity",
    "polynomial",
    "polynomials",
    "totient",
];
/// Words of programs behind which a name is one of the program's own.
pub(super) const KEYWORDS: [&str; 14] = [
    "impl",
    "fn",
    "struct",
    "trait",
    "type",
    "class",
    "enum",
    "use",
    "import",
    "extends",
    "implements",
    "new",
    "interface",
    "package",
];
/// Questions a person is asked about.
pub(super) const QUESTIONS: [&str; 8] =
    ["why", "when", "how", "where", "warum", "wann", "pourquoi", "cuándo"];
/// Words that speak of one person.
pub(super) const PRONOUNS: [&str; 10] =
    ["he", "she", "his", "her", "him", "himself", "herself", "er", "elle", "ella"];
/// Words a sentence goes on with once somebody was addressed.
pub(super) const ADDRESSES: [&str; 18] = [
    "can", "could", "would", "will", "please", "i", "you", "what", "do", "did", "are", "thanks", "thank",
    "how", "where", "kannst", "könnten", "bitte",
];
/// Words that close a letter.
pub(super) const CLOSINGS: [&str; 16] = [
    "regards",
    "sincerely",
    "thanks",
    "cheers",
    "yours",
    "best",
    "grüße",
    "grüßen",
    "gruß",
    "cordialement",
    "salutations",
    "saludos",
    "atentamente",
    "love",
    "truly",
    "you",
];
/// Verbs that stand between a quotation and who said it.
pub(super) const SPEECH: [&str; 14] = [
    "says", "said", "asks", "asked", "writes", "wrote", "adds", "added", "replied", "sagt", "sagte", "dijo",
    "dit", "explains",
];
