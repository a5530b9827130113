//! Words of addresses: kinds of streets, parts of houses, and the words of a sentence that speak of a place.
//! Holds no names of streets or towns.

use crate::hashed::HashBuilder;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Kinds of streets that stand behind the name and are hardly anything else.
pub(super) static STREETS: &str = "
    street st avenue ave road rd boulevard blvd lane ln drive dr terrace highway hwy parkway pkwy crescent
    cres mews esplanade freeway turnpike quay causeway
";
/// Kinds of streets that are ordinary words as well.
pub(super) static WEAK_STREETS: &str = "
    way close court ct place pl square sq circle cir gardens grove row walk alley trail loop plaza hill park
    route crossing ridge point courts parks squares points hills pass green parade rise view heights bend
    junction village estate landing creek track end
    brook bridge cliff cliffs cove coves fort fords forge glen harbor island islands isle knoll lodge mill mills
    mission mount orchard run shore shores spring springs stream summit turn union valley vista wells
";
/// Kinds of streets that stand before the name.
pub(super) static PREFIXES: &str = "
    via viale piazza corso largo vicolo strada contrada rue avenue boulevard place chemin impasse allee quai
    cours passage calle avenida avda av paseo plaza camino carrer cl cuesta ronda rua travessa estrada praca
    alameda rambla trg ulica ul al os pl aleja placa namesti str ulitsa odos leoforos jalan soi
";
/// Kinds of streets behind the name, with a small letter: `Dózsa György utca 5`.
pub(super) static SUFFIX_WORDS: &str = "
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
/// An ending that is shortened, so that a full stop stands behind it: `Goethestr. 45`, `Lange Str. 5`.
pub(super) const SHORTENED: &str = "str";
/// Endings that are weaker evidence: adjectives that name streets in Czech, Slovak, Slovene, and more.
pub(super) const WEAK_ENDINGS: [&str; 14] = [
    "ova", "eva", "ska", "cka", "nska", "skeho", "ova", "hof", "berg", "park", "tun", "ring", "bakken",
    "markt",
];
/// Parts of a house.
pub(super) static UNITS: &str = "
    apt apartment suite ste unit flat floor room piso puerta appt appartement wohnung lok lokal dept lot
";
/// Words near an address.
pub(super) static CONTEXT: &str = "
    address addresses lives lived live living located location office offices station restaurant reside resides
    residing residence moved meet arrived arrive arrives sent send ship shipped deliver delivered delivery
    return taxi home house enter flat headquarters based corner street bus
    anschrift adresse wohnt wohne wohnhaft gezogen zieht habite habitant domicile demeure vive vivo direccion
    domicilio reside mudo abita residente indirizzo adres
";
/// What reports count, which is no town: `Chunk 3, 15000 Rows`.
pub(super) static COUNTED: &str = "
    records rows lines errors warnings bytes items files entries events messages requests responses users
    employees workers people steps pages columns cells tests jobs tasks threads tokens words points seconds
    minutes hours days times objects nodes samples results documents transactions changes updates kb mb gb
    eur usd chf gbp euro euros dollars zeilen fehler mitarbeiter stunden stück stuck euros lignes filas
";
/// Small words inside names of streets.
pub(super) static SMALL: &str = "
    de del della delle dello dei degli di da do dos das du des la le les los el of the van der den het op am an im in und y e
    zu zum zur et sur sous nad ten ter und auf aan
";

/// Months, whole and short: behind a number they make a date.
pub(super) static MONTHS: &str = "
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar marz maerz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre
    octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
";

/// Whether a folded word stands in a list.
pub(super) fn has(list: &str, word: &str) -> bool {
    static MEMBERS: OnceLock<HashMap<&str, u16, HashBuilder>> = OnceLock::new();
    let members = MEMBERS.get_or_init(|| {
        let mut members: HashMap<&str, u16, HashBuilder> = HashMap::default();
        for (number, list) in LISTS.iter().enumerate() {
            list.split_ascii_whitespace().for_each(|word| *members.entry(word).or_default() |= 1 << number);
        }
        members
    });
    match LISTS.iter().position(|known| std::ptr::eq(*known, list)) {
        Some(number) => members.get(word).is_some_and(|lists| lists >> number & 1 == 1),
        // A short one, written out where it is used.
        None => list.split_ascii_whitespace().any(|other| other == word),
    }
}

/// The lists that words are looked up in together.
static LISTS: [&str; 8] = [STREETS, WEAK_STREETS, PREFIXES, SUFFIX_WORDS, UNITS, CONTEXT, SMALL, MONTHS];
