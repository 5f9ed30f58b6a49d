//! Many new rows as one array for each column, as `PostgreSQL` takes them: the statement says the same
//! for any number of rows, where a list of rows names, parses and plans each of their values.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::ValueType;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::{Arguments, Encode, Postgres, Type};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

/// The columns of these rows. Fails where a column holds what no array is made of here.
pub(crate) fn arrays(rows: &[&[Value]]) -> Result<PgArguments, DbErr> {
    let mut arrays = PgArguments::default();
    let width = rows.first().map_or(0, |row| row.len());
    for place in 0..width {
        let column = rows.iter().map(|row| row[place].clone());
        match &rows[0][place] {
            Value::Bool(_) => add::<bool>(&mut arrays, column),
            Value::Int(_) => add::<i32>(&mut arrays, column),
            Value::BigInt(_) => add::<i64>(&mut arrays, column),
            Value::String(_) => add::<String>(&mut arrays, column),
            Value::Uuid(_) => add::<Uuid>(&mut arrays, column),
            Value::ChronoDate(_) => add::<NaiveDate>(&mut arrays, column),
            Value::ChronoDateTimeUtc(_) => add::<DateTime<Utc>>(&mut arrays, column),
            other => Err(DbErr::Type(format!("no array is made of {other:?}"))),
        }?;
    }
    Ok(arrays)
}

fn add<T>(arrays: &mut PgArguments, column: impl Iterator<Item = Value>) -> Result<(), DbErr>
where
    Option<T>: ValueType,
    Vec<Option<T>>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    let cells = column.map(<Option<T> as ValueType>::try_from);
    let cells: Vec<Option<T>> = cells
        .collect::<Result<_, _>>()
        .map_err(|_| DbErr::Type("a column holds two types".into()))?;
    let added = arrays.add(cells);
    added.map_err(|error| DbErr::Type(error.to_string()))
}
