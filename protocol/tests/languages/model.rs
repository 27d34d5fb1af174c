//! The types of the contract as a client in another language sees them: each once, by a name that
//! is unique, after everything it is made of has been found.

use carewire_protocol::{
    ErrorReply,
    catalog::{self, CommandRow, EventRow},
    schema::{Field, Id, Object, Type, Union, Words},
};
use std::collections::{BTreeMap, BTreeSet};

use crate::names::{Names, Place, place};

/// Every type that commands, replies, events and errors are made of.
pub struct Model {
    names: Names,
    /// What clients write, in which more may be left out.
    sent: BTreeSet<Place>,
    pub objects: BTreeMap<String, &'static Object>,
    pub unions: BTreeMap<&'static str, &'static Union>,
    pub words: BTreeMap<&'static str, &'static Words>,
    pub ids: BTreeMap<&'static str, &'static Id>,
}

impl Model {
    /// The whole contract, as far as clients see it.
    pub fn of_the_contract() -> Self {
        let mut model = Self {
            names: Names::new(&[], |_| true),
            sent: BTreeSet::new(),
            objects: BTreeMap::new(),
            unions: BTreeMap::new(),
            words: BTreeMap::new(),
            ids: BTreeMap::new(),
        };
        for row in Self::commands() {
            model.object(row.data_shape, true);
        }
        for row in Self::commands() {
            model.object(row.reply_shape, false);
        }
        for row in Self::events() {
            model.object(row.shape, false);
        }
        model.object(&ErrorReply::OBJECT, false);
        model
    }

    /// The commands, in the order of the contract.
    pub fn commands() -> impl Iterator<Item = &'static CommandRow> {
        catalog::commands()
    }

    /// The events, in the order of the contract.
    pub fn events() -> impl Iterator<Item = &'static EventRow> {
        catalog::events()
    }

    /// What an object is called.
    pub fn name(&self, object: &Object) -> &str {
        self.names.of(object)
    }

    /// Whether a field of an object may be left out by whoever makes it.
    pub fn may_be_absent(&self, object: &Object, field: &Field) -> bool {
        if self.sent.contains(&place(object)) {
            field.is_optional()
        } else {
            field.is_left_out()
        }
    }

    fn object(&mut self, object: &'static Object, sent: bool) {
        let mut new = sent && self.sent.insert(place(object));
        let name = self.name(object).to_owned();
        if let Some(known) = self.objects.insert(name.clone(), object) {
            assert_eq!(known.module, object.module, "two types called {name}");
        } else {
            new = true;
        }
        if new {
            for field in object.fields() {
                self.ty(field.ty, sent);
            }
        }
    }

    fn ty(&mut self, ty: &'static Type, sent: bool) {
        match ty {
            Type::Optional(inner) | Type::List(inner) => self.ty(inner, sent),
            Type::Map(key, inner) => {
                self.ty(key, sent);
                self.ty(inner, sent);
            }
            Type::Object(object) => self.object(object, sent),
            Type::Union(union) => {
                self.unions.insert(union.name, union);
                for (_, content) in union.variants {
                    self.ty(content, sent);
                }
            }
            Type::Words(words) => drop(self.words.insert(words.name, words)),
            Type::Id(id) => drop(self.ids.insert(id.name, id)),
            _ => {}
        }
    }
}
