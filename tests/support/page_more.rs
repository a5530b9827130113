//! More screens of an HR system: a form in another language, and a profile whose names have no labels.

use super::page::{Artist, Shown};
use super::pen::{Ink, Pen};
use super::people::Person;

/// Labels of one language, in the order of [`Artist::abroad`]: title, then name, number, birth, address, mail, phone,
/// cost centre, job and pay.
const LANGUAGES: [[&str; 10]; 3] = [
    [
        "Persönliche Daten",
        "Mitarbeiter",
        "Personalnummer",
        "Geburtsdatum",
        "Privatadresse",
        "E-Mail-Adresse",
        "Mobiltelefon",
        "Kostenstelle",
        "Stellenprofil",
        "Jahresgehalt",
    ],
    [
        "Informations personnelles",
        "Nom complet",
        "Matricule",
        "Date de naissance",
        "Adresse personnelle",
        "Adresse e-mail",
        "Téléphone mobile",
        "Centre de coûts",
        "Profil de poste",
        "Salaire annuel",
    ],
    [
        "Información personal",
        "Nombre completo",
        "Número de empleado",
        "Fecha de nacimiento",
        "Domicilio",
        "Correo electrónico",
        "Teléfono móvil",
        "Centro de coste",
        "Perfil del puesto",
        "Salario anual",
    ],
];

impl Artist<'_> {
    /// A form in German, French or Spanish.
    pub(super) fn abroad(&mut self) {
        let labels = *self.seed.pick(&LANGUAGES);
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        self.chrome(labels[0]);
        let (day, decimal) =
            (european(&p.date_of_birth), p.salary_text().replace(',', " ").replace('.', ","));
        let values: [Option<(&'static str, String)>; 9] = [
            Some(("PERSON", p.full_name())),
            Some(("EMPLOYEE_ID", p.employee_id.clone())),
            Some(("DATE_OF_BIRTH", day)),
            Some(("STREET_ADDRESS", p.address())),
            Some(("EMAIL_ADDRESS", p.email.clone())),
            Some(("PHONE_NUMBER", p.phone.clone())),
            None,
            None,
            Some(("COMPENSATION", format!("{decimal} €"))),
        ];
        let plain = ["4410", "Spécialiste"];
        let mut plain = plain.iter();
        for (i, value) in values.into_iter().enumerate() {
            let y = 130.0 + i as f32 * self.look.size * 2.6;
            self.pen.text(220.0, y, self.muted(), labels[i + 1]);
            let ink = self.ink();
            match value {
                // Amounts end at one edge.
                Some((entity, text)) if entity == "COMPENSATION" => {
                    let left = 760.0 - Pen::width(ink, &text);
                    self.shown((left, y), ink, (entity, text, known));
                }
                Some((entity, text)) => {
                    self.shown((480.0, y), ink, (entity, text, known));
                }
                None => {
                    self.pen.text(480.0, y, ink, plain.next().copied().unwrap_or_default());
                }
            }
        }
    }

    /// A profile: where one is, who it is, whom it concerns, what can be done.
    pub(super) fn profile(&mut self) {
        self.chrome("");
        let (size, palette, cast) = (self.look.size, self.palette, self.cast);
        let (p, known) = cast.pick(&mut self.seed);
        let (manager, manager_known) = cast.manager_of(p);
        let (other, other_known) = cast.pick(&mut self.seed);
        let muted = self.muted();
        let x = self.pen.text(220.0, 80.0, muted, "Workers › ");
        let x = self.shown((x, 80.0), muted, ("PERSON", p.name(), known));
        self.pen.text(x, 80.0, muted, " › Compensation");
        let radius = size * 1.6;
        self.pen.disc((220.0 + radius, 140.0), radius, palette.bar);
        let on_disc = Ink { size: size * 1.15, colour: palette.bar_ink, ..self.bold() };
        let initials = initials(p);
        let left = 220.0 + radius - Pen::width(on_disc, &initials) / 2.0;
        self.shown((left, 140.0 + size * 0.42), on_disc, ("PERSON", initials, known));
        let large = Ink { size: size * 1.6, ..self.bold() };
        let left = 220.0 + radius * 2.0 + 16.0;
        self.shown((left, 138.0), large, ("PERSON", p.name(), known));
        self.pen.text(left, 162.0, muted, p.job);
        self.pen.text(220.0, 230.0, muted, "Manager");
        let mut x = 420.0;
        for (person, known) in [(manager, manager_known), (other, other_known)] {
            x = self.chip((x, 230.0), ("PERSON", person.name(), known)) + 12.0;
        }
        self.pen.text(220.0, 280.0, muted, "Cost Center");
        self.pen.text(420.0, 280.0, self.ink(), p.cost_center);
        self.pen.text(220.0, 330.0, muted, "Total Base Pay");
        self.shown(
            (420.0, 330.0),
            self.ink(),
            ("COMPENSATION", format!("{} {}", p.salary_text(), p.currency), known),
        );
        let on_bar = Ink { colour: palette.bar_ink, ..self.ink() };
        let width = Pen::width(on_bar, &format!("Message {}", p.name())) + 28.0;
        self.pen.fill((220.0, 380.0), (width, size * 2.2), palette.bar);
        let x = self.pen.text(234.0, 380.0 + size * 1.5, on_bar, "Message ");
        self.shown((x, 380.0 + size * 1.5), on_bar, ("PERSON", p.name(), known));
        self.pen.text(220.0, 470.0, muted, "Changes are kept for thirty days and reviewed by your partner.");
    }

    /// A name on a plate with a cross behind it; its right edge.
    fn chip(&mut self, (x, y): (f32, f32), shown: Shown) -> f32 {
        let (size, ink) = (self.look.size, self.ink());
        let width = Pen::width(ink, &format!("{} ×", shown.1)) + 20.0;
        self.pen.fill((x, y - size * 1.3), (width, size * 1.9), self.palette.panel);
        let end = self.shown((x + 10.0, y), ink, shown);
        self.pen.text(end, y, self.muted(), " ×");
        x + width
    }
}

fn initials(p: &Person) -> String {
    [&p.given, &p.family].iter().filter_map(|name| name.chars().next()).flat_map(char::to_uppercase).collect()
}

/// `1984-03-12` as `12.03.1984`.
fn european(date: &str) -> String {
    let mut parts: Vec<&str> = date.split('-').collect();
    parts.reverse();
    parts.join(".")
}
