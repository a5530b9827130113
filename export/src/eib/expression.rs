//! An analyst's SQL: one expression over the columns of one table, and nothing that reads another table, depends on other
//! rows, or says something else tomorrow.

use super::plan::PlanError;
use crate::tables::{Tables, TablesError, quoted, typed};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, SchemaError, TableReference};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, ExprSchemable, Volatility};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::BTreeSet;

/// Bytes of an expression.
const SQL_BYTES_MAX: usize = 32 << 10;
/// Names, words and operators of an expression, as deep as it can become; texts and numbers of a list do not count.
const SQL_STEPS_MAX: usize = 2_000;

/// Why an expression is refused. Repeats names of columns and functions, and no literal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// Not SQL, or more than one expression.
    #[error("not one SQL expression")]
    Syntax,
    /// Longer than anybody writes.
    #[error("longer than {SQL_BYTES_MAX} bytes")]
    TooLong,
    /// Longer than can be worked out.
    #[error("more than {SQL_STEPS_MAX} names and operators; many values go into one list: IN ('a', 'b')")]
    TooDeep,
    /// A column that is not there.
    #[error(
        "the report has no column {0}; names with spaces or capitals go into double quotes, texts into single ones"
    )]
    NoColumn(String),
    /// A query inside it.
    #[error("holds a query; only the report's own columns may be used")]
    Query,
    /// Something that other rows decide.
    #[error("{0} looks at other rows; only functions of one row may be used")]
    OtherRows(String),
    /// Something that is another thing every time.
    #[error("{0} is not the same every time; write the day or the text itself")]
    Changing(String),
    /// Anything else that is no plain expression.
    #[error("holds something that is no plain expression over columns")]
    NotPlain,
    /// The types do not fit, or a function is not known.
    #[error("cannot be worked out: a function is not known, or types do not fit")]
    Types,
    /// A filter that is neither true nor false.
    #[error("is no condition: it is neither true nor false")]
    NoCondition,
}

/// An expression that was looked through.
#[derive(Clone)]
pub(super) struct Expression {
    /// As it is put into the query: what the parser understood, written out anew.
    pub(super) sql: String,
    /// The table's columns that it reads.
    pub(super) columns: BTreeSet<String>,
    /// What it gives.
    pub(super) kind: DataType,
}

/// Reads expressions over one table.
pub(super) struct Expressions {
    state: SessionState,
    schema: DFSchema,
}

impl Expressions {
    pub(super) fn new(tables: &Tables, table: &str, schema: &Schema) -> Result<Self, DataFusionError> {
        let name = TableReference::bare(table.to_owned());
        let schema = DFSchema::try_from_qualified_schema(name, schema)?;
        Ok(Self { state: tables.context().state(), schema })
    }

    /// A column by its exact name.
    pub(super) fn column(&self, name: &str) -> Result<Expression, ExpressionError> {
        let field = self.schema.field_with_unqualified_name(name);
        let field = field.map_err(|_| ExpressionError::NoColumn(format!("{name:?}")))?;
        let columns = BTreeSet::from([name.to_owned()]);
        Ok(Expression { sql: quoted(name), columns, kind: field.data_type().clone() })
    }

