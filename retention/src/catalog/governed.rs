//! Users, environments and secrets: which record of each is in force. What a record says is in its file.

use super::error::CatalogError;
use super::rows::GovernedRow;
use super::view::{View, change, unknown};
use super::writes::{Writes, checked_user};
use crate::ledger::{Subject, SubjectKind};
use rusqlite::Row;

const GOVERNED: &str = "SELECT kind, id, content, changed_ms, changed_by FROM governed";

impl View {
    /// The record that is in force of a user, an environment or a secret.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn governed(&self, subject: &Subject) -> Result<Option<GovernedRow>, CatalogError> {
        let sql = format!("{GOVERNED} WHERE kind = ?1 AND id = ?2");
        self.one(&sql, rusqlite::params![subject.kind as u8, subject.id], governed_row)
    }

    /// All that are in force of a kind, in the order of their IDs.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn all_governed(&self, kind: SubjectKind) -> Result<Vec<GovernedRow>, CatalogError> {
        self.all(&format!("{GOVERNED} WHERE kind = ?1 ORDER BY id"), [kind as u8], governed_row)
    }
}

impl Writes<'_> {
    /// Notes that a record is in force from now on.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] and [`CatalogError::Database`].
    pub fn governed(&self, row: &GovernedRow) -> Result<(), CatalogError> {
        let sql = "INSERT INTO governed VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET \
                   content = excluded.content, changed_ms = excluded.changed_ms, changed_by = excluded.changed_by";
        let (kind, user) = (row.subject.kind as u8, checked_user(&row.changed_by)?);
        let values: [&dyn rusqlite::ToSql; 5] =
            [&kind, &row.subject.id, &row.content, &row.changed_ms, &user];
        change(self.connection(), sql, &values)?;
        Ok(())
    }

    /// Notes that a user, an environment or a secret is there no more.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn ungoverned(&self, subject: &Subject) -> Result<(), CatalogError> {
        let kind = subject.kind as u8;
        change(self.connection(), "DELETE FROM governed WHERE kind = ?1 AND id = ?2", &[&kind, &subject.id])?;
        Ok(())
    }
}

fn governed_row(row: &Row<'_>) -> rusqlite::Result<GovernedRow> {
    let number: u8 = row.get(0)?;
    let kind = SubjectKind::from_byte(number).ok_or_else(|| unknown(0))?;
    Ok(GovernedRow {
        subject: Subject { kind, id: row.get(1)? },
        content: row.get(2)?,
        changed_ms: row.get(3)?,
        changed_by: row.get(4)?,
    })
}
