//! Made-up people. Every number is from a range that nobody holds: 555-01xx and the regulators' numbers for
//! films, example.com, SSNs from 987-65-4320 on, IBANs with a right checksum at a bank that does not exist.

use super::seed::Seed;
use std::collections::HashSet;

/// A made-up employee with everything that HR knows.
#[derive(Debug, Clone)]
pub struct Person {
    /// Six digits, sometimes with a leading zero.
    pub employee_id: String,
    /// Workday's own ID: 32 hexadecimal digits.
    pub wid: String,
    /// First name.
    pub given: String,
    /// Middle name or initial.
    pub middle: Option<String>,
    /// Last name with its particles.
    pub family: String,
    /// At example.com or example.org.
    pub email: String,
    /// As people of the country write it.
    pub phone: String,
    /// Never issued.
    pub ssn: String,
    /// With spaces, valid checksum, no such bank.
    pub iban: String,
    /// YYYY-MM-DD.
    pub date_of_birth: String,
    /// YYYY-MM-DD.
    pub hire_date: String,
    /// Street and number as the country writes them.
    pub street: String,
    /// City.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// A year, whole units of `currency`.
    pub salary: u32,
    /// EUR, GBP, INR or USD.
    pub currency: &'static str,
    /// Whole percent.
    pub bonus_percent: u32,
    /// Job title.
    pub job: &'static str,
    /// `4410 Payroll Operations`.
    pub cost_center: &'static str,
    /// Index of the manager among the people made together.
    pub manager: usize,
}

impl Person {
    /// `Given Family`.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// `Given Middle Family`.
    pub fn full_name(&self) -> String {
        match &self.middle {
            Some(middle) => format!("{} {middle} {}", self.given, self.family),
            None => self.name(),
        }
    }

    /// `Family, Given`.
    pub fn reversed_name(&self) -> String {
        format!("{}, {}", self.family, self.given)
    }

    /// One line.
    pub fn address(&self) -> String {
        format!("{}, {} {}", self.street, self.postal_code, self.city)
    }

    /// `84,250.00`.
    pub fn salary_text(&self) -> String {
        format!("{},{:03}.00", self.salary / 1000, self.salary % 1000)
    }

    /// Whether every letter of the name is in Windows-1252.
    pub fn is_latin(&self) -> bool {
        self.full_name().chars().all(|c| c.is_ascii() || "äöüÄÖÜßéèêç".contains(c))
    }
}

/// A country's names and ways of writing.
struct Culture {
    given: &'static [&'static str],
    middle: &'static [&'static str],
    family: &'static [&'static str],
    streets: &'static [&'static str],
    cities: &'static [(&'static str, &'static str)],
    country: Country,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Country {
    Us,
    Gb,
    De,
    Fr,
}

