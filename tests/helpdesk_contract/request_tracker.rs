//! Claims about Request Tracker alone.
