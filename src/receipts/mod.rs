//! Receipts: compiled from frozen fields, refused when a rule is not met.