const CULTURES: &[Culture] = &[
    Culture {
        given: &["Eleanor", "Marcus", "Tamika", "Dwight", "Harriet", "Jolene", "Seamus", "Maeve", "Colton"],
        middle: &["J.", "Ann", "Lee", "Quincy"],
        family: &[
            "Whitfield",
            "O’Shaughnessy",
            "O'Malley",
            "McAllister",
            "Barnaby-Stone",
            "Underhill",
            "Okafor",
            "Thackeray",
        ],
        streets: &[
            "1207 Maple Hollow Road",
            "48 Old Mill Lane",
            "9310 Cottonwood Drive",
            "615 Harbor View Court",
        ],
        cities: &[("Springfield", "62704"), ("Fairview", "97024"), ("Riverside", "60546")],
        country: Country::Us,
    },
    Culture {
        given: &["Alastair", "Imogen", "Gwendolyn", "Rhys", "Siobhan", "Nigel"],
        middle: &["Rose", "St. John", "E."],
        family: &["Featherstone", "Llewellyn", "Carruthers", "Ashdown-Pryce", "Blackwood", "MacGregor"],
        streets: &["14 Rosebery Crescent", "221 Kingsway Gardens", "7 Chapel Hill Road"],
        cities: &[("Leeds", "LS99 9ZZ"), ("Bristol", "BS98 1TL")],
        country: Country::Gb,
    },
    Culture {
        given: &["Jürgen", "Annegret", "Wolfgang", "Käthe", "Sören", "Friederike", "Ömer", "Aylin"],
        middle: &["Maria", "Karl-Heinz"],
        family: &[
            "von der Heydt",
            "Müller-Lüdenscheidt",
            "Großmann",
            "Schröter",
            "Yıldırım",
            "Weißhaupt",
            "Hölderlin",
        ],
        streets: &["Lindenstraße 114", "Am Alten Markt 7", "Goethestraße 23a"],
        cities: &[("Köln", "50999"), ("Nürnberg", "90499")],
        country: Country::De,
    },
    Culture {
        given: &["Jérôme", "Élodie", "François", "Anaïs", "Jean-Baptiste", "Maëlle"],
        middle: &["Marie", "Noël"],
        family: &["Lefèvre", "d'Aubigné", "de La Fontaine", "Château-Renaud", "Bénéteau"],
        streets: &["12 rue des Églantiers", "87 avenue du Général Leclerc"],
        cities: &[("Orléans", "45999"), ("Besançon", "25990")],
        country: Country::Fr,
    },
    Culture {
        given: &["María José", "Íñigo", "Xóchitl", "Ramón", "Lucía", "João", "Conceição"],
        middle: &["del Carmen", "Antonio"],
        family: &["Núñez Ibáñez", "Etxeberria", "de la Peña", "Quiñones", "Gonçalves", "Zubizarreta"],
        streets: &["4502 Avenida Encinas", "77 Calle Olivo Street"],
        cities: &[("Laredo", "78049"), ("El Paso", "79999")],
        country: Country::Us,
    },
    Culture {
        given: &["Priyanka", "Venkatesh", "Aishwarya", "Rajendra", "Lakshmi", "Siddharth"],
        middle: &["Kumar", "K."],
        family: &["Subramaniam", "Chattopadhyay", "Venkataraghavan", "Mukherjee", "Deshpande", "Iyengar"],
        streets: &["3300 Temple Terrace Boulevard", "18 Lakeside Park Avenue"],
        cities: &[("Fremont", "94599"), ("Edison", "08899")],
        country: Country::Us,
    },
    Culture {
        given: &["Xiuying", "Haruka", "Minh Châu", "Seo-yeon", "Zhiqiang", "Takeshi", "Nguyệt"],
        middle: &["Li", "T."],
        family: &["Ouyang", "Nakamura", "Nguyễn", "Hwangbo", "Zhuge", "Watanabe", "Trần"],
        streets: &["2601 Sunset Ridge Way", "940 Pine Orchard Street"],
        cities: &[("Irvine", "92699"), ("Bellevue", "98099")],
        country: Country::Us,
    },
    Culture {
        given: &["Łukasz", "Bożena", "Zdeněk", "Ágnes", "Oluwaseun", "Þórdís", "Bjørn"],
        middle: &["Ewa", "A."],
        family: &[
            "Wiśniewski",
            "Dvořáková",
            "Szöllősy",
            "Adébáyò",
            "Sigurðardóttir",
            "Ångström",
            "Kościuszko",
        ],
        streets: &["5 Copper Beech Close", "1189 Granite Falls Road"],
        cities: &[("Duluth", "55899"), ("Portland", "97299")],
        country: Country::Us,
    },
];

const JOBS: &[&str] = &[
    "Payroll Analyst",
    "HRIS Administrator",
    "Software Engineer II",
    "Warehouse Associate",
    "Senior Accountant",
    "Registered Nurse",
    "Facilities Manager",
    "Talent Partner",
];

const COST_CENTERS: &[&str] = &[
    "4410 Payroll Operations",
    "4425 Benefits Administration",
    "5100 Platform Engineering",
    "6200 Distribution Centers",
    "7310 Clinical Services",
];

