//! Small ordered tables. A session holds a few rooms, timers and commands: sorted vectors serve
//! them as well as trees, and are a fifth of the code that a page downloads.

use litemap::LiteMap;
use std::borrow::Borrow;

/// Values by key, in the order of the keys.
pub(super) type Table<K, V> = LiteMap<K, V>;

/// Keys, in their order.
#[derive(Debug)]
pub(super) struct Set<K>(LiteMap<K, ()>);

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(LiteMap::new_vec())
    }
}

impl<K: Ord> Set<K> {
    pub(super) fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ()).is_none()
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.remove(key).is_some()
    }

    pub(super) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first(&self) -> Option<&K> {
        self.0.first().map(|(key, ())| key)
    }

    pub(super) fn into_keys(self) -> impl Iterator<Item = K> {
        self.0.into_iter().map(|(key, ())| key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, ())| key)
    }
}
