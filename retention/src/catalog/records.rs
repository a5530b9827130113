//! Plans, approvals and sweeps: what is asked about them and what is written of them.

use super::error::CatalogError;
use super::rows::{ApprovalRow, PlanRow, PlanState, SweepRow};
use super::view::{View, change, unknown};
use super::writes::{Writes, checked_user, checked_word};
use crate::item::ItemId;
use rusqlite::Row;

const PLAN: &str = "SELECT hash, what, created_ms, planned_by, state FROM plan";
const APPROVAL: &str = "SELECT id, plan, what, approver, approved_ms, expires_ms, spent_ms FROM approval";

impl View {
    /// A plan by its hash.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn plan(&self, hash: &[u8; 32]) -> Result<Option<PlanRow>, CatalogError> {
        self.one(&format!("{PLAN} WHERE hash = ?1"), [hash], plan_row)
    }

    /// All plans that are open, the oldest first.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn open_plans(&self) -> Result<Vec<PlanRow>, CatalogError> {
        self.all(&format!("{PLAN} WHERE state = 0 ORDER BY created_ms, hash"), [], plan_row)
    }

    /// An approval by its ID.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn approval(&self, id: &[u8; 32]) -> Result<Option<ApprovalRow>, CatalogError> {
        self.one(&format!("{APPROVAL} WHERE id = ?1"), [id], approval_row)
    }

    /// All approvals of a plan, the oldest first.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn approvals(&self, plan: &[u8; 32]) -> Result<Vec<ApprovalRow>, CatalogError> {
        self.all(&format!("{APPROVAL} WHERE plan = ?1 ORDER BY approved_ms, id"), [plan], approval_row)
    }

    /// The sweeps that ended last, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn last_sweeps(&self, limit: usize) -> Result<Vec<SweepRow>, CatalogError> {
        let sql = "SELECT id, started_ms, ended_ms, exit_code, items, size_bytes FROM sweep \
                   ORDER BY sweep DESC LIMIT ?1";
        self.all(sql, [limit], |row| {
            Ok(SweepRow {
                id: ItemId(row.get(0)?),
                started_ms: row.get(1)?,
                ended_ms: row.get(2)?,
                exit_code: row.get(3)?,
                items: row.get(4)?,
                size_bytes: row.get(5)?,
            })
        })
    }
}

impl Writes<'_> {
    /// Notes a plan. One that is open stays as it is; one that was carried out or given up is open again: the same was
    /// planned anew.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] and [`CatalogError::Database`].
    pub fn plan_made(&self, plan: &PlanRow) -> Result<(), CatalogError> {
        let sql = "INSERT INTO plan VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET what = excluded.what, \
                   created_ms = excluded.created_ms, planned_by = excluded.planned_by, state = excluded.state \
                   WHERE state <> 0";
        let what = checked_word("plan's purpose", &plan.what)?;
        let user = checked_user(&plan.planned_by)?;
        let state = plan.state as u8;
        change(self.connection(), sql, &[&plan.hash, &what, &plan.created_ms, &user, &state])?;
        Ok(())
    }

    /// Notes that a plan was carried out, whatever became of it before. Says whether there is such a plan.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn plan_applied(&self, hash: &[u8; 32]) -> Result<bool, CatalogError> {
        Ok(change(self.connection(), "UPDATE plan SET state = 1 WHERE hash = ?1", &[hash])? > 0)
    }

    /// Notes that a plan was given up, if it is open. Says whether it was.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn plan_dropped(&self, hash: &[u8; 32]) -> Result<bool, CatalogError> {
        Ok(change(self.connection(), "UPDATE plan SET state = 2 WHERE hash = ?1 AND state = 0", &[hash])? > 0)
    }

    /// Notes an approval; one that is known stays as it is.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] and [`CatalogError::Database`].
    pub fn approved(&self, approval: &ApprovalRow) -> Result<(), CatalogError> {
        let sql = "INSERT INTO approval VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
        let what = checked_word("approval's purpose", &approval.what)?;
        let user = checked_user(&approval.approver)?;
        let times = (&approval.approved_ms, &approval.expires_ms, &approval.spent_ms);
        let values: [&dyn rusqlite::ToSql; 7] =
            [&approval.id, &approval.plan, &what, &user, times.0, times.1, times.2];
        change(self.connection(), sql, &values)?;
        Ok(())
    }

    /// Spends an approval. Says whether this did: `false` for one that was spent before, or is none.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn approval_spent(&self, id: &[u8; 32], ms: u64) -> Result<bool, CatalogError> {
        let sql = "UPDATE approval SET spent_ms = ?2 WHERE id = ?1 AND spent_ms IS NULL";
        Ok(change(self.connection(), sql, &[id, &ms])? > 0)
    }

    /// Notes a sweep that has ended; one that is known stays as it is.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn swept(&self, sweep: &SweepRow) -> Result<(), CatalogError> {
        let sql = "INSERT INTO sweep (id, started_ms, ended_ms, exit_code, items, size_bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let values: [&dyn rusqlite::ToSql; 6] = [
            &sweep.id.0,
            &sweep.started_ms,
            &sweep.ended_ms,
            &sweep.exit_code,
            &sweep.items,
            &sweep.size_bytes,
        ];
        change(self.connection(), sql, &values)?;
        Ok(())
    }
}

fn plan_row(row: &Row<'_>) -> rusqlite::Result<PlanRow> {
    let number: u8 = row.get(4)?;
    let states = [PlanState::Open, PlanState::Applied, PlanState::Dropped];
    let state = states.into_iter().find(|state| *state as u8 == number).ok_or_else(|| unknown(4))?;
    Ok(PlanRow {
        hash: row.get(0)?,
        what: row.get(1)?,
        created_ms: row.get(2)?,
        planned_by: row.get(3)?,
        state,
    })
}

fn approval_row(row: &Row<'_>) -> rusqlite::Result<ApprovalRow> {
    Ok(ApprovalRow {
        id: row.get(0)?,
        plan: row.get(1)?,
        what: row.get(2)?,
        approver: row.get(3)?,
        approved_ms: row.get(4)?,
        expires_ms: row.get(5)?,
        spent_ms: row.get(6)?,
    })
}
