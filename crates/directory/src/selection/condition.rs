//! What a filter asks of the values, as SQL.

use scim::{CompareOp, Field, Kind, Operand, Predicate};

use super::Literals;
use super::field::{Elements, Source, source};

/// The condition that a filter makes on `r`.
pub(super) fn condition(kind: Kind, filter: &Predicate<'_>, literals: &mut Literals) -> String {
    Writer { kind, elements: Elements::Json, literals }.condition(filter)
}

struct Writer<'w> {
    kind: Kind,
    /// What the elements are that [`Field::Sub`] speaks of.
    elements: Elements,
    literals: &'w mut Literals,
}

impl Writer<'_> {
    fn condition(&mut self, filter: &Predicate<'_>) -> String {
        match filter {
            Predicate::And(terms) => {
                let terms = terms.iter().map(|term| self.condition(term)).collect();
                joined(terms, " AND ")
            }
            Predicate::Or(terms) => self.any_of(terms),
            // A comparison with nothing is NULL, and `not` of it true (see `Predicate::Compare`).
            Predicate::Not(term) => format!("NOT coalesce({}, 0)", self.condition(term)),
            Predicate::Present { field } => self.present(field),
            Predicate::Compare { field, op, operand } => self.compare(field, *op, operand),
            Predicate::Element { extension, attribute, filter } => {
                let outer = self.elements;
                self.elements = Elements::of(self.kind, extension.is_some(), attribute);
                let urn = extension.map(|schema| schema.id.as_str());
                let path: Vec<&str> = urn.into_iter().chain([attribute.name.as_str()]).collect();
                let from = self.elements.from(&path, self.literals);
                let join = self.elements.join();
                let inner = self.condition(filter);
                let exists = format!("EXISTS (SELECT 1 FROM {from} WHERE {join}{inner})");
                let narrowed = self.narrowed(extension.is_none() && attribute.is("emails"), filter, exists);
                self.elements = outer;
                narrowed
            }
        }
    }

    /// Equalities of one field with many values are one term, so that a long list meets no limit of depth.
    fn any_of(&mut self, terms: &[Predicate<'_>]) -> String {
        let mut lists: Vec<(&Field<'_>, Vec<String>)> = Vec::new();
        let mut conditions = Vec::new();
        for term in terms {
            match term {
                Predicate::Compare { field, op: CompareOp::Eq, operand: operand @ Operand::Text { .. } } => {
                    let text = text(operand).to_string();
                    match lists.iter_mut().find(|(of, _)| *of == field) {
                        Some((_, texts)) => texts.push(text),
                        None => lists.push((field, vec![text])),
                    }
                }
                other => conditions.push(self.condition(other)),
            }
        }
        for (field, texts) in lists {
            conditions.push(self.equals(field, texts));
        }
        joined(conditions, " OR ")
    }

    /// The field has one of the texts as a value.
    fn equals(&mut self, field: &Field<'_>, mut texts: Vec<String>) -> String {
        let is_one = match texts.len() {
            1 => format!("= {}", self.literals.one(texts.pop().unwrap_or_default())),
            _ => format!("IN ({})", self.literals.several(texts)),
        };
        if let Some(lookup) = indexed(self.kind, field, &is_one) {
            return lookup;
        }
        self.some_value(field, Asked::Text, |value| format!("{value} {is_one}"))
    }

    fn compare(&mut self, field: &Field<'_>, op: CompareOp, operand: &Operand) -> String {
        match operand {
            Operand::Text { .. } if op == CompareOp::Eq => {
                self.equals(field, vec![text(operand).to_string()])
            }
            Operand::Text { .. } => {
                let other = text(operand);
                if other.is_empty() && op.is_substring() {
                    return self.some_value(field, Asked::Text, |value| format!("{value} IS NOT NULL"));
                }
                let other = self.literals.one(other);
                self.some_value(field, Asked::Text, |value| text_compares(value, op, &other))
            }
            Operand::Boolean(other) => {
                let other = i32::from(*other);
                self.some_value(field, Asked::Boolean, |value| format!("{value} = {other}"))
            }
            Operand::Number(other) => {
                let other = self.literals.one(*other);
                self.some_value(field, Asked::Number, |value| format!("{value} {} {other}", symbol(op)))
            }
            Operand::Instant(other) => {
                let other = self.literals.one(other.0);
                self.some_value(field, Asked::Number, |value| format!("{value} {} {other}", symbol(op)))
            }
        }
    }

    fn present(&mut self, field: &Field<'_>) -> String {
        self.some_value(field, Asked::Anything, |value| format!("{value} IS NOT NULL"))
    }

    /// Some value of the field meets `asked`.
    fn some_value(&mut self, field: &Field<'_>, of: Asked, asked: impl Fn(&str) -> String) -> String {
        match source(self.kind, field, self.elements, self.literals) {
            Source::Scalar(value) => asked(&value),
            Source::Rows { from, value, kind } => {
                let typed = kind.map(|kind| of.condition(&kind)).unwrap_or_default();
                format!("EXISTS (SELECT 1 FROM {from}{typed}{})", asked(&value))
            }
        }
    }

    /// A value path on e-mails that names an address is looked up by it before the rest is asked.
    fn narrowed(&mut self, is_emails: bool, filter: &Predicate<'_>, exists: String) -> String {
        match is_emails.then(|| named_value(filter)).flatten() {
            Some(address) => {
                let address = self.literals.one(address);
                format!("({} AND {exists})", by_email(&format!("= {address}")))
            }
            None => exists,
        }
    }
}

/// Equality with an attribute that an index of another table leads to.
fn indexed(kind: Kind, field: &Field<'_>, is_one: &str) -> Option<String> {
    let Field::Declared { extension: None, attribute, sub: Some(sub) } = field else { return None };
    match (kind, attribute.name.as_str(), sub.name.as_str()) {
        (Kind::User, "emails", "value") => Some(by_email(is_one)),
        (Kind::Group, "members", "value") => Some(format!(
            "r.id IN (SELECT m.group_id FROM memberships AS m WHERE m.tenant = ?1 AND m.member_id {is_one})"
        )),
        // Down from the group, through the groups within it.
        (Kind::User, "groups", "value") => Some(format!(
            "r.id IN (WITH RECURSIVE down (id) AS (\
             SELECT m.member_id FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id {is_one} \
             UNION SELECT m.member_id FROM down CROSS JOIN memberships AS m ON m.tenant = ?1 AND m.group_id = down.id) \
             SELECT id FROM down)"
        )),
        _ => None,
    }
}

fn by_email(is_one: &str) -> String {
    format!("r.id IN (SELECT resource_id FROM emails WHERE tenant = ?1 AND value {is_one})")
}

/// The `value` that every element has to have that meets the filter.
fn named_value(filter: &Predicate<'_>) -> Option<String> {
    match filter {
        Predicate::And(terms) => terms.iter().find_map(named_value),
        Predicate::Compare {
            field: Field::Sub(sub),
            op: CompareOp::Eq,
            operand: operand @ Operand::Text { .. },
        } if sub.is("value") => Some(text(operand).to_string()),
        _ => None,
    }
}

/// The text in the form in which the column or JSON has it.
fn text(operand: &Operand) -> &str {
    match operand {
        Operand::Text { exact, case_exact: true, .. } => exact,
        Operand::Text { folded, .. } => folded,
        _ => "",
    }
}

/// What kind of value is asked for, where no schema has settled it.
#[derive(Clone, Copy)]
enum Asked {
    Text,
    Boolean,
    Number,
    Anything,
}

impl Asked {
    /// SQLite orders values of different types and takes `true` for 1; a filter does not.
    fn condition(self, kind: &str) -> String {
        match self {
            Asked::Text => format!("{kind} = 'text' AND "),
            Asked::Boolean => format!("{kind} IN ('true', 'false') AND "),
            Asked::Number => format!("{kind} IN ('integer', 'real') AND "),
            Asked::Anything => String::new(),
        }
    }
}

fn text_compares(value: &str, op: CompareOp, other: &str) -> String {
    match op {
        // Not LIKE, whose patterns D1 limits to 50 bytes.
        CompareOp::Co => format!("instr({value}, {other}) > 0"),
        CompareOp::Sw => format!("substr({value}, 1, length({other})) = {other}"),
        CompareOp::Ew => format!("substr({value}, -length({other})) = {other}"),
        op => format!("{value} {} {other}", symbol(op)),
    }
}

fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Ne => "<>",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Eq | CompareOp::Co | CompareOp::Sw | CompareOp::Ew => "=",
    }
}

/// The terms with an operator between, as a balanced tree: D1 limits the depth of expressions to 100.
fn joined(mut terms: Vec<String>, operator: &str) -> String {
    while terms.len() > 1 {
        let mut pairs = terms.into_iter();
        let mut next = Vec::new();
        while let Some(first) = pairs.next() {
            next.push(match pairs.next() {
                Some(second) => format!("({first}{operator}{second})"),
                None => first,
            });
        }
        terms = next;
    }
    terms.pop().unwrap_or_else(|| "0".into())
}
