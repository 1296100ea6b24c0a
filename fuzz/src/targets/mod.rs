//! One file each: what is read, and what must hold of it.

pub mod answer;
pub mod border;
pub mod command;
pub mod config;
pub mod event;
pub mod file;
pub mod html;
pub mod mail;
pub mod transaction;
pub mod typed;
mod world;
