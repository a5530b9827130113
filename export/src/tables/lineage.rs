//! Where the columns of an answer come from: which columns of which tables their values are computed from. It decides
//! what is masked: what is not understood comes from everything. Conditions, join keys and orders say which rows are
//! there, not what stands in them: they are not part of it, but columns that they read are listed as read.

use super::query::planned;
use super::{Tables, TablesError};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan, Union, Values, Volatility};
use std::collections::{BTreeMap, BTreeSet};

/// Plans that are nested deeper than this are not looked into: everything comes from everything then.
const DEPTH_MAX: usize = 64;
/// Functions that say how many rows there are, or where one stands among them, and nothing of what stands in them.
const COUNTING: [&str; 8] =
    ["count", "approx_distinct", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile"];

/// Aggregates that give one value for a group, however many rows it has. Others may keep what stands in each row.
const ONE_VALUE: [&str; 28] = [
    "count",
    "sum",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var",
    "var_pop",
    "var_samp",
    "var_sample",
    "covar",
    "covar_pop",
    "covar_samp",
    "corr",
    "bool_and",
    "bool_or",
    "bit_and",
    "bit_or",
    "bit_xor",
    "first_value",
    "last_value",
    "approx_distinct",
    "approx_median",
    "grouping",
];

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseColumn {
    /// The table's name as queries know it, in lower case.
    pub table: String,
    /// The column's name.
    pub column: String,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// What its values are computed from, in order; empty for constants and for what is only counted.
    pub from: Vec<BaseColumn>,
    /// Whether it holds numbers of rows, or places among them, and no value of any column.
    pub counts_only: bool,
}

/// What a query reads, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lineage {
    /// The answer's columns, in order.
    pub columns: Vec<OutputColumn>,
    /// All columns that are read for it, for values and for conditions.
    pub read: Vec<BaseColumn>,
    /// The tables that it names, as queries know them, in lower case.
    pub tables: Vec<String>,
    /// Whether it gives the same each time: it holds no `random()`, `uuid()` or `now()`.
    pub repeatable: bool,
    /// Functions in it that put values of many rows into one, `array_agg` and the like, by name.
    pub packing: Vec<String>,
    /// How often it reads the table that it reads most often: so many rows of it can stand in one row of the answer.
    pub readings: u64,
}

impl Tables {
    /// Says where the columns of a query's answer come from. Reads footers and headings, no row.
    ///
    /// # Errors
    /// [`TablesError::Syntax`], [`TablesError::Plan`] for a query that cannot be run; else as of [`info`](Self::info).
    pub fn lineage(&self, sql: &str) -> std::result::Result<Lineage, TablesError> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        self.work.wait(async move {
            let failed = |error: DataFusionError| TablesError::of(&error);
            let (state, plan) = planned(&context, &sql).await?;
            let columns = columns(&plan).map_err(failed)?;
            let repeatable = repeatable(&plan).map_err(failed)?;
            let (packing, readings) = packing(&plan).map_err(failed)?;
            // What is not needed is cut off there.
            let needed = state.optimize(&plan).map_err(failed)?;
            let read = read(&needed).map_err(failed)?.into_iter().collect();
            let tables = tables(&plan).map_err(failed)?;
            Ok(Lineage { columns, read, tables, repeatable, packing, readings })
        })
    }
}

/// What a value is computed from.
#[derive(Debug, Clone, Default)]
struct Origin {
    from: BTreeSet<BaseColumn>,
    counts: bool,
}

impl Origin {
    fn add(&mut self, other: &Self) {
        self.from.extend(other.from.iter().cloned());
        self.counts |= other.counts;
    }

    fn of_all<'a>(origins: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        origins.into_iter().for_each(|origin| all.add(origin));
        all
    }
}

fn columns(plan: &LogicalPlan) -> Result<Vec<OutputColumn>> {
    let walk = Walk { everything: everything(plan)? };
    let origins = walk.plan(plan, None, 0);
    let output = plan.schema().fields().iter().zip(origins).map(|(field, origin)| OutputColumn {
        name: field.name().clone(),
        counts_only: origin.counts && origin.from.is_empty(),
        from: origin.from.into_iter().collect(),
    });
    Ok(output.collect())
}