/// Makes people with different IDs and different names.
pub fn people(seed: &Seed, count: usize) -> Vec<Person> {
    let mut seed = seed.fork("people");
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    let mut people: Vec<Person> = Vec::with_capacity(count);
    while people.len() < count {
        let index = people.len();
        let person = one(&mut seed, index);
        let fresh = names.insert((person.given.clone(), person.family.clone()));
        // After some hundred people the names are used up; their IDs still tell them apart.
        if (fresh || index > 200) && ids.insert(person.employee_id.clone()) {
            people.push(Person { manager: seed.below(count.min(5)), ..person });
        }
    }
    people
}

fn one(seed: &mut Seed, index: usize) -> Person {
    let culture: &Culture = seed.pick(CULTURES);
    let given = seed.pick(culture.given).to_string();
    let family = seed.pick(culture.family).to_string();
    let middle = seed.percent(40).then(|| seed.pick(culture.middle).to_string());
    let (city, postal_code) = *seed.pick(culture.cities);
    let currency = match culture.country {
        Country::Us => "USD",
        Country::Gb => "GBP",
        Country::De | Country::Fr => "EUR",
    };
    let year = seed.range(1958, 2003);
    let domain = if index % 4 == 3 { "example.org" } else { "example.com" };
    Person {
        employee_id: format!("{}{}", if seed.percent(20) { "0" } else { "2" }, seed.digits(5)),
        wid: seed.hex(32),
        email: format!("{}.{}@{domain}", plain(&given), plain(&family)),
        phone: phone(seed, culture.country),
        ssn: format!("9{:02}-65-{:04}", 80 + index % 20, 4320 + index % 5000),
        iban: iban(seed),
        date_of_birth: date(seed, year),
        hire_date: date(seed, (year + 22).min(2024)),
        street: seed.pick(culture.streets).to_string(),
        city: city.to_owned(),
        postal_code: postal_code.to_owned(),
        salary: seed.range(38_000, 188_000) as u32 / 50 * 50 + 50 * (index as u32 % 20),
        currency,
        bonus_percent: seed.range(3, 35) as u32,
        job: JOBS[seed.below(JOBS.len())],
        cost_center: COST_CENTERS[seed.below(COST_CENTERS.len())],
        manager: 0,
        given,
        middle,
        family,
    }
}

fn date(seed: &mut Seed, year: usize) -> String {
    format!("{year}-{:02}-{:02}", seed.range(1, 12), seed.range(1, 28))
}

/// Numbers that regulators keep free for films and books.
fn phone(seed: &mut Seed, country: Country) -> String {
    let n = seed.below(100);
    match country {
        Country::Us => {
            let area = seed.pick(&["212", "415", "312", "617", "206"]);
            match seed.below(3) {
                0 => format!("({area}) 555-01{n:02}"),
                1 => format!("+1 {area}-555-01{n:02}"),
                _ => format!("{area}-555-01{n:02}"),
            }
        }
        Country::Gb => format!("+44 7700 900{:03}", 100 + n),
        Country::De => format!("+49 30 23125 {:03}", 100 + n),
        Country::Fr => format!("+33 6 39 98 {:02} {n:02}", seed.below(100)),
    }
}

