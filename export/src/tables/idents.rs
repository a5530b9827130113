//! Plans a query. Headings have capitals, and SQL reads names without quotes in lower case: `SELECT salary` means the column `Salary`
//! where there is no `salary`. Only what cannot be run otherwise is read so.

use super::told::Told;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, SelectItem, SetExpr, TableFactor, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Unions and joins of a query at most: each makes its plan one level deeper, and a stack ends somewhere.
const CHAIN_MAX: usize = 200;
/// Operators of a query at most: a chain of them is as deep as it is long.
const OPERATORS_MAX: usize = 3_000;

/// Plans a query; one whose columns are not there is read once more, with names in the case they have.
pub(super) async fn plan(
    context: &SessionContext,
    state: &SessionState,
    sql: &str,
) -> Result<LogicalPlan, DataFusionError> {
    if chain(sql) > CHAIN_MAX {
        return Err(DataFusionError::Plan("too many unions and joins".to_owned()));
    }
    if operators(sql) > OPERATORS_MAX {
        return Err(DataFusionError::Plan("too many operators".to_owned()));
    }
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect)?;
    let error = match state.statement_to_plan(statement.clone()).await {
        Err(error) if Told::is_missing_column(&error) => error,
        planned => return planned,
    };
    match respelt(context, state, statement).await {
        // What is wrong still is what is told.
        Some(statement) => state.statement_to_plan(statement).await,
        None => Err(error),
    }
}

/// How many unions and joins a query has. What is no SQL has none: its parser will say what is wrong.
fn chain(sql: &str) -> usize {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    let links = tokens.iter().filter(|token| {
        let Token::Word(word) = token else { return false };
        matches!(
            word.keyword,
            Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS | Keyword::JOIN
        )
    });
    links.count()
}

/// How many operators a query has, `AND` and `OR` among them; what stands in lists, and names, are none.
fn operators(sql: &str) -> usize {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    let is_operator = |token: &&Token| match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::IS | Keyword::LIKE),
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::Number(..) => false,
        Token::SingleQuotedString(_) | Token::LParen | Token::RParen => false,
        _ => true,
    };
    tokens.iter().filter(is_operator).count()
}

async fn respelt(
    context: &SessionContext,
    state: &SessionState,
    mut statement: Statement,
) -> Option<Statement> {
    let mut names = Names::default();
    for table in state.resolve_table_references(&statement).ok()? {
        // Names of subqueries are among them.
        if let Ok(table) = context.table_provider(table).await {
            table.schema().fields().iter().for_each(|field| names.add(field.name()));
        }
    }
    let Statement::Statement(inner) = &mut statement else { return None };
    let mut given = Given::default();
    let _ = Visit::visit(inner.as_ref(), &mut given);
    names.spellings.retain(|name, _| !given.0.contains(name));
    let _ = VisitMut::visit(inner.as_mut(), &mut names);
    names.changed.then_some(statement)
}

/// Columns by their name in lower case; none for names that differ in nothing but case, or that need no help.
#[derive(Default)]
struct Names {
    spellings: BTreeMap<String, Option<String>>,
    changed: bool,
}

impl Names {
    fn add(&mut self, name: &str) {
        let lower = name.to_lowercase();
        let spelling = (lower != name).then(|| name.to_owned());
        let before = self.spellings.entry(lower).or_insert_with(|| spelling.clone());
        if *before != spelling {
            *before = None;
        }
    }

    fn respell(&mut self, ident: &mut Ident) {
        if ident.quote_style.is_some() {
            return;
        }
        if let Some(Some(name)) = self.spellings.get(&ident.value.to_lowercase()) {
            *ident = Ident { value: name.clone(), quote_style: Some('"'), span: ident.span };
            self.changed = true;
        }
    }
}

impl VisitorMut for Names {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.respell(ident),
            Expr::CompoundIdentifier(parts) => {
                if let Some(last) = parts.last_mut() {
                    self.respell(last);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Names that the query itself gives to columns: what bears one of them is left alone.
#[derive(Default)]
struct Given(BTreeSet<String>);

impl Given {
    fn add(&mut self, ident: &Ident) {
        self.0.insert(ident.value.to_lowercase());
    }

    fn of(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => select.projection.iter().for_each(|item| {
                if let SelectItem::ExprWithAlias { alias, .. } = item {
                    self.add(alias);
                }
            }),
            SetExpr::SetOperation { left, right, .. } => {
                [left, right].into_iter().for_each(|side| self.of(side));
            }
            // A query in brackets is visited by itself.
            _ => {}
        }
    }
}

impl Visitor for Given {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.of(&query.body);
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            table.alias.columns.iter().for_each(|column| self.add(&column.name));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. } = table
        {
            alias.columns.iter().for_each(|column| self.add(&column.name));
        }
        ControlFlow::Continue(())
    }
}
