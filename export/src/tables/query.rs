//! Questions in SQL: what they answer, row by row.

use super::idents;
use super::work::Rows;
use super::{Tables, TablesError};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::context::{SQLOptions, SessionState};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::ops::ControlFlow;

impl Tables {
    /// Runs one query and hands its rows over, a batch at a time, until they end or `each` breaks. The result's columns
    /// are what it gives back. Only questions are answered: what would change, write or set anything is refused. Rows
    /// come in no order unless the query says one.
    ///
    /// # Errors
    /// [`TablesError::Syntax`], [`TablesError::Plan`] for a query that cannot be run; [`TablesError::Memory`] when it
    /// needs more than the limit; [`TablesError::Value`] when a value is not what a function wants; else as of
    /// [`info`](Self::info). What was handed over before an error is to be thrown away.
    pub fn query(
        &self,
        sql: &str,
        each: &mut dyn FnMut(&RecordBatch) -> ControlFlow<()>,
    ) -> Result<SchemaRef, TablesError> {
        let rows = self.start(sql, false)?;
        let schema = SchemaRef::clone(rows.schema());
        hand_over(rows, each)?;
        Ok(schema)
    }

    /// Starts one query, as [`query`](Self::query) does; whoever holds the answer asks it for rows. Works on one thread
    /// (and one for each file that is read), so that the order is the same every time: without `ORDER BY`, rows of one
    /// table that are filtered and computed come in that table's order. Joins keep the order of no side: let such a
    /// query say its order.
    ///
    /// # Errors
    /// As of [`query`](Self::query), as far as they show before the first row.
    pub fn query_stream(&self, sql: &str) -> Result<QueryRows, TablesError> {
        Ok(QueryRows(self.start(sql, true)?))
    }

    fn start(&self, sql: &str, ordered: bool) -> Result<Rows, TablesError> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        self.work.start(async move {
            let failed = |error: DataFusionError| TablesError::of(&error);
            let (mut state, plan) = planned(&context, &sql).await?;
            if ordered {
                // Rows of several partitions come as they are ready.
                state.config_mut().options_mut().execution.target_partitions = 1;
            }
            let batches = DataFrame::new(state, plan).execute_stream().await.map_err(failed)?;
            Ok((batches.schema(), batches.map_err(failed).boxed()))
        })
    }
}

/// What a query means, and the state that it was planned in.
pub(super) async fn planned(
    context: &SessionContext,
    sql: &str,
) -> Result<(SessionState, LogicalPlan), TablesError> {
    let failed = |error: DataFusionError| TablesError::of(&error);
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let state = context.state();
    let plan = idents::plan(context, &state, sql).await.map_err(failed)?;
    options.verify_plan(&plan).map_err(failed)?;
    Ok((state, plan))
}

/// Hands rows over until they end or `each` breaks; says how many.
pub(super) fn hand_over(
    mut rows: Rows,
    each: &mut dyn FnMut(&RecordBatch) -> ControlFlow<()>,
) -> Result<u64, TablesError> {
    let mut count = 0;
    while let Some(batch) = rows.next()? {
        count += batch.num_rows() as u64;
        if each(&batch).is_break() {
            break;
        }
    }
    Ok(count)
}

/// The rows of a query, batch by batch; blocks until the next one is there. What came before an error is to be thrown
/// away, and after one comes nothing. Dropped, it ends the query.
pub struct QueryRows(Rows);

impl QueryRows {
    /// The answer's columns.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(self.0.schema())
    }
}

impl Iterator for QueryRows {
    type Item = Result<RecordBatch, TablesError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().transpose()
    }
}

impl fmt::Debug for QueryRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryRows").finish_non_exhaustive()
    }
}
