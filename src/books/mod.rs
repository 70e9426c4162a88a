//! The books: balanced entries, only ever added to.
