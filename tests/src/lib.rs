//! What the project's tool and the tests share.

#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "page")]
pub mod smaller;
