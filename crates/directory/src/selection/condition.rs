//! What a filter asks of the values, as SQL.

use scim::{Attribute, CompareOp, Field, Kind, Operand, Predicate, Schema};

use super::Literals;
use super::compare::{self, Asked};
use super::field::{Elements, Source, nodes, source};
use super::joined::{Condition, joined};
use super::lookup::{indexed, named_value};

/// The condition that a filter makes on `r`.
pub(crate) fn condition(kind: Kind, filter: &Predicate<'_>, literals: &mut Literals) -> String {
    Writer { kind, scope: Scope::Elements(Elements::Json), literals }.condition(filter, true).sql
}

/// What [`Field::Sub`] and [`Field::Itself`] speak of.
#[derive(Clone, Copy)]
enum Scope<'p> {
    /// An element of a multi-valued attribute, `e`.
    Elements(Elements),
    /// The one value of an attribute.
    Value { extension: Option<&'p Schema>, attribute: &'p Attribute },
}

struct Writer<'w, 'p> {
    kind: Kind,
    scope: Scope<'p>,
    literals: &'w mut Literals,
}

impl<'p> Writer<'_, 'p> {
    /// The filter, or its opposite where it is not to hold. `not` goes down to the comparisons (De Morgan), where it
    /// costs no level of D1's depth of expressions.
    fn condition(&mut self, filter: &Predicate<'p>, holds: bool) -> Condition {
        match filter {
            Predicate::And(terms) => self.junction(terms, !holds, holds),
            Predicate::Or(terms) => self.junction(terms, holds, holds),
            Predicate::Not(term) => self.condition(term, !holds),
            Predicate::Present { field } => Condition::new(self.present(field)).or_opposite(holds),
            Predicate::Compare { field, op, operand } => {
                Condition::new(self.compare(field, *op, operand)).or_opposite(holds)
            }
            Predicate::Element { extension, attribute, filter } => {
                self.element(*extension, attribute, filter).or_opposite(holds)
            }
        }
    }

    /// Any or all of the terms hold, or do not. Comparisons of one field with many texts are one term, so that a
    /// long list meets no limit of D1.
    fn junction(&mut self, terms: &[Predicate<'p>], any: bool, holds: bool) -> Condition {
        let mut lists: Vec<(&Field<'p>, CompareOp, Vec<&str>)> = Vec::new();
        let mut conditions = Vec::new();
        for term in terms {
            match without_not(term, holds) {
                // Any of them holds, or none does.
                (Predicate::Compare { field, op, operand: operand @ Operand::Text { .. } }, holds)
                    if holds == any =>
                {
                    let other = text(operand);
                    match lists.iter_mut().find(|(of, by, _)| *of == field && by == op) {
                        Some((_, _, others)) => others.push(other),
                        None => lists.push((field, *op, vec![other])),
                    }
                }
                (other, holds) => conditions.push(self.condition(other, holds)),
            }
        }
        for (field, op, others) in lists {
            conditions.push(Condition::new(self.texts(field, op, &others)).or_opposite(any));
        }
        joined(conditions, if any { " OR " } else { " AND " })
    }

    /// A value of the field compares so with one of the texts.
    fn texts(&mut self, field: &Field<'p>, op: CompareOp, others: &[&str]) -> String {
        let field = self.in_scope(field);
        match others {
            _ if op == CompareOp::Eq => {
                let is_one = match self.is_location(&field) {
                    true => self.is_one(&others.iter().map(|url| resource_path(url)).collect::<Vec<_>>()),
                    false => self.is_one(others),
                };
                indexed(self.kind, &field, &is_one).unwrap_or_else(|| {
                    self.some_value(&field, Asked::Text, |value| format!("{value} {is_one}"))
                })
            }
            // Every text ends with nothing; `substr` from the place -0 is all of it.
            others if others.contains(&"") && op.is_substring() => {
                self.some_value(&field, Asked::Text, |value| format!("{value} IS NOT NULL"))
            }
            [other] => {
                let other = self.literals.one(*other);
                self.some_value(&field, Asked::Text, |value| compare::texts(value, op, &other))
            }
            others => {
                let others = self.literals.several(others);
                self.some_value(&field, Asked::Text, |value| {
                    let compares = compare::texts(value, op, "wanted.value");
                    format!("EXISTS (SELECT 1 FROM {others} AS wanted WHERE {compares})")
                })
            }
        }
    }

    /// Whether the values are URLs of resources, of which a row knows the path.
    fn is_location(&self, field: &Field<'_>) -> bool {
        let refers = |elements| matches!(elements, Elements::Members | Elements::Groups);
        match (field, self.scope) {
            (Field::Declared { extension: None, attribute, sub: Some(sub) }, _) => {
                attribute.is("meta") && sub.is("location")
                    || refers(Elements::of(self.kind, false, attribute)) && sub.is("$ref")
            }
            (Field::Sub(sub), Scope::Elements(elements)) => refers(elements) && sub.is("$ref"),
            _ => false,
        }
    }

    /// What stands behind a value that is one of these.
    fn is_one(&mut self, others: &[&str]) -> String {
        match others {
            [other] => format!("= {}", self.literals.one(*other)),
            others => format!("IN (SELECT value FROM {})", self.literals.several(others)),
        }
    }

    fn compare(&mut self, field: &Field<'p>, op: CompareOp, operand: &Operand) -> String {
        match operand {
            Operand::Text { .. } => self.texts(field, op, &[text(operand)]),
            Operand::Boolean(other) => {
                let (field, other) = (self.in_scope(field), i32::from(*other));
                self.some_value(&field, Asked::Boolean, |value| format!("{value} = {other}"))
            }
            Operand::Number(other) => {
                let (field, other) = (self.in_scope(field), self.literals.one(*other));
                self.some_value(&field, Asked::Number, |value| compare::numbers(value, op, &other))
            }
            Operand::Instant(other) => {
                let (field, other) = (self.in_scope(field), self.literals.one(other.0));
                self.some_value(&field, Asked::Number, |value| compare::instants(value, op, &other))
            }
        }
    }

    /// RFC 7644 table 3, `pr`: a non-empty value, or a non-empty node within a complex one.
    fn present(&mut self, field: &Field<'p>) -> String {
        let field = self.in_scope(field);
        if let Some(nodes) = nodes(self.kind, &field, self.literals) {
            return format!("EXISTS (SELECT 1 FROM {nodes} AS node WHERE node.atom <> '')");
        }
        match self.source(&field) {
            Source::Scalar(value) => format!("{value} <> ''"),
            Source::Rows { from, value, .. } => format!("EXISTS (SELECT 1 FROM {from}{value} <> '')"),
        }
    }

    /// Some value of the field meets `asked`.
    fn some_value(&mut self, field: &Field<'p>, of: Asked, asked: impl Fn(&str) -> String) -> String {
        match self.source(field) {
            Source::Scalar(value) => asked(&value),
            Source::Rows { from, value, kind, .. } => {
                let typed = kind.map(|kind| of.condition(&kind)).unwrap_or_default();
                format!("EXISTS (SELECT 1 FROM {from}{typed}{})", asked(&value))
            }
        }
    }

    /// A value path: one element meets all of the filter.
    fn element(
        &mut self,
        extension: Option<&'p Schema>,
        attribute: &'p Attribute,
        filter: &Predicate<'p>,
    ) -> Condition {
        if !attribute.multi_valued {
            return self.only_value(extension, attribute, filter);
        }
        let elements = Elements::of(self.kind, extension.is_some(), attribute);
        let from = elements.from(&path(extension, attribute), self.kind, self.literals);
        let inner = self.scoped(Scope::Elements(elements), filter);
        let exists =
            inner.within(|inner| format!("EXISTS (SELECT 1 FROM {from} WHERE {}{inner})", elements.join()));
        // What names a `value` is looked up by it before the rest is asked.
        let value = Field::Declared { extension, attribute, sub: attribute.sub_attribute("value") };
        let named = named_value(filter).map(|value| self.is_one(&[value]));
        match named.and_then(|is_one| indexed(self.kind, &value, &is_one)) {
            Some(lookup) => exists.within(|exists| format!("({lookup} AND {exists})")),
            None => exists,
        }
    }

    /// A value path of an attribute with one value: that is the element.
    fn only_value(
        &mut self,
        extension: Option<&'p Schema>,
        attribute: &'p Attribute,
        filter: &Predicate<'p>,
    ) -> Condition {
        let whole = Field::Declared { extension, attribute, sub: None };
        let exists = self.some_value(&whole, Asked::Text, |value| format!("{value} IS NOT NULL"));
        let inner = self.scoped(Scope::Value { extension, attribute }, filter);
        inner.within(|inner| format!("({exists} AND {inner})"))
    }

    fn scoped(&mut self, scope: Scope<'p>, filter: &Predicate<'p>) -> Condition {
        let outer = std::mem::replace(&mut self.scope, scope);
        let inner = self.condition(filter, true);
        self.scope = outer;
        inner
    }

    /// The field as one of the resource, where that is possible.
    fn in_scope(&self, field: &Field<'p>) -> Field<'p> {
        match (self.scope, field) {
            (Scope::Value { extension, attribute }, Field::Sub(sub)) => {
                Field::Declared { extension, attribute, sub: Some(sub) }
            }
            (Scope::Value { extension, attribute }, Field::Itself(_)) => {
                Field::Declared { extension, attribute, sub: None }
            }
            (_, field) => field.clone(),
        }
    }

    fn source(&mut self, field: &Field<'p>) -> Source {
        let elements = match self.scope {
            Scope::Elements(elements) => elements,
            Scope::Value { .. } => Elements::Json,
        };
        source(self.kind, field, elements, self.literals)
    }
}

/// The term within any number of `not`, and whether it is to hold.
fn without_not<'f, 'p>(term: &'f Predicate<'p>, holds: bool) -> (&'f Predicate<'p>, bool) {
    match term {
        Predicate::Not(inner) => without_not(inner, !holds),
        other => (other, holds),
    }
}

/// The end of a resource's URL, `/Users/2819c223`, whatever base the client knows the service under.
fn resource_path(url: &str) -> &str {
    let start = url.rmatch_indices('/').nth(1).map(|(at, _)| at);
    start.and_then(|at| url.get(at..)).unwrap_or(url)
}

/// The keys that lead to an attribute.
pub(super) fn path<'p>(extension: Option<&'p Schema>, attribute: &'p Attribute) -> Vec<&'p str> {
    extension.map(|schema| schema.id.as_str()).into_iter().chain([attribute.name.as_str()]).collect()
}

/// The text in the form in which the column or JSON has it.
pub(super) fn text(operand: &Operand) -> &str {
    match operand {
        Operand::Text { exact, case_exact: true, .. } => exact,
        Operand::Text { folded, .. } => folded,
        _ => "",
    }
}
