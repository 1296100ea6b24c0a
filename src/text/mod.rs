//! Formatted text in and out: HTML, Markdown and plain text to and from the `RichText` tree. Pure.
