//! The comparisons of a filter, as SQL.

use scim::{Attribute, CompareOp, Field, Kind, Memberships, Operand, Predicate, Schema};

use super::compare::{self, ValueType, text};
use super::field::{Elements, Source, nodes, path, source};
use super::groups::{self, Way};
use super::indexed::{indexed, led_by, named_value};
use super::joined::{Condition, joined};
use super::needs::Needs;

/// Returns the condition that a filter makes on `r`.
pub(crate) fn condition(kind: Kind, filter: &Predicate<'_>, needs: &mut Needs) -> String {
    Writer { kind, scope: Scope::Elements(Elements::Json), needs }.condition(filter, true).sql
}

/// What [`Field::Sub`] and [`Field::Itself`] refer to.
#[derive(Clone, Copy)]
enum Scope<'p> {
    /// An element of a multi-valued attribute, `e`.
    Elements(Elements),
    /// The single value of an attribute.
    Value { extension: Option<&'p Schema>, attribute: &'p Attribute },
}

struct Writer<'w, 'p> {
    kind: Kind,
    scope: Scope<'p>,
    needs: &'w mut Needs,
}

impl<'p> Writer<'_, 'p> {
    /// Returns the condition of the filter, or its opposite if `holds` is false. `not` is pushed down to the
    /// comparisons (De Morgan), where it adds no level to D1's depth of expressions.
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

    /// Returns the condition that any or all of the terms hold, or the opposite. Comparisons of one field with many
    /// texts become one term, so that a long list exceeds no limit of D1.
    fn junction(&mut self, terms: &[Predicate<'p>], any: bool, holds: bool) -> Condition {
        let mut lists: Vec<(&Field<'p>, CompareOp, Vec<&str>)> = Vec::new();
        let mut conditions = Vec::new();
        let mut flat = Vec::new();
        flatten(terms, any == holds, &mut flat);
        for term in flat {
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
        if any && self.is_led(terms, holds) {
            // SQLite uses several indexes only if each alternative repeats all that its index begins with.
            let of_type = format!("r.tenant = +?1 AND r.type = '{}'", self.kind.name());
            let led = |condition: Condition| condition.within(|sql| format!("({of_type} AND {sql})"));
            conditions = conditions.into_iter().map(led).collect();
        }
        joined(conditions, any)
    }

    /// Returns whether an index leads to the matches of each alternative.
    fn is_led(&self, terms: &[Predicate<'p>], holds: bool) -> bool {
        let is_of_resource = matches!(self.scope, Scope::Elements(Elements::Json));
        is_of_resource && holds && terms.iter().all(|term| led_by(self.kind, term).is_some())
    }

    /// Returns the condition that a value of the field compares so with one of the texts.
    fn texts(&mut self, field: &Field<'p>, op: CompareOp, others: &[&str]) -> String {
        let field = self.in_scope(field);
        let is_value = matches!(&field, Field::Declared { sub: Some(sub), .. } if sub.is("value"));
        let is_range = op == CompareOp::Eq || op == CompareOp::Sw && others.len() == 1;
        self.count(&field, if op == CompareOp::Eq { 1 } else { others.len() }, is_value && is_range);
        if let Some(settled) = self.way(&field, op, others) {
            return settled;
        }
        match others {
            _ if op == CompareOp::Eq => {
                let is_one = match self.is_location(&field) {
                    true => self.is_one(&others.iter().map(|url| resource_path(url)).collect::<Vec<_>>()),
                    false => self.is_one(others),
                };
                self.asked(&field, |value| format!("{value} {is_one}"))
            }
            // Every text ends with the empty text; `substr` from -0 is the whole text.
            others if others.contains(&"") && op.is_substring() => {
                self.some_value(&field, ValueType::Text, |value| format!("{value} IS NOT NULL"))
            }
            [other] if op == CompareOp::Sw => {
                let other = self.needs.one(*other);
                self.asked(&field, |value| compare::range(value, &other))
            }
            [other] => {
                let other = self.needs.one(*other);
                self.some_value(&field, ValueType::Text, |value| compare::texts(value, op, &other))
            }
            others => {
                let others = self.needs.several(others);
                self.some_value(&field, ValueType::Text, |value| {
                    let compares = compare::texts(value, op, "wanted.value");
                    format!("EXISTS (SELECT 1 FROM {others} AS wanted WHERE {compares})")
                })
            }
        }
    }

    /// Returns the condition that some text of the field is as `asked`, by an index if there is one.
    fn asked(&mut self, field: &Field<'p>, asked: impl Fn(&str) -> String) -> String {
        let by_index = indexed(self.kind, field, &asked, self.needs);
        by_index.unwrap_or_else(|| self.some_value(field, ValueType::Text, asked))
    }

    /// Returns the condition on how a user is in a group: directly or through another group.
    fn way(&mut self, field: &Field<'p>, op: CompareOp, others: &[&str]) -> Option<String> {
        match (field, self.scope) {
            (Field::Sub(sub), Scope::Elements(Elements::Groups(way))) if sub.is("type") => {
                Some(if way.compares(op, others) { "1".into() } else { "0".into() })
            }
            (Field::Declared { extension: None, attribute, sub: Some(sub) }, _)
                if self.kind.memberships() == Some(Memberships::Member)
                    && attribute.is("groups")
                    && sub.is("type") =>
            {
                let ways = [(Way::Direct, groups::ANY), (Way::Indirect, groups::ANY_INDIRECT)];
                let ways: Vec<&str> =
                    ways.iter().filter(|(way, _)| way.compares(op, others)).map(|(_, any)| *any).collect();
                Some(if ways.is_empty() { "0".into() } else { format!("({})", ways.join(" OR ")) })
            }
            _ => None,
        }
    }

    /// Counts comparisons with the values of a field.
    fn count(&mut self, field: &Field<'p>, comparisons: usize, is_indexed: bool) {
        let elements = match (field, self.scope) {
            (Field::Declared { extension, attribute, .. }, _) => {
                Elements::of(self.kind, extension.is_some(), attribute)
            }
            (_, Scope::Elements(elements)) => elements,
            (_, Scope::Value { .. }) => Elements::Json,
        };
        match elements {
            Elements::Groups(_) => self.needs.price.compare(groups::TYPE, comparisons),
            // The membership, and the resource that it names; memberships that an index leads to are few.
            Elements::Members if !is_indexed => self.needs.price.walk(2 * comparisons),
            Elements::Members | Elements::Json | Elements::Schemas => {}
        }
        self.needs.price.compare(self.kind.name(), comparisons);
    }

    /// Returns whether the values are URLs of resources; a row has only their paths.
    fn is_location(&self, field: &Field<'_>) -> bool {
        let refers = |elements| matches!(elements, Elements::Members | Elements::Groups(_));
        match (field, self.scope) {
            (Field::Declared { extension: None, attribute, sub: Some(sub) }, _) => {
                attribute.is("meta") && sub.is("location")
                    || refers(Elements::of(self.kind, false, attribute)) && sub.is("$ref")
            }
            (Field::Sub(sub), Scope::Elements(elements)) => refers(elements) && sub.is("$ref"),
            _ => false,
        }
    }

    /// Returns SQL that follows a value and holds if it is one of these.
    fn is_one(&mut self, others: &[&str]) -> String {
        match others {
            [other] => format!("= {}", self.needs.one(*other)),
            others => format!("IN (SELECT value FROM {})", self.needs.several(others)),
        }
    }

    fn compare(&mut self, field: &Field<'p>, op: CompareOp, operand: &Operand) -> String {
        match operand {
            Operand::Text { .. } => self.texts(field, op, &[text(operand)]),
            Operand::Boolean(other) => {
                self.count(field, 1, false);
                let (field, other) = (self.in_scope(field), i32::from(*other));
                self.some_value(&field, ValueType::Boolean, |value| format!("{value} = {other}"))
            }
            Operand::Number(other) => {
                self.count(field, 1, false);
                let (field, other) = (self.in_scope(field), self.needs.one(*other));
                self.some_value(&field, ValueType::Number, |value| compare::numbers(value, op, &other))
            }
            Operand::Instant(other) => {
                self.count(field, 1, false);
                let (field, other) = (self.in_scope(field), self.needs.one(other.0));
                self.some_value(&field, ValueType::Number, |value| compare::instants(value, op, &other))
            }
        }
    }

    /// Returns the condition that the field is present (RFC 7644 table 3, `pr`: a non-empty value, or a non-empty
    /// node within a complex one).
    fn present(&mut self, field: &Field<'p>) -> String {
        let field = self.in_scope(field);
        // One membership is enough to be present.
        let is_display = matches!(&field, Field::Declared { sub: Some(sub), .. } if sub.is("display"));
        self.count(&field, 1, !is_display);
        if let (Some(Memberships::Member), Field::Declared { extension: None, attribute, sub }) =
            (self.kind.memberships(), &field)
            && attribute.is("groups")
            && !sub.is_some_and(|sub| sub.is("display"))
        {
            return groups::ANY.into();
        }
        if let Some(nodes) = nodes(self.kind, &field, self.needs) {
            return format!("EXISTS (SELECT 1 FROM {nodes} AS node WHERE node.atom <> '')");
        }
        match self.source(&field) {
            Source::Scalar(value) => format!("{value} <> ''"),
            Source::Rows { from, value, .. } => format!("EXISTS (SELECT 1 FROM {from}{value} <> '')"),
            Source::Groups(value) => groups::below(&format!("{value} <> ''"), self.needs),
        }
    }

    /// Returns the condition that some value of the field is as `asked`.
    fn some_value(&mut self, field: &Field<'p>, of: ValueType, asked: impl Fn(&str) -> String) -> String {
        match self.source(field) {
            Source::Scalar(value) => asked(&value),
            Source::Rows { from, value, kind, .. } => {
                let typed = kind.map(|kind| of.condition(&kind)).unwrap_or_default();
                format!("EXISTS (SELECT 1 FROM {from}{typed}{})", asked(&value))
            }
            Source::Groups(value) => groups::below(&asked(&value), self.needs),
        }
    }

    /// Returns the condition of a value path: one element matches the whole filter.
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
        if let Elements::Groups(_) = elements {
            return self.group(filter);
        }
        let from = elements.from(&path(extension, attribute), self.kind, self.needs);
        let inner = self.scoped(Scope::Elements(elements), filter);
        let exists =
            inner.within(|inner| format!("EXISTS (SELECT 1 FROM {from} WHERE {}{inner})", elements.join()));
        // If the filter names a `value`, the element is looked up by it before the rest is evaluated.
        let value = Field::Declared { extension, attribute, sub: attribute.sub_attribute("value") };
        let named = named_value(filter).map(|value| self.is_one(&[value]));
        let lookup = named
            .and_then(|is_one| indexed(self.kind, &value, |column| format!("{column} {is_one}"), self.needs));
        match lookup {
            Some(lookup) => exists.within(|exists| format!("({lookup} AND {exists})")),
            None => exists,
        }
    }

    /// Returns the condition of a value path of groups, which may depend on how the user is in the group.
    fn group(&mut self, filter: &Predicate<'p>) -> Condition {
        let mut of = |way: Way| match way.settles(filter) {
            Some(false) => None,
            _ => Some(self.scoped(Scope::Elements(Elements::Groups(way)), filter)),
        };
        let (direct, indirect) = (of(Way::Direct), of(Way::Indirect));
        let needs = &mut *self.needs;
        match (direct, indirect) {
            (Some(direct), Some(indirect)) if direct == indirect => {
                Condition::new(groups::below(&direct.sql, needs))
            }
            (direct, indirect) => {
                let direct = direct.map(|direct| Condition::new(groups::directly(&direct.sql, needs)));
                let indirect =
                    indirect.map(|indirect| Condition::new(groups::indirectly(&indirect.sql, needs)));
                joined(direct.into_iter().chain(indirect), true)
            }
        }
    }

    /// Returns the condition of a value path of a single-valued attribute, whose value is the only element.
    fn only_value(
        &mut self,
        extension: Option<&'p Schema>,
        attribute: &'p Attribute,
        filter: &Predicate<'p>,
    ) -> Condition {
        let whole = Field::Declared { extension, attribute, sub: None };
        let exists = self.some_value(&whole, ValueType::Text, |value| format!("{value} IS NOT NULL"));
        let inner = self.scoped(Scope::Value { extension, attribute }, filter);
        inner.within(|inner| format!("({exists} AND {inner})"))
    }

    fn scoped(&mut self, scope: Scope<'p>, filter: &Predicate<'p>) -> Condition {
        let outer = std::mem::replace(&mut self.scope, scope);
        let inner = self.condition(filter, true);
        self.scope = outer;
        inner
    }

    /// Returns the field as one of the resource, if that is possible.
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
        source(self.kind, field, elements, self.needs)
    }
}

/// Collects the terms; a junction of the same operator is replaced by its own terms.
fn flatten<'f, 'p>(terms: &'f [Predicate<'p>], is_or: bool, flat: &mut Vec<&'f Predicate<'p>>) {
    for term in terms {
        match (term, is_or) {
            (Predicate::Or(inner), true) | (Predicate::And(inner), false) => flatten(inner, is_or, flat),
            _ => flat.push(term),
        }
    }
}

/// Returns the term within any number of `not`, and whether it must hold.
fn without_not<'f, 'p>(term: &'f Predicate<'p>, holds: bool) -> (&'f Predicate<'p>, bool) {
    match term {
        Predicate::Not(inner) => without_not(inner, !holds),
        other => (other, holds),
    }
}

/// Returns the end of a resource's URL, `/Users/2819c223`, whatever base URL the client uses.
fn resource_path(url: &str) -> &str {
    let start = url.rmatch_indices('/').nth(1).map(|(at, _)| at);
    start.and_then(|at| url.get(at..)).unwrap_or(url)
}
