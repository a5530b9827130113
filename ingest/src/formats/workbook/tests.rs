//! Tests of the workbook readers on files made in code.

mod ods;
mod support;
mod xls;
mod xlsx;