/// A German IBAN at bank code 99999999 with its ISO 7064 check digits.
fn iban(seed: &mut Seed) -> String {
    let bban = format!("99999999{}", seed.digits(10));
    // D is 13, E is 14; the check digits count as 00.
    let rest = format!("{bban}131400").bytes().fold(0u32, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
    let digits = format!("{:02}{bban}", 98 - rest);
    let groups: Vec<&str> = [2, 6, 10, 14, 18, 20].windows(2).map(|w| &digits[w[0]..w[1]]).collect();
    format!("DE{} {}", &digits[..2], groups.join(" "))
}

/// Lower-case ASCII letters of a name, as mail addresses are made.
fn plain(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'a'..='z' => Some(c),
            'á' | 'à' | 'ä' | 'â' | 'ã' | 'å' | 'é' | 'è' | 'ê' | 'ë' | 'ệ' | 'ễ' | 'ầ' | 'í' | 'ì' | 'ï'
            | 'ı' => Some(match c {
                'é' | 'è' | 'ê' | 'ë' | 'ệ' | 'ễ' => 'e',
                'í' | 'ì' | 'ï' | 'ı' => 'i',
                _ => 'a',
            }),
            'ó' | 'ò' | 'ö' | 'ô' | 'õ' | 'ø' | 'ő' => Some('o'),
            'ú' | 'ù' | 'ü' | 'û' | 'ů' => Some('u'),
            'ç' | 'ć' | 'č' => Some('c'),
            'ñ' | 'ń' | 'ň' => Some('n'),
            'ß' | 'ś' | 'š' => Some('s'),
            'ł' => Some('l'),
            'ż' | 'ź' | 'ž' => Some('z'),
            'ě' | 'ę' => Some('e'),
            'ř' => Some('r'),
            'ð' | 'đ' => Some('d'),
            'þ' => Some('t'),
            'ğ' => Some('g'),
            '-' => Some('-'),
            _ => None,
        })
        .collect()
}

/// The roster as an HR system exports it.
pub fn roster_csv<'a>(people: impl IntoIterator<Item = &'a Person>) -> String {
    let mut csv = String::from(
        "Employee ID,Legal First Name,Legal Middle Name,Legal Last Name,Work Email,Phone,National ID,IBAN\r\n",
    );
    for p in people {
        let middle = p.middle.as_deref().unwrap_or_default();
        let row = [&*p.employee_id, &*p.given, middle, &*p.family, &*p.email, &*p.phone, &*p.ssn, &*p.iban];
        csv.push_str(&row.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// The people of one ticket; the first of them are on the roster.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Everybody.
    pub people: Vec<Person>,
    /// How many of them, from the first, are on the roster.
    pub roster_count: usize,
}

impl Cast {
    /// Makes `count` people and puts two thirds of them on the roster.
    pub fn new(seed: &Seed, count: usize) -> Self {
        Self { people: people(seed, count), roster_count: count * 2 / 3 }
    }

    /// Somebody, and whether they are on the roster.
    pub fn pick(&self, seed: &mut Seed) -> (&Person, bool) {
        let index = seed.below(self.people.len());
        (&self.people[index], self.is_on_roster(index))
    }

    /// Whether the person of this index is on the roster.
    pub fn is_on_roster(&self, index: usize) -> bool {
        index < self.roster_count
    }

    /// The manager of a person, and whether they are on the roster.
    pub fn manager_of(&self, person: &Person) -> (&Person, bool) {
        (&self.people[person.manager], self.is_on_roster(person.manager))
    }

    /// The roster's file.
    pub fn roster_csv(&self) -> String {
        roster_csv(&self.people[..self.roster_count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people_and_no_two_alike() {
        let (a, b) = (people(&Seed::new(7), 90), people(&Seed::new(7), 90));
        assert_eq!(format!("{a:?}"), format!("{b:?}"));
        let ids: HashSet<_> = a.iter().map(|p| &p.employee_id).collect();
        assert_eq!(ids.len(), 90);
        assert!(a.iter().any(|p| p.employee_id.starts_with('0')), "leading zeros occur");
        assert!(a.iter().all(|p| p.email.is_ascii()), "mail addresses are plain");
    }

    #[test]
    fn ibans_pass_their_checksum() {
        for p in people(&Seed::new(3), 40) {
            let iban: String = p.iban.chars().filter(|c| *c != ' ').collect();
            let rotated = format!("{}1314{}", &iban[4..], &iban[2..4]);
            let rest = rotated.bytes().fold(0u32, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
            assert_eq!((rest, iban.len()), (1, 22), "{iban}");
        }
    }
}
