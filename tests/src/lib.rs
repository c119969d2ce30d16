//! What the project's tool and the tests share.

pub mod page;
