//! Cells by their formats, one table for each.

use super::*;

fn codes(kind: &Kind, text: &str) -> Vec<Code> {
    let mut codes = Vec::new();
    kind.check(text, &mut DateOrders::default(), &mut codes);
    codes
}

fn check(kind: &Kind, cases: &[(&str, &[Code])]) {
    for (text, expected) in cases {
        assert_eq!(codes(kind, text), *expected, "{kind:?} {text:?}");
    }
}

#[test]
fn dates() {
    use Code::{ExcelSerial, OuterSpaces, WrongDate};
    let cases: [(&str, &[Code]); 12] = [
        ("2024-02-29", &[]),
        ("2023-02-29", &[WrongDate]),
        ("31/12/2024", &[WrongDate]),
        ("2024-1-1", &[WrongDate]),
        ("2024-01-01T00:00:01", &[WrongDate]),
        ("45292", &[ExcelSerial]),
        ("45292.5", &[ExcelSerial]),
        ("60001", &[WrongDate]),
        ("19999", &[WrongDate]),
        ("20241", &[ExcelSerial]),
        ("2024-02-29 ", &[OuterSpaces, WrongDate]),
        ("Jan 3", &[WrongDate]),
    ];
    check(&Kind::Date, &cases);
    let cases: [(&str, &[Code]); 8] = [
        ("2024-02-29T09:00:00", &[]),
        ("2024-02-29T09:00:00.123-08:00", &[]),
        ("2024-02-29T23:59:59Z", &[]),
        ("2024-02-29", &[Code::WrongDateTime]),
        ("2024-02-30T09:00:00", &[Code::WrongDateTime]),
        ("2024-02-29T24:00:00", &[Code::WrongDateTime]),
        ("2024-02-29T09:00:00+", &[Code::WrongDateTime]),
        ("45292.25", &[ExcelSerial]),
    ];
    check(&Kind::DateTime, &cases);
}

#[test]
fn orders_of_day_and_month() {
    for (texts, mixed) in [
        (&["31/12/2024", "01/02/2024"][..], false),
        (&["31/12/2024", "12/31/2024"], true),
        (&["31.12.24", "12-31-24"], true),
        (&["01/02/2024", "03/04/2024"], false),
        (&["12/31/2024", "99/12/2024", "31/12"], false),
    ] {
        let mut orders = DateOrders::default();
        texts.iter().for_each(|text| Kind::Date.check(text, &mut orders, &mut Vec::new()));
        assert_eq!(orders.are_mixed(), mixed, "{texts:?}");
    }
}

#[test]
fn numbers_and_flags() {
    use Code::{NumberDigits, WrongNumber, WrongYesNo};
    let cases: [(&str, &[Code]); 9] = [
        ("1234.50", &[]),
        ("-0.5", &[]),
        ("12345.50", &[NumberDigits]),
        ("1.234", &[NumberDigits]),
        ("1.2300", &[]),
        ("1,234.50", &[WrongNumber]),
        ("$5", &[WrongNumber]),
        ("1e3", &[WrongNumber]),
        ("5 %", &[WrongNumber]),
    ];
    check(&Kind::Number(Some((6, 2))), &cases);
    check(&Kind::Number(None), &[("123456789012345678901234567890.1", &[]), ("NaN", &[WrongNumber])]);
    let cases: [(&str, &[Code]); 5] =
        [("Y", &[]), ("N", &[]), ("y", &[WrongYesNo]), ("1", &[WrongYesNo]), ("true", &[WrongYesNo])];
    check(&Kind::YesNo, &cases);
}

#[test]
fn ids() {
    use Code::{
        DescriptorInId, IdTypeMismatch, NameInId, NameLikeId, NonBreakingSpace, OuterSpaces, WidMalformed,
    };
    let wid = "0123456789abcdef0123456789ABCDEF";
    let cases: [(&str, &[Code]); 11] = [
        ("21072", &[]),
        ("E-21072", &[]),
        ("Jane", &[]),
        ("Jane Doe", &[NameInId]),
        ("Doe, Jane", &[NameInId]),
        ("O'Neil Müller-Lüdenscheidt", &[NameInId]),
        ("محمد", &[NameInId]),
        ("Jane Doe (21072)", &[DescriptorInId]),
        ("Jane Doe (On Leave)", &[NameInId]),
        (wid, &[IdTypeMismatch]),
        ("21072\u{a0}", &[NonBreakingSpace, OuterSpaces]),
    ];
    check(&Kind::PersonId, &cases);
    let cases: [(&str, &[Code]); 4] = [
        ("Grade_5", &[]),
        ("Grade 5", &[]),
        ("Human Resources", &[NameLikeId]),
        ("Sales (CC-100)", &[DescriptorInId]),
    ];
    check(&Kind::OtherId, &cases);
    check(&Kind::AnyId, &[(wid, &[]), ("Jane Doe", &[NameLikeId])]);
    check(&Kind::Wid, &[(wid, &[]), (&wid[1..], &[WidMalformed]), ("21072", &[WidMalformed])]);
    let list = Kind::List(vec!["Employee_ID".to_owned()], Code::UnknownIdType);
    check(&list, &[("Employee_ID", &[]), ("employee_id", &[Code::UnknownIdType])]);
    let list = Kind::List(vec!["Open".to_owned(), "Closed".to_owned()], Code::NotInList);
    check(&list, &[("Closed", &[]), ("Ajar", &[Code::NotInList])]);
}

#[test]
fn texts() {
    use Code::{ForbiddenCharacter, LineBreak, NonBreakingSpace, OuterSpaces, TextCut, TooLong};
    let (long, cut) = ("a".repeat(32_768), "a".repeat(32_767));
    let (old, short) = ("é".repeat(255), "a".repeat(254));
    // An emoji is two characters to Excel.
    let emoji = "😀".repeat(16_384);
    let cases: [(&str, &[Code]); 12] = [
        ("=1+1", &[]),
        ("two\nlines", &[]),
        ("a\u{7}b", &[ForbiddenCharacter]),
        ("a\rb", &[ForbiddenCharacter]),
        ("a\u{fffe}", &[ForbiddenCharacter]),
        (" a", &[OuterSpaces]),
        ("a\u{a0}b", &[NonBreakingSpace]),
        (&long, &[TooLong]),
        (&cut, &[TextCut]),
        (&old, &[TextCut]),
        (&short, &[]),
        (&emoji, &[TooLong]),
    ];
    check(&Kind::Text, &cases);
    check(&Kind::OtherId, &[("A\nB", &[LineBreak])]);
}
