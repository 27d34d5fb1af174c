//! JSON as a session has it: checked, cut and written as text. It looks at few fields of many payloads
//! and writes a few small commands of its own. To derive a type for each would be most of what a page
//! downloads, and so would serde's way to take an object apart (decision 0020).

mod check;
mod cut;
mod write;

pub(crate) use check::is_json;
pub(crate) use cut::{Fields, Json};
pub(crate) use write::Object;
