# An administrator's own words in place of the built-in ones.

title = Fresh subject: “{ $title }”
