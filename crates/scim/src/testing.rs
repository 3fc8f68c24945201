//! What the unit tests share: the registry of this build, and its two types.

use std::sync::LazyLock;

use crate::{Kind, Registry};

pub(crate) static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

pub(crate) fn user() -> Kind {
    REGISTRY.kind("User").unwrap()
}

pub(crate) fn group() -> Kind {
    REGISTRY.kind("Group").unwrap()
}
