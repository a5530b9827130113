//! Named checks: checksums and structural rules a pattern's match has to pass. One file each.

mod aba_routing;
mod ar_cbu;
mod ar_cuil;
mod at_svnr;
mod au_abn;
mod au_acn;
mod au_medicare;
mod au_tfn;
mod bare_password;
mod be_national_number;
mod bg_egn;
mod bic;
mod birth_date;
mod br_cnh;
mod br_cnpj;
mod br_cpf;
mod br_pis;
mod ca_sin;
mod ch_ahv;
mod ch_uid;
mod cl_rut;
mod cn_resident_id;
mod co_nit;
mod codice_fiscale;
mod connection_string;
mod cookie_value;
mod credit_card;
mod crypto_address;
mod cz_rodne_cislo;
mod de_fuehrerschein;
mod de_health_insurance;
mod de_id_document;
mod de_lanr;
mod de_social_security;
mod de_tax_id;
mod ee_isikukood;
mod email;
mod encoded_pair;
mod es_cif;
mod es_nie;
mod es_nif;
mod es_nss;
mod fi_identity_code;
mod fr_nir;
mod fr_siret;
mod fr_tax_number;
mod gr_afm;
mod gr_amka;
mod high_entropy;
mod hk_id;
mod hu_taj;
mod hu_tax_id;
mod iban;
mod ie_pps;
mod in_aadhaar;
mod ip_address;
mod ir_national_id;
mod is_kennitala;
mod it_vat_code;
mod jp_my_number;
mod key_body;
mod known_token;
mod kr_brn;
mod kw_civil_id;
mod kz_iin;
mod literal;
mod login_name;
mod lu_matricule;
mod luhn_number;
mod lv_personas_kods;
mod mac_address;
mod mod_11_10;
mod mx_clabe;
mod mx_curp;
mod nl_bsn;
mod no_fodselsnummer;
mod nz_ird;
mod nz_nhi;
mod password_like;
mod personal_name;
mod ph_tin;
mod phone;
mod pl_id_card;
mod pl_nip;
mod pl_pesel;
mod pl_regon;
mod pt_cc;
mod pt_nif;
mod ro_cnp;
mod ru_inn;
mod ru_snils;
mod se_organisationsnummer;
mod se_personnummer;
mod secret;
mod sg_nric;
mod sg_uen;
mod si_emso;
mod th_tnin;
mod tr_national_id;
mod tw_id;
mod ua_rnokpp;
mod uk_nhs;
mod uk_nino;
mod uk_utr;
mod us_dea;
mod us_ein;
mod us_itin;
mod us_npi;
mod us_ssn;
mod user_password;
mod uy_ci;
mod vehicle_id;
mod written_out;
mod za_id;

pub(crate) use personal_name::NO_NAMES;

/// Says whether a matched text is valid. Gets the match as it stands, punctuation included.
pub type Check = fn(&str) -> bool;

