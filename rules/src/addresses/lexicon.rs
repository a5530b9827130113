//! Words of addresses: kinds of streets, parts of houses, and the words of a sentence that speak of a place.
//! Holds no names of streets or towns.

/// Kinds of streets that stand behind the name and are hardly anything else.
pub(super) const STREETS: &str = "
    street st avenue ave road rd boulevard blvd lane ln drive dr terrace highway hwy parkway pkwy crescent
    cres mews esplanade freeway turnpike quay causeway
";
/// Kinds of streets that are ordinary words as well.
pub(super) const WEAK_STREETS: &str = "
    way close court ct place pl square sq circle cir gardens grove row walk alley trail loop plaza hill park
    route crossing ridge point courts parks squares points hills pass green parade rise view heights bend
    junction village estate landing creek track end
    brook bridge cliff cliffs cove coves fort fords forge glen harbor island islands isle knoll lodge mill mills
    mission mount orchard run shore shores spring springs stream summit turn union valley vista wells
";
/// Kinds of streets that stand before the name.
pub(super) const PREFIXES: &str = "
    via viale piazza corso largo vicolo strada contrada rue avenue boulevard place chemin impasse allee quai
    cours passage calle avenida avda av paseo plaza camino carrer cl cuesta ronda rua travessa estrada praca
    alameda rambla trg ulica ul al os pl aleja placa namesti str ulitsa odos leoforos jalan soi
";
/// Kinds of streets behind the name, with a small letter: `Dózsa György utca 5`.
pub(super) const SUFFIX_WORDS: &str = "
    utca ut u ter rkp korut gate gata gatan vei veien veg terrasse plads alle katu tie kuja weg gasse ring
    platz strasse allee damm ufer street road avenue lane drive
";
/// Endings of names of streets.
pub(super) const ENDINGS: [&str; 46] = [
    "strasse",
    "strase",
    "straat",
    "gasse",
    "platz",
    "allee",
    "damm",
    "ufer",
    "chaussee",
    "weg",
    "vej",
    "gade",
    "gaden",
    "gatan",
    "vagen",
    "veien",
    "vegen",
    "gata",
    "gate",
    "straede",
    "vaenget",
    "vangen",
    "braut",
    "stigur",
    "vegur",
    "laan",
    "gracht",
    "kade",
    "plein",
    "dijk",
    "singel",
    "kuja",
    "katu",
    "tie",
    "kaari",
    "polku",
    "tanav",
    "puiestee",
    "utca",
    "steig",
    "stieg",
    "zeile",
    "promenade",
    "stigen",
    "parken",
    "strae",
];
/// Endings that are weaker evidence: adjectives that name streets in Czech, Slovak, Slovene, and more.
pub(super) const WEAK_ENDINGS: [&str; 14] = [
    "ova", "eva", "ska", "cka", "nska", "skeho", "ova", "hof", "berg", "park", "tun", "ring", "bakken",
    "markt",
];
/// Parts of a house.
pub(super) const UNITS: &str = "
    apt apartment suite ste unit flat floor room piso puerta appt appartement wohnung lok lokal dept lot
";
/// Words near an address.
pub(super) const CONTEXT: &str = "
    address addresses lives lived live living located location office offices station restaurant reside resides
    residing residence moved meet arrived arrive arrives sent send ship shipped deliver delivered delivery
    return taxi home house enter flat headquarters based corner street bus
    anschrift adresse wohnt wohne wohnhaft gezogen zieht habite habitant domicile demeure vive vivo direccion
    domicilio reside mudo abita residente indirizzo adres
";
/// Small words inside names of streets.
pub(super) const SMALL: &str = "
    de del della delle di da do dos das du des la le les los el of the van der den het op am an im in und y e
    zu zum zur et sur sous nad ten ter und auf aan
";

/// Whether a folded word stands in a list.
pub(super) fn has(list: &str, word: &str) -> bool {
    // Most words are in no list: their bytes in it are looked for before its words are.
    word.len() < 13 && list.contains(word) && list.split_ascii_whitespace().any(|other| other == word)
}