/// All columns of all tables of a plan.
fn everything(plan: &LogicalPlan) -> Result<Origin> {
    let mut all = Origin::default();
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            let schema = scan.source.schema();
            all.from.extend(schema.fields().iter().map(|field| base(scan.table_name.table(), field.name())));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all)
}

/// The tables of a plan.
fn tables(plan: &LogicalPlan) -> Result<Vec<String>> {
    let mut tables = BTreeSet::new();
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            tables.insert(scan.table_name.table().to_lowercase());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(tables.into_iter().collect())
}

fn base(table: &str, column: &str) -> BaseColumn {
    BaseColumn { table: table.to_lowercase(), column: column.to_owned() }
}

/// The columns that an optimised plan reads.
fn read(plan: &LogicalPlan) -> Result<BTreeSet<BaseColumn>> {
    let mut read = BTreeSet::new();
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            let table = scan.table_name.table();
            let filters = scan.filters.iter().flat_map(Expr::column_refs);
            read.extend(filters.map(|column| base(table, &column.name)));
            read.extend(scan.projected_schema.fields().iter().map(|field| base(table, field.name())));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(read)
}

fn repeatable(plan: &LogicalPlan) -> Result<bool> {
    let mut repeatable = true;
    plan.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            let changes = |expr: &Expr| match expr {
                Expr::ScalarFunction(function) => {
                    function.func.signature().volatility != Volatility::Immutable
                }
                _ => false,
            };
            repeatable &= !expr.exists(|expr| Ok(changes(expr)))?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(repeatable)
}