/// Every check by the name recognizer files use.
const CHECKS: &[(&str, Check)] = &[
    ("aba_routing", aba_routing::valid),
    ("ar_cbu", ar_cbu::valid),
    ("ar_cuil", ar_cuil::valid),
    ("at_svnr", at_svnr::valid),
    ("au_abn", au_abn::valid),
    ("au_acn", au_acn::valid),
    ("au_medicare", au_medicare::valid),
    ("au_tfn", au_tfn::valid),
    ("bare_password", bare_password::valid),
    ("be_national_number", be_national_number::valid),
    ("bg_egn", bg_egn::valid),
    ("bic", bic::valid),
    ("birth_date", birth_date::valid),
    ("br_cnh", br_cnh::valid),
    ("br_cnpj", br_cnpj::valid),
    ("br_cpf", br_cpf::valid),
    ("br_pis", br_pis::valid),
    ("ca_sin", ca_sin::valid),
    ("ch_ahv", ch_ahv::valid),
    ("ch_uid", ch_uid::valid),
    ("cl_rut", cl_rut::valid),
    ("cn_resident_id", cn_resident_id::valid),
    ("co_nit", co_nit::valid),
    ("codice_fiscale", codice_fiscale::valid),
    ("connection_string", connection_string::valid),
    ("cookie_value", cookie_value::valid),
    ("credit_card", credit_card::valid),
    ("crypto_address", crypto_address::valid),
    ("cz_rodne_cislo", cz_rodne_cislo::valid),
    ("de_fuehrerschein", de_fuehrerschein::valid),
    ("de_health_insurance", de_health_insurance::valid),
    ("de_id_document", de_id_document::valid),
    ("de_lanr", de_lanr::valid),
    ("de_social_security", de_social_security::valid),
    ("de_tax_id", de_tax_id::valid),
    ("ee_isikukood", ee_isikukood::valid),
    ("email", email::valid),
    ("encoded_pair", encoded_pair::valid),
    ("es_cif", es_cif::valid),
    ("es_nie", es_nie::valid),
    ("es_nif", es_nif::valid),
    ("es_nss", es_nss::valid),
    ("fi_identity_code", fi_identity_code::valid),
    ("fr_nir", fr_nir::valid),
    ("fr_siret", fr_siret::valid),
    ("fr_tax_number", fr_tax_number::valid),
    ("gr_afm", gr_afm::valid),
    ("gr_amka", gr_amka::valid),
    ("high_entropy", high_entropy::valid),
    ("hk_id", hk_id::valid),
    ("hu_taj", hu_taj::valid),
    ("hu_tax_id", hu_tax_id::valid),
    ("iban", iban::valid),
    ("ie_pps", ie_pps::valid),
    ("in_aadhaar", in_aadhaar::valid),
    ("ip_address", ip_address::valid),
    ("ir_national_id", ir_national_id::valid),
    ("is_kennitala", is_kennitala::valid),
    ("it_vat_code", it_vat_code::valid),
    ("jp_my_number", jp_my_number::valid),
    ("key_body", key_body::valid),
    ("known_token", known_token::valid),
    ("kr_brn", kr_brn::valid),
    ("kw_civil_id", kw_civil_id::valid),
    ("kz_iin", kz_iin::valid),
    ("literal", literal::valid),
    ("lu_matricule", lu_matricule::valid),
    ("login_name", login_name::valid),
    ("luhn_number", luhn_number::valid),
    ("lv_personas_kods", lv_personas_kods::valid),
    ("mac_address", mac_address::valid),
    ("mod_11_10", mod_11_10::valid),
    ("mx_clabe", mx_clabe::valid),
    ("mx_curp", mx_curp::valid),
    ("nl_bsn", nl_bsn::valid),
    ("no_fodselsnummer", no_fodselsnummer::valid),
    ("nz_ird", nz_ird::valid),
    ("nz_nhi", nz_nhi::valid),
    ("password_like", password_like::valid),
    ("personal_name", personal_name::valid),
    ("ph_tin", ph_tin::valid),
    ("phone", phone::valid),
    ("pl_id_card", pl_id_card::valid),
    ("pl_nip", pl_nip::valid),
    ("pl_pesel", pl_pesel::valid),
    ("pl_regon", pl_regon::valid),
    ("pt_cc", pt_cc::valid),
    ("pt_nif", pt_nif::valid),
    ("ro_cnp", ro_cnp::valid),
    ("ru_inn", ru_inn::valid),
    ("ru_snils", ru_snils::valid),
    ("se_organisationsnummer", se_organisationsnummer::valid),
    ("se_personnummer", se_personnummer::valid),
    ("secret", secret::valid),
    ("sg_nric", sg_nric::valid),
    ("sg_uen", sg_uen::valid),
    ("si_emso", si_emso::valid),
    ("th_tnin", th_tnin::valid),
    ("tr_national_id", tr_national_id::valid),
    ("tw_id", tw_id::valid),
    ("ua_rnokpp", ua_rnokpp::valid),
    ("uk_nhs", uk_nhs::valid),
    ("uk_nino", uk_nino::valid),
    ("uk_utr", uk_utr::valid),
    ("us_dea", us_dea::valid),
    ("us_ein", us_ein::valid),
    ("us_itin", us_itin::valid),
    ("us_npi", us_npi::valid),
    ("us_ssn", us_ssn::valid),
    ("user_password", user_password::valid),
    ("uy_ci", uy_ci::valid),
    ("vehicle_id", vehicle_id::valid),
    ("written_out", written_out::valid),
    ("za_id", za_id::valid),
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

/// The ASCII letters and digits of a text, letters in upper case.
fn letters_and_digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect()
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
