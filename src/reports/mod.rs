//! Numbers across features. Reads only.