/// Functions that put values of many rows into one row, and how often the table is read that is read most often.
fn packing(plan: &LogicalPlan) -> Result<(Vec<String>, u64)> {
    let (mut found, mut readings) = (BTreeSet::new(), BTreeMap::<String, u64>::new());
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            *readings.entry(scan.table_name.table().to_lowercase()).or_default() += 1;
        }
        plan.apply_expressions(|expr| {
            expr.apply(|expr| {
                let (name, known): (_, &[&str]) = match expr {
                    Expr::AggregateFunction(function) => (function.func.name().to_owned(), &ONE_VALUE),
                    // What stands in the rows around can be any of them.
                    Expr::WindowFunction(function) => (function.fun.name().to_owned(), &COUNTING),
                    _ => return Ok(TreeNodeRecursion::Continue),
                };
                if !known.contains(&name.to_lowercase().as_str()) {
                    found.insert(name);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok((found.into_iter().collect(), readings.into_values().max().unwrap_or(0)))
}

/// The columns that an expression may name, what they come from, and those of the query around it.
struct Scope<'a> {
    schema: &'a DFSchema,
    origins: &'a [Origin],
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    /// Every column that may be meant; none when there is none.
    fn find(&self, column: &Column) -> Option<Origin> {
        let places = match &column.relation {
            Some(_) => self.schema.maybe_index_of_column(column).into_iter().collect(),
            None => {
                let fields = self.schema.fields().iter().enumerate();
                fields.filter(|(_, field)| *field.name() == column.name).map(|(at, _)| at).collect::<Vec<_>>()
            }
        };
        let origins: Option<Vec<&Origin>> = places.iter().map(|&at| self.origins.get(at)).collect();
        origins.filter(|origins| !origins.is_empty()).map(Origin::of_all)
    }

    fn find_outside(&self, column: &Column) -> Option<Origin> {
        let outer = self.outer?;
        outer.find(column).or_else(|| outer.find_outside(column))
    }
}

struct Walk {
    /// What stands for what is not understood.
    everything: Origin,
}

impl Walk {
    /// What each column of a plan comes from.
    fn plan(&self, plan: &LogicalPlan, outer: Option<&Scope<'_>>, depth: usize) -> Vec<Origin> {
        let width = plan.schema().fields().len();
        let known = if depth < DEPTH_MAX { self.known(plan, outer, depth + 1) } else { None };
        match known {
            Some(origins) if origins.len() == width => origins,
            _ => vec![self.everything.clone(); width],
        }
    }

    /// The same, if it is understood.
    fn known(&self, plan: &LogicalPlan, outer: Option<&Scope<'_>>, depth: usize) -> Option<Vec<Origin>> {
        let under = |input: &LogicalPlan| self.plan(input, outer, depth);
        match plan {
            LogicalPlan::Filter(filter) => Some(under(&filter.input)),
            LogicalPlan::Sort(sort) => Some(under(&sort.input)),
            LogicalPlan::Limit(limit) => Some(under(&limit.input)),
            LogicalPlan::Repartition(part) => Some(under(&part.input)),
            LogicalPlan::SubqueryAlias(alias) => Some(under(&alias.input)),
            LogicalPlan::Subquery(query) => Some(under(&query.subquery)),
            LogicalPlan::Distinct(Distinct::All(input)) => Some(under(input)),
            LogicalPlan::Distinct(Distinct::On(on)) => {
                Some(self.computed(&on.input, &on.select_expr, outer, depth))
            }
            LogicalPlan::Projection(made) => Some(self.computed(&made.input, &made.expr, outer, depth)),
            LogicalPlan::Window(window) => {
                let mut origins = under(&window.input);
                let scope = Scope { schema: window.input.schema(), origins: &origins, outer };
                let more: Vec<_> =
                    window.window_expr.iter().map(|expr| self.expr(expr, &scope, depth)).collect();
                origins.extend(more);
                Some(origins)
            }
            LogicalPlan::Aggregate(aggregate) => Some(self.aggregate(aggregate, outer, depth)),
            LogicalPlan::Join(join) => self.join(join, outer, depth),
            LogicalPlan::Union(union) => self.union(union, outer, depth),
            LogicalPlan::TableScan(scan) => {
                let table = scan.table_name.table();
                let fields = scan.projected_schema.fields().iter();
                let origin = |column: &str| Origin { from: [base(table, column)].into(), counts: false };
                Some(fields.map(|field| origin(field.name())).collect())
            }
            LogicalPlan::EmptyRelation(empty) => Some(vec![Origin::default(); empty.schema.fields().len()]),
            LogicalPlan::Values(values) => Some(self.values(values, outer, depth)),
            // Names and types of columns, no value.
            LogicalPlan::DescribeTable(table) => {
                Some(vec![Origin::default(); table.output_schema.fields().len()])
            }
            _ => None,
        }
    }

    fn computed(
        &self,
        input: &LogicalPlan,
        exprs: &[Expr],
        outer: Option<&Scope<'_>>,
        depth: usize,
    ) -> Vec<Origin> {
        let origins = self.plan(input, outer, depth);
        let scope = Scope { schema: input.schema(), origins: &origins, outer };
        exprs.iter().map(|expr| self.expr(expr, &scope, depth)).collect()
    }

    fn aggregate(&self, aggregate: &Aggregate, outer: Option<&Scope<'_>>, depth: usize) -> Vec<Origin> {
        // The input once: twice at every level would be 2^levels.
        let input = self.plan(&aggregate.input, outer, depth);
        let scope = Scope { schema: aggregate.input.schema(), origins: &input, outer };
        let of = |exprs: &[Expr]| -> Vec<Origin> {
            exprs.iter().map(|expr| self.expr(expr, &scope, depth)).collect()
        };
        let (groups, values) = (of(&aggregate.group_expr), of(&aggregate.aggr_expr));
        let width = aggregate.schema.fields().len().saturating_sub(values.len());
        let plain = !matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]);
        let mut origins = if plain && groups.len() == width {
            groups
        } else {
            // Sets of groups, and a column that tells them apart.
            vec![Origin::of_all(&groups); width]
        };
        origins.extend(values);
        origins
    }

    fn join(&self, join: &Join, outer: Option<&Scope<'_>>, depth: usize) -> Option<Vec<Origin>> {
        let mut left = self.plan(&join.left, outer, depth);
        // The right side may look at the left one's row (LATERAL).
        let beside = Scope { schema: join.left.schema(), origins: &left, outer };
        let right = self.plan(&join.right, Some(&beside), depth);
        match join.join_type {
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => left.extend(right),
            JoinType::LeftSemi | JoinType::LeftAnti => {}
            JoinType::RightSemi | JoinType::RightAnti => left = right,
            // Whether there is a match: made by the optimiser only.
            _ => return None,
        }
        Some(left)
    }

    fn union(&self, union: &Union, outer: Option<&Scope<'_>>, depth: usize) -> Option<Vec<Origin>> {
        let width = union.schema.fields().len();
        let mut origins = vec![Origin::default(); width];
        for input in &union.inputs {
            let more = self.plan(input, outer, depth);
            if more.len() != width {
                return None;
            }
            origins.iter_mut().zip(&more).for_each(|(origin, more)| origin.add(more));
        }
        Some(origins)
    }

    fn values(&self, values: &Values, outer: Option<&Scope<'_>>, depth: usize) -> Vec<Origin> {
        let nothing = DFSchema::empty();
        let scope = Scope { schema: &nothing, origins: &[], outer };
        let mut origins = vec![Origin::default(); values.schema.fields().len()];
        for row in &values.values {
            for (origin, expr) in origins.iter_mut().zip(row) {
                origin.add(&self.expr(expr, &scope, depth));
            }
        }
        origins
    }

    /// What an expression is computed from.
    fn expr(&self, expr: &Expr, scope: &Scope<'_>, depth: usize) -> Origin {
        let mut origin = Origin::default();
        let walked = expr.apply(|expr| {
            let (more, next) = self.leaf(expr, scope, depth);
            if let Some(more) = more {
                origin.add(&more);
            }
            Ok(next)
        });
        // What makes columns of a row, or rows of a value, is not walked; nothing here fails otherwise.
        if walked.is_err() { self.everything.clone() } else { origin }
    }

    /// What a part of an expression adds, and whether its own parts are looked at as well.
    fn leaf(&self, expr: &Expr, scope: &Scope<'_>, depth: usize) -> (Option<Origin>, TreeNodeRecursion) {
        use TreeNodeRecursion::{Continue, Jump};
        let known = |found: Option<Origin>| found.or_else(|| Some(self.everything.clone()));
        match expr {
            Expr::Column(column) => (known(scope.find(column)), Continue),
            Expr::OuterReferenceColumn(_, column) => (known(scope.find_outside(column)), Continue),
            Expr::AggregateFunction(function) => {
                let AggregateFunction { func, params } = function;
                (Some(self.function(func.name(), &params.args, scope, depth)), Jump)
            }
            Expr::WindowFunction(function) => {
                let WindowFunction { fun, params } = function.as_ref();
                (Some(self.function(fun.name(), &params.args, scope, depth)), Jump)
            }
            Expr::ScalarSubquery(query) => {
                (Some(Origin::of_all(&self.plan(&query.subquery, Some(scope), depth))), Continue)
            }
            // Whether something is among other rows says what stands in them; the rest is not understood here.
            #[expect(deprecated, reason = "planners may still make it")]
            Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::SetComparison(_)
            | Expr::Wildcard { .. }
            | Expr::Placeholder(_)
            | Expr::ScalarVariable(..)
            | Expr::Unnest(_)
            | Expr::Lambda(_)
            | Expr::LambdaVariable(_)
            | Expr::HigherOrderFunction(_) => (Some(self.everything.clone()), Jump),
            _ => (None, Continue),
        }
    }

    /// What a function over rows is computed from: its arguments, not its conditions, its groups or its order.
    fn function(&self, name: &str, args: &[Expr], scope: &Scope<'_>, depth: usize) -> Origin {
        if COUNTING.contains(&name) {
            return Origin { counts: true, ..Origin::default() };
        }
        Origin::of_all(&args.iter().map(|arg| self.expr(arg, scope, depth)).collect::<Vec<_>>())
    }
}
