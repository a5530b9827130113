//! Words of headings, keys and closings in English, German, French and Spanish. Decides nothing.

/// Headings of a person's name that elsewhere name anything.
pub(super) const NAMES: &str = "name names namen noms nombres";

/// Headings beside which a table of people stands, which say nothing of their values.
pub(super) const COMPANIONS: &str = "
    department dept division team title job position role grade location site office country company business
    unit region status hire start end active gender seq
    abteilung bereich stelle rolle standort buro land firma eintritt status
    service departement equipe poste fonction grade site bureau pays entreprise statut embauche
    departamento equipo puesto cargo ubicacion oficina pais empresa estado contratacion
";

/// Words of headings of tables that programs print of themselves.
pub(super) const PROGRAMS: &str = "
    port ports pid ppid size version versions image images ready restarts namespace cluster command cmd tag tags
    schema table tables rows row bytes file files path package packages module class method host hostname protocol
    cpu mem memory latency ms seconds duration count hits stmts branch branches cover coverage missing tty inode
    device mount filesystem used avail available thread threads queue topic partition offset lag digest endpoint
    commit hash license dependency crate process repository uptime service created ip node pod container
    default description argument option flag column
";

/// Keys whose value names a field: `name: Legal Name`.
pub(super) const CARRIERS: &str = "
    name key label field id question attribute property column param parameter title header heading prompt
    selector locator element target step caption variable
    feld bezeichnung beschriftung frage schlussel champ libelle question intitule cle campo etiqueta pregunta clave
";

/// Keys of what stands in a field that another line names: `value: …`.
pub(super) const VALUES: [&str; 45] = [
    "value",
    "values",
    "val",
    "text",
    "answer",
    "response",
    "content",
    "data",
    "input",
    "input value",
    "expected",
    "expected string",
    "expected value",
    "expected text",
    "expected pattern",
    "received",
    "received string",
    "received value",
    "actual",
    "actual value",
    "actual text",
    "new value",
    "old value",
    "new",
    "old",
    "before",
    "after",
    "current",
    "previous",
    "entered",
    "entered value",
    "typed",
    "filled",
    "fill",
    "type",
    "wert",
    "neuer wert",
    "alter wert",
    "antwort",
    "eingabe",
    "valeur",
    "reponse",
    "saisie",
    "valor",
    "respuesta",
];

/// First words of steps that say what is filled in: `Enter Legal Name`.
pub(super) const STEPS: &str = "
    enter fill type input select set choose write eingeben trage gib wahle saisir renseigner choisir introducir
    escribir seleccionar
";

/// Closings of letters, folded.
pub(super) const CLOSINGS: [&str; 38] = [
    "best regards",
    "kind regards",
    "kindest regards",
    "warm regards",
    "warmest regards",
    "regards",
    "best wishes",
    "best",
    "many thanks",
    "thanks",
    "thank you",
    "thanks and regards",
    "sincerely",
    "yours sincerely",
    "sincerely yours",
    "yours faithfully",
    "yours truly",
    "cheers",
    "mit freundlichen grussen",
    "freundliche grusse",
    "mit besten grussen",
    "beste grusse",
    "viele grusse",
    "herzliche grusse",
    "liebe grusse",
    "schone grusse",
    "mfg",
    "vg",
    "cordialement",
    "bien cordialement",
    "salutations distinguees",
    "bien a vous",
    "amicalement",
    "saludos",
    "un saludo",
    "saludos cordiales",
    "atentamente",
    "un cordial saludo",
];

/// What stands before a number in a signature.
pub(super) const PHONES: &str = "tel telefon telephone phone mobile mobil cell fax direct office desk t m p f movil telefono portable fixe";

/// Countries that stand as the last line of an address, folded.
pub(super) const COUNTRIES: [&str; 62] = [
    "usa",
    "united states",
    "united states of america",
    "vereinigte staaten",
    "etats-unis",
    "estados unidos",
    "united kingdom",
    "uk",
    "england",
    "scotland",
    "wales",
    "great britain",
    "vereinigtes konigreich",
    "royaume-uni",
    "reino unido",
    "germany",
    "deutschland",
    "allemagne",
    "alemania",
    "france",
    "frankreich",
    "francia",
    "spain",
    "spanien",
    "espagne",
    "espana",
    "italy",
    "italien",
    "italie",
    "italia",
    "austria",
    "osterreich",
    "autriche",
    "switzerland",
    "schweiz",
    "suisse",
    "suiza",
    "netherlands",
    "niederlande",
    "nederland",
    "pays-bas",
    "belgium",
    "belgien",
    "belgique",
    "poland",
    "polen",
    "polska",
    "portugal",
    "ireland",
    "irland",
    "sweden",
    "schweden",
    "denmark",
    "danemark",
    "norway",
    "norwegen",
    "finland",
    "india",
    "canada",
    "kanada",
    "mexico",
    "australia",
];

/// Whether a folded word stands in a list.
pub(super) fn has(list: &str, word: &str) -> bool {
    word.len() < 20 && list.split_ascii_whitespace().any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold;

    #[test]
    fn all_words_are_folded() {
        for list in [NAMES, COMPANIONS, PROGRAMS, CARRIERS, STEPS, PHONES] {
            assert!(list.split_ascii_whitespace().all(|word| fold(word) == word));
        }
        assert!([&VALUES[..], &CLOSINGS, &COUNTRIES].concat().iter().all(|words| fold(words) == **words));
    }
}
