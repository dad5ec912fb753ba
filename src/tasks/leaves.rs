//! The texts among the variables that are not what they say: templates, and those with commands.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use crate::tasks::mentions;
use crate::tasks::scalar::{Scalar, is_written_plain};
use crate::tasks::task::Text;
use crate::tasks::template;
use crate::tasks::value::Value;
use crate::tasks::yaml::{self, Document, Entry, Flaw, Node, NodeKind, Written};

/// Such a text.
pub(super) struct Leaf<'a> {
    place: Rc<Place<'a>>,
    pub(super) line: usize,
    /// Each of the text's lines is one of the file's.
    literal: bool,
    /// As it stands in the file.
    pub(super) written: &'a str,
    /// What has come of it so far.
    pub(super) text: String,
    /// What comes of it is read as YAML again: `$(echo 5)` is a number.
    plain: bool,
    /// Why it could not be filled in.
    pub(super) flaw: Option<Flaw>,
    /// It leads back to itself.
    pub(super) is_circle: bool,
}

/// Where a leaf is. What is above it, it has in common with others.
struct Place<'a> {
    above: Option<Rc<Place<'a>>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, PartialEq)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Leaf<'a> {
    /// Appends those of a variable, in the order in which they stand.
    pub(super) fn find(entry: &'a Entry, leaves: &mut Vec<Self>) {
        let place = Place { above: None, step: Step::Key(&entry.key.text) };
        Self::find_below(&entry.value, &Rc::new(place), leaves);
    }

    fn find_below(node: &'a Node, place: &Rc<Place<'a>>, leaves: &mut Vec<Self>) {
        let below = |step| Rc::new(Place { above: Some(Rc::clone(place)), step });
        match &node.kind {
            NodeKind::Scalar(written) if is_leaf(written) => leaves.push(Self {
                place: Rc::clone(place),
                line: node.line,
                literal: written.literal,
                written: &written.text,
                text: written.text.clone(),
                plain: is_written_plain(&written.text),
                flaw: None,
                is_circle: false,
            }),
            NodeKind::Scalar(_) => {}
            NodeKind::List(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    Self::find_below(node, &below(Step::Index(index)), leaves);
                }
            }
            NodeKind::Map(entries) => {
                for entry in entries.iter() {
                    Self::find_below(&entry.value, &below(Step::Key(&entry.key.text)), leaves);
                }
            }
        }
    }

    fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        let mut place = Some(&self.place);
        while let Some(here) = place {
            steps.push(here.step);
            place = here.above.as_ref();
        }
        steps.reverse();
        steps
    }

    /// `hosts.prod`.
    pub(super) fn name(&self) -> String {
        let step = |step: Step<'_>| match step {
            Step::Key(key) => key.to_owned(),
            Step::Index(index) => index.to_string(),
        };
        self.steps().into_iter().map(step).collect::<Vec<_>>().join(".")
    }

    pub(super) fn is_template(&self) -> bool {
        template::is_template(self.written)
    }

    /// It as it stands in the file.
    pub(super) fn as_text(&self) -> Text {
        Text { text: self.written.to_owned(), line: self.line, literal: self.literal }
    }

    /// What a text that came of it means.
    fn read(&self, text: &str) -> Value {
        if !self.plain {
            return Value::text(text);
        }
        let text = text.trim();
        let is_more = text.starts_with(['[', '{', '"', '\'']);
        match is_more.then(|| yaml::read(text)) {
            Some(Ok(Document { root: Some(node), .. })) => Value::of(&node),
            _ => Value::Scalar(Scalar::read(text)),
        }
    }
}

fn is_leaf(written: &Written) -> bool {
    (template::is_template(&written.text) || written.text.contains("$("))
        && matches!(written.meaning(), Scalar::Text(_))
}

/// The value of a variable whose leaves these are.
pub(super) fn value(entry: &Entry, leaves: &[Leaf<'_>]) -> Value {
    value_below(&entry.value, &mut leaves.iter())
}

fn value_below<'l, 'a: 'l>(node: &Node, leaves: &mut impl Iterator<Item = &'l Leaf<'a>>) -> Value {
    match &node.kind {
        NodeKind::Scalar(written) => match is_leaf(written).then(|| leaves.next()).flatten() {
            Some(leaf) => leaf.read(&leaf.text),
            None => Value::Scalar(written.meaning()),
        },
        NodeKind::List(nodes) => {
            Value::List(nodes.iter().map(|node| value_below(node, leaves)).collect())
        }
        NodeKind::Map(entries) => {
            let mut entry =
                |entry: &Entry| (entry.key.text.clone(), value_below(&entry.value, leaves));
            Value::Map(entries.iter().map(&mut entry).collect())
        }
    }
}

/// The way from a leaf over others to itself, `a → b → a`; nothing where no paths lead along it,
/// or it is not soon found.
pub(super) fn way_back(leaves: &[Leaf<'_>], start: usize) -> Option<String> {
    const MOST_LOOKS: usize = 100_000;
    let mut of_variable: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| leaf.is_template()) {
        if let Some(Step::Key(variable)) = leaf.steps().first() {
            of_variable.entry(variable).or_default().push(at);
        }
    }
    let mut looks = 0;
    // Breadth first, so that the way is a short one. Each is reached from the one that is kept.
    let mut reached_from = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        for path in mentions::paths(leaves[from].written) {
            let candidates = path.first().and_then(|variable| of_variable.get(variable));
            for &at in candidates.into_iter().flatten() {
                looks += 1;
                if looks > MOST_LOOKS {
                    return None;
                }
                let steps = leaves[at].steps();
                let leads_to = path.len() <= steps.len()
                    && path.iter().zip(&steps).all(|(key, step)| *step == Step::Key(key));
                if !leads_to {
                    continue;
                }
                if at == start {
                    return (from != start).then(|| way(leaves, &reached_from, start, from));
                }
                reached_from.entry(at).or_insert_with(|| {
                    queue.push_back(at);
                    from
                });
            }
        }
    }
    None
}

fn way(
    leaves: &[Leaf<'_>],
    reached_from: &HashMap<usize, usize>,
    start: usize,
    last: usize,
) -> String {
    let mut way = vec![leaves[start].name(), leaves[last].name()];
    let mut before = last;
    while let Some(at) = reached_from.get(&before) {
        before = *at;
        way.push(leaves[before].name());
    }
    way.reverse();
    way.join(" → ")
}
