//! Convener: the membership and donations manager for coalitions of NGOs.
pub mod db;
pub mod kernel;
pub mod web;