    /// What an analyst wrote.
    pub(super) fn parse(&self, text: &str) -> Result<Expression, ExpressionError> {
        if text.len() > SQL_BYTES_MAX {
            return Err(ExpressionError::TooLong);
        }
        let understood = one_expression(text)?;
        if holds_query(&understood) {
            return Err(ExpressionError::Query);
        }
        // The query is made of what the parser understood, without comments; it has to mean the same.
        let sql = understood.to_string();
        if one_expression(&sql)? != understood {
            return Err(ExpressionError::NotPlain);
        }
        let planned = self.state.create_logical_expr(&sql, &self.schema).map_err(|error| failed(&error))?;
        let mut columns = BTreeSet::new();
        let mut refused = None;
        let walked = planned.apply(|part| {
            refused = plain(part, &mut columns).err();
            Ok(if refused.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        });
        walked.map_err(|_| ExpressionError::NotPlain)?;
        if let Some(error) = refused {
            return Err(error);
        }
        let kind = planned.get_type(&self.schema).map_err(|_| ExpressionError::Types)?;
        Ok(Expression { sql: format!("({sql})"), columns, kind })
    }

    /// A condition.
    pub(super) fn filter(&self, text: &str) -> Result<Expression, ExpressionError> {
        let filter = self.parse(text)?;
        if filter.kind == DataType::Boolean { Ok(filter) } else { Err(ExpressionError::NoCondition) }
    }
}

/// An analyst's condition over the columns of a table, as it can stand behind `WHERE`: in parentheses of its own, without
/// comments, and without a way out of them.
///
/// # Errors
/// [`PlanError::Filter`] for anything else than one condition, and what the table says.
pub fn condition(tables: &Tables, table: &str, text: &str) -> Result<String, PlanError> {
    let schema = tables.query_stream(&format!("SELECT * FROM {} LIMIT 0", quoted(table)))?.schema();
    let reader = Expressions::new(tables, table, &schema).map_err(|_| TablesError::Failed)?;
    Ok(reader.filter(text).map_err(PlanError::Filter)?.sql)
}

fn one_expression(text: &str) -> Result<ast::Expr, ExpressionError> {
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(|_| ExpressionError::Syntax)?;
    // A chain of operators is as deep as it is long, and everything that walks through it takes a stack frame a step.
    if tokens.iter().filter(|token| is_step(&token.token)).count() > SQL_STEPS_MAX {
        return Err(ExpressionError::TooDeep);
    }
    let mut parser = Parser::new(&GenericDialect {}).with_tokens_with_locations(tokens);
    let expression = parser.parse_expr().map_err(|_| ExpressionError::Syntax)?;
    if parser.peek_token().token == Token::EOF { Ok(expression) } else { Err(ExpressionError::Syntax) }
}

fn is_step(token: &Token) -> bool {
    let flat = matches!(token, Token::Whitespace(_) | Token::Comma | Token::Number(..));
    !flat && !matches!(token, Token::SingleQuotedString(_))
}

fn holds_query(expression: &ast::Expr) -> bool {
    struct Queries;
    impl ast::Visitor for Queries {
        type Break = ();
        fn pre_visit_query(&mut self, _: &ast::Query) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    ast::Visit::visit(expression, &mut Queries).is_break()
}

/// Refuses everything but functions of the row's own columns.
fn plain(part: &Expr, columns: &mut BTreeSet<String>) -> Result<(), ExpressionError> {
    match part {
        Expr::Column(column) => {
            columns.insert(column.name.clone());
            Ok(())
        }
        Expr::ScalarFunction(call) => match call.func.signature().volatility {
            Volatility::Immutable => Ok(()),
            _ => Err(ExpressionError::Changing(format!("{}()", call.func.name()))),
        },
        Expr::Literal(..)
        | Expr::BinaryExpr(_)
        | Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::Not(_)
        | Expr::IsNotNull(_)
        | Expr::IsNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Negative(_)
        | Expr::Between(_)
        | Expr::Case(_)
        | Expr::Cast(_)
        | Expr::TryCast(_)
        | Expr::InList(_) => Ok(()),
        Expr::AggregateFunction(call) => Err(ExpressionError::OtherRows(format!("{}()", call.func.name()))),
        Expr::WindowFunction(call) => Err(ExpressionError::OtherRows(format!("{}()", call.fun.name()))),
        Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) => Err(ExpressionError::Query),
        _ => Err(ExpressionError::NotPlain),
    }
}

/// The reason behind what the planner says, whose own words hold literals.
fn failed(error: &DataFusionError) -> ExpressionError {
    match error.find_root() {
        DataFusionError::SchemaError(inner, _) => match inner.as_ref() {
            // What stands in double quotes may be a value that was meant for single ones.
            SchemaError::FieldNotFound { field, .. } => ExpressionError::NoColumn(typed(&field.name)),
            _ => ExpressionError::Types,
        },
        DataFusionError::Diagnostic(_, inner) => failed(inner),
        DataFusionError::Collection(all) => all.first().map_or(ExpressionError::Types, failed),
        DataFusionError::SQL(..) => ExpressionError::Syntax,
        _ => ExpressionError::Types,
    }
}
