//! Named checks: checksums and structural rules a pattern's match has to pass. One file each.

mod aba_routing;
mod au_tfn;
mod bic;
mod birth_date;
mod br_cpf;
mod ca_sin;
mod ch_ahv;
mod codice_fiscale;
mod credit_card;
mod de_social_security;
mod de_tax_id;
mod email;
mod es_nie;
mod es_nif;
mod fr_nir;
mod iban;
mod in_aadhaar;
mod ip_address;
mod mac_address;
mod nl_bsn;
mod personal_name;
mod phone;
mod pl_pesel;
mod se_personnummer;
mod secret;
mod uk_nhs;
mod uk_nino;
mod us_ein;
mod us_itin;
mod us_ssn;
mod written_out;

/// Says whether a matched text is valid. Gets the match as it stands, punctuation included.
pub type Check = fn(&str) -> bool;

/// Every check by the name recognizer files use.
const CHECKS: &[(&str, Check)] = &[
    ("aba_routing", aba_routing::valid),
    ("au_tfn", au_tfn::valid),
    ("bic", bic::valid),
    ("birth_date", birth_date::valid),
    ("br_cpf", br_cpf::valid),
    ("ca_sin", ca_sin::valid),
    ("ch_ahv", ch_ahv::valid),
    ("codice_fiscale", codice_fiscale::valid),
    ("credit_card", credit_card::valid),
    ("de_social_security", de_social_security::valid),
    ("de_tax_id", de_tax_id::valid),
    ("email", email::valid),
    ("es_nie", es_nie::valid),
    ("es_nif", es_nif::valid),
    ("fr_nir", fr_nir::valid),
    ("iban", iban::valid),
    ("in_aadhaar", in_aadhaar::valid),
    ("ip_address", ip_address::valid),
    ("mac_address", mac_address::valid),
    ("nl_bsn", nl_bsn::valid),
    ("personal_name", personal_name::valid),
    ("phone", phone::valid),
    ("pl_pesel", pl_pesel::valid),
    ("se_personnummer", se_personnummer::valid),
    ("secret", secret::valid),
    ("uk_nhs", uk_nhs::valid),
    ("uk_nino", uk_nino::valid),
    ("us_ein", us_ein::valid),
    ("us_itin", us_itin::valid),
    ("us_ssn", us_ssn::valid),
    ("written_out", written_out::valid),
];

/// Finds a check by the name used in recognizer files.
pub fn by_name(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// Names every check there is.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(name, _)| *name)
}

/// The ASCII digits of a text, if there are exactly `N`.
fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let mut out = [0; N];
    let mut found = 0;
    for byte in text.bytes().filter(u8::is_ascii_digit) {
        *out.get_mut(found)? = u32::from(byte - b'0');
        found += 1;
    }
    (found == N).then_some(out)
}

/// Whether one digit repeated makes the number.
fn all_same(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_found_by_name_and_survive_anything() {
        assert!(by_name("nope").is_none());
        for name in names() {
            let check = by_name(name).expect("listed");
            for text in
                ["", " ", "é", "0", "@", "Ω1234567890", "٣٣٣٣٣٣٣٣٣", "/", "-----", "999999999999999999999"]
            {
                let _ = check(text);
            }
        }
    }
}
